import { availableParallelism, loadavg } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';

const intervalMilliseconds = 100;

export interface WaitOptions {
  /** What is waited for, as the subject of the error: "the Docker Engine does not answer". */
  readonly description: string;
  /** On an idle machine; a busy one gets as much more as it is busier than its CPUs. */
  readonly seconds: number;
  /** Resolves with a reason when waiting has become pointless, such as the server's exit. */
  readonly hopeless?: Promise<string>;
}

/** Asks `probe` again and again until it answers true; a probe that throws has not answered yet. */
export async function waitUntil(probe: () => Promise<boolean>, options: WaitOptions): Promise<void> {
  const begin = performance.now();
  let reason: string | undefined;
  let last = '';
  void options.hopeless?.then((text) => (reason = text));
  for (;;) {
    try {
      if (await probe()) return;
    } catch (error) {
      last = `: ${error instanceof Error ? error.message : String(error)}`;
    }
    if (reason !== undefined) throw new Error(`${options.description}: ${reason}`);
    const waited = (performance.now() - begin) / 1000;
    if (waited > options.seconds * slowness())
      throw new Error(`${options.description} after ${Math.round(waited)} s${last}`);
    await delay(intervalMilliseconds);
  }
}

function slowness(): number {
  const [lastMinute = 0] = loadavg();
  return Math.max(1, lastMinute / availableParallelism());
}

/** Whether an HTTP GET is answered with one of the statuses. */
export async function answers(url: string, ...statuses: number[]): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(5000), redirect: 'manual' });
  await response.body?.cancel();
  return statuses.includes(response.status);
}
