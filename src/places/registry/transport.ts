import { Readable } from 'node:stream';
import { KdeployError } from '../../errors.js';
import { readBeginning, readBody, tooLarge } from './body.js';
import type { Clock } from './clock.js';
import { systemClock } from './clock.js';
import { ConnectionError, connectionErrorOf } from './connection-error.js';
import { RegistryError, readProblems } from './registry-error.js';
import { DEFAULT_RETRY, parseRetryAfter, waitForRetry, withRetry, type RetryPolicy } from './retry.js';

export interface TransportOptions {
  readonly fetch?: typeof fetch;
  readonly clock?: Clock;
  /** Between 0 and 1, for the jitter. */
  readonly random?: () => number;
  readonly retry?: RetryPolicy;
  /** Until the answer's head is there. */
  readonly headTimeoutMs?: number;
  /** Until all of it is there. */
  readonly totalTimeoutMs?: number;
  /** Ctrl-C. */
  readonly signal?: AbortSignal;
}

/** A body that is sent as it is read. Its request is tried once: only who made the stream can make another. */
export interface SentStream {
  readonly size: number;
  readonly chunks: AsyncIterable<Uint8Array>;
}

export interface TransportRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH';
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer> | SentStream;
  /** The statuses that the caller can work with; any other one is an error. */
  readonly expect: readonly number[];
  readonly maximumBytes: number;
  /** Leaves the body of a 200 or 206 to the caller, who reads it as it comes, in place of `maximumBytes` of it in memory. */
  readonly streams?: boolean;
  /** `refuse` for a body with a secret in it: on 307 and 308 fetch would send it along to whatever host is named. */
  readonly redirects?: 'follow' | 'refuse';
  /** What must not be quoted, should the server repeat it. */
  readonly secrets?: readonly string[];
}

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
  /** The body instead, where it was asked for as a stream. What breaks it off is fetch's error. */
  readonly stream?: AsyncIterable<Uint8Array>;
  /** Where the answer came from, redirects followed. */
  readonly url: URL;
}

const MAXIMUM_ERROR_BYTES = 64 * 1024;
/** So much of a stream is handed over at once: whether anything moves can be seen on a slow line, too. */
const STEP_BYTES = 64 * 1024;

/**
 * One request and its answer: timeouts, retries, limits, and errors that say which of them it was. Knows nothing of
 * credentials: the Authorization header is given per request, and fetch drops it on a redirect to another origin
 * (Fetch standard, HTTP-redirect fetch), so that a blob store never sees the registry's token.
 */
export class Transport {
  readonly #options: Required<Omit<TransportOptions, 'signal'>>;
  readonly #signal: AbortSignal | undefined;

