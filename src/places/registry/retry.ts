import type { Clock } from './clock.js';

export interface RetryPolicy {
  /** In all, the first included. */
  readonly attempts: number;
  readonly firstDelayMs: number;
  /** A server that asks for more patience than this gets none: the user should hear of it instead. */
  readonly maximumDelayMs: number;
}

export const DEFAULT_RETRY: RetryPolicy = { attempts: 4, firstDelayMs: 500, maximumDelayMs: 60_000 };

export interface RetryOptions {
  readonly policy: RetryPolicy;
  readonly clock: Clock;
  /** Between 0 and 1, for the jitter. */
  readonly random: () => number;
  readonly signal?: AbortSignal | undefined;
}

/** What the retry needs to know of an error. */
interface Retryable {
  attempts: number;
  readonly retryAfterMs?: number | undefined;
  temporary(): boolean;
}

/**
 * Tries again after temporary failures, with doubling delays. Each delay is drawn between half of it and all of it, so
 * that a hundred CI jobs that failed together do not come back together. Retry-After goes before the own delay.
 */
export async function withRetry<Value>(
  action: () => Promise<Value>,
  isRetryable: (error: unknown) => error is Retryable & Error,
  how: RetryOptions,
): Promise<Value> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await action();
    } catch (error) {
      if (!isRetryable(error)) throw error;
      await waitForRetry(error, attempt, how);
    }
  }
}

/** The wait after the attempt that failed; throws its error where no other one makes sense. */
export async function waitForRetry(
  error: Retryable & Error,
  attempt: number,
  { policy, clock, random, signal }: RetryOptions,
): Promise<void> {
  error.attempts = attempt;
  if (attempt >= policy.attempts || !error.temporary()) throw error;
  const own = policy.firstDelayMs * 2 ** (attempt - 1) * (0.5 + random() / 2);
  const delay = Math.max(own, error.retryAfterMs ?? 0);
  if (delay > policy.maximumDelayMs) throw error;
  await clock.sleep(delay, signal);
}

/** Retry-After (RFC 9110, 10.2.3): seconds, or a date. `undefined` for none or nonsense. */
export function parseRetryAfter(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  if (/^\s*\d{1,9}\s*$/.test(header)) return Number(header) * 1000;
  // Only HTTP's own form of dates: Date.parse takes "-1" for a year.
  const date = /^\s*\w{3,9}, .* GMT\s*$/.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