  constructor(options: TransportOptions = {}) {
    this.#options = {
      fetch: options.fetch ?? fetch,
      clock: options.clock ?? systemClock,
      random: options.random ?? Math.random,
      retry: options.retry ?? DEFAULT_RETRY,
      headTimeoutMs: options.headTimeoutMs ?? 20_000,
      totalTimeoutMs: options.totalTimeoutMs ?? 60_000,
    };
    this.#signal = options.signal;
  }

  get clock(): Clock {
    return this.#options.clock;
  }

  /** Waits for the next try of what broke off; throws the error where there is to be none, and when the signal is aborted. */
  async again(error: ConnectionError | RegistryError, attempt: number): Promise<void> {
    const { retry: policy, clock, random } = this.#options;
    await this.#unlessInterrupted(() => waitForRetry(error, attempt, { policy, clock, random, signal: this.#signal }));
  }

  /** Waits for between half of this time and all of it, so that two who wait for each other do not go on in step. */
  async pause(ms: number): Promise<void> {
    const { clock, random } = this.#options;
    await this.#unlessInterrupted(() => clock.sleep(ms * (0.5 + random() / 2), this.#signal));
  }

  /** Throws RegistryError or ConnectionError; KdeployError `interrupted` when the signal is aborted. */
  async send(request: TransportRequest): Promise<Reply> {
    const { retry: policy, clock, random } = this.#options;
    const isRetryable = (error: unknown): error is RegistryError | ConnectionError =>
      !isStream(request.body) && (error instanceof RegistryError || error instanceof ConnectionError);
    return this.#unlessInterrupted(() =>
      withRetry(() => this.#once(request), isRetryable, { policy, clock, random, signal: this.#signal }),
    );
  }

  /** What fails after Ctrl-C fails because of it. */
  async #unlessInterrupted<Value>(action: () => Promise<Value>): Promise<Value> {
    try {
      this.#signal?.throwIfAborted();
      return await action();
    } catch (error) {
      if (this.#signal?.aborted === true) throw new KdeployError('interrupted', 'interrupted');
      throw error;
    }
  }

  async #once(request: TransportRequest): Promise<Reply> {
    const { method, expect, maximumBytes } = request;
    const url = request.url.href;
    const timeout = new AbortController();
    const stop = () => timeout.abort();
    const { body: sent } = request;
    // A layer takes as long as it takes; after its last byte, a registry may need as long to commit it.
    const total = isStream(sent) ? undefined : setTimeout(stop, this.#options.totalTimeoutMs);
    let untilHead = setTimeout(stop, isStream(sent) ? this.#options.totalTimeoutMs : this.#options.headTimeoutMs);
    let isOver = false;
    const whenMoved = () => {
      // A registry may answer before it has all; a timer that begins after that would keep the process.
      if (isOver) return;
      clearTimeout(untilHead);
      untilHead = setTimeout(stop, this.#options.totalTimeoutMs);
    };
    let unreadable: { readonly reason: unknown } | undefined;
    const whenUnreadable = (reason: unknown) => {
      unreadable = { reason };
    };
    try {
      const response = await this.#options.fetch(url, {
        method,
        headers: {
          'User-Agent': 'kdeploy',
          ...(isStream(sent) && { 'Content-Length': String(sent.size) }),
          ...request.headers,
        },
        redirect: request.redirects === 'refuse' || isStream(sent) ? 'manual' : 'follow',
        signal: this.#signal === undefined ? timeout.signal : AbortSignal.any([timeout.signal, this.#signal]),
        ...bodyOf(sent, whenMoved, whenUnreadable),
      });
      clearTimeout(untilHead);
      if (!expect.includes(response.status)) throw await this.#refusal(request, response);
      const { status, headers } = response;
      const head = { status, headers, url: new URL(response.url || url) };
      // A layer takes as long as it takes; fetch itself gives up where nothing comes for minutes.
      if (request.streams === true && (status === 200 || status === 206))
        return { ...head, body: Buffer.alloc(0), stream: response.body ?? Readable.from([]) };
      const body = await readBody(response, maximumBytes);
      if (body === undefined) throw tooLarge(`the answer of ${request.url.host}`, maximumBytes);
      return { ...head, body };
    } catch (error) {
      // It is not the connection that failed, but what was to be sent.
      if (unreadable !== undefined) throw unreadable.reason;
      if (error instanceof RegistryError || error instanceof KdeployError) throw error;
      if (timeout.signal.aborted) throw new ConnectionError('timeout', method, url, undefined);
      throw connectionErrorOf(error, method, url);
    } finally {
      isOver = true;
      clearTimeout(untilHead);
      clearTimeout(total);
    }
  }

  async #refusal({ method, url, secrets = [] }: TransportRequest, response: Response): Promise<RegistryError> {
    const body = await readBeginning(response, MAXIMUM_ERROR_BYTES);
    return new RegistryError({
      status: response.status,
      method,
      url: response.url || url.href,
      problems: readProblems(body, response.headers.get('content-type'), secrets),
      retryAfterMs: parseRetryAfter(response.headers.get('retry-after'), this.#options.clock.now()),
    });
  }
}

function isStream(body: TransportRequest['body']): body is SentStream {
  return typeof body === 'object' && 'chunks' in body;
}

function bodyOf(
  body: TransportRequest['body'],
  whenMoved: () => void,
  whenUnreadable: (reason: unknown) => void,
): RequestInit {
  if (body === undefined) return {};
  if (!isStream(body)) return { body };
  async function* chunks({ chunks: all, size }: SentStream): AsyncGenerator<Uint8Array> {
    let sent = 0;
    try {
      for await (const chunk of all) {
        sent += chunk.length;
        if (sent > size) throw notAsAnnounced(size);
        for (let start = 0; start < chunk.length; start += STEP_BYTES) {
          yield chunk.subarray(start, start + STEP_BYTES);
          whenMoved();
        }
      }
      if (sent < size) throw notAsAnnounced(size);
    } catch (error) {
      whenUnreadable(error);
      throw error;
    }
  }
  // Node's fetch takes any async iterable, which the DOM's types do not know.
  return { body: chunks(body), duplex: 'half' };
}

/** Checked here: of a body that is longer than its header says, Node 20's fetch sends a part, or waits for ever. */
function notAsAnnounced(size: number): KdeployError {
  return new KdeployError('push-failed', `what was to be sent does not have the ${size} bytes that it should have`, {
    hint: 'it may have been changed while it was sent: push again',
  });
}
