import { KdeployError } from '../../errors.js';
import { readBeginning, readBody, tooLarge } from './body.js';
import type { Clock } from './clock.js';
import { systemClock } from './clock.js';
import { ConnectionError, connectionErrorOf, Misled } from './connection-error.js';
import { HttpWire } from './http-wire.js';
import { OutgoingStream, type SentStream } from './outgoing-stream.js';
import { headersFor, MAXIMUM_REDIRECTS, redirectOf } from './redirect.js';
import { RegistryError, readProblems } from './registry-error.js';
import { DEFAULT_RETRY, parseRetryAfter, waitForRetry, withRetry, type RetryPolicy } from './retry.js';
import { whileMoving } from './while-moving.js';
import type { AnswerHeaders, Wire, WireAnswer, WireRequest } from './wire.js';

export interface TransportOptions {
  /** How requests travel; by default by HTTP. */
  readonly wire?: Wire;
  readonly clock?: Clock;
  /** Between 0 and 1, for the jitter. */
  readonly random?: () => number;
  readonly retry?: RetryPolicy;
  /** Until the answer's head is there. */
  readonly headTimeoutMs?: number;
  /** Until all of it is there. */
  readonly totalTimeoutMs?: number;
  /** Of a layer, while none of its bytes move. */
  readonly idleTimeoutMs?: number;
  /** Ctrl-C. */
  readonly signal?: AbortSignal;
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
  /** What must not be quoted, should the server repeat it. */
  readonly secrets?: readonly string[];
}

export interface Reply {
  readonly status: number;
  readonly headers: AnswerHeaders;
  readonly body: Buffer;
  /** The body instead, where it was asked for as a stream. What breaks it off is a ConnectionError. */
  readonly stream?: AsyncIterable<Uint8Array>;
  /** Where the answer came from, redirects followed. */
  readonly url: URL;
}

const MAXIMUM_ERROR_BYTES = 64 * 1024;

/**
 * One request and its answer: timeouts, retries, limits, and errors that say which of them it was. Knows nothing of
 * credentials: the Authorization header is given per request, and left out on a redirect to another origin, so that a
 * blob store never sees the registry's token.
 */
export class Transport {
  readonly #options: Required<Omit<TransportOptions, 'signal'>>;
  readonly #signal: AbortSignal | undefined;

  constructor(options: TransportOptions = {}) {
    this.#options = {
      wire: options.wire ?? new HttpWire(),
      clock: options.clock ?? systemClock,
      random: options.random ?? Math.random,
      retry: options.retry ?? DEFAULT_RETRY,
      headTimeoutMs: options.headTimeoutMs ?? 20_000,
      totalTimeoutMs: options.totalTimeoutMs ?? 60_000,
      idleTimeoutMs: options.idleTimeoutMs ?? 60_000,
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
    const { method, expect, maximumBytes, body: sent } = request;
    const { headTimeoutMs, totalTimeoutMs, idleTimeoutMs } = this.#options;
    const timeout = new AbortController();
    const stop = () => timeout.abort();
    // A layer takes as long as it takes; after its last byte, a registry may need as long to commit it.
    const total = isStream(sent) ? undefined : setTimeout(stop, totalTimeoutMs);
    let untilMoved = setTimeout(stop, isStream(sent) ? idleTimeoutMs : headTimeoutMs);
    let isOver = false;
    const whenMoved = (isLast: boolean) => {
      // A registry may answer before it has all; a timer that begins after that would keep the process.
      if (isOver) return;
      clearTimeout(untilMoved);
      untilMoved = setTimeout(stop, isLast ? totalTimeoutMs : idleTimeoutMs);
    };
    let at = request.url;
    const failed = (error: unknown): Error => {
      if (error instanceof RegistryError || error instanceof KdeployError) return error;
      if (timeout.signal.aborted) return new ConnectionError('timeout', method, at.href, undefined);
      return connectionErrorOf(error, method, at.href);
    };
    const outgoing = isStream(sent) ? new OutgoingStream(sent) : undefined;
    const body = isStream(sent) ? outgoing?.chunks() : bytesOf(sent);
    const signal = this.#signal === undefined ? timeout.signal : AbortSignal.any([timeout.signal, this.#signal]);
    try {
      const asked: WireRequest = {
        method,
        url: at,
        headers: {
          'User-Agent': 'kdeploy',
          'Accept-Encoding': 'identity',
          ...(isStream(sent) && { 'Content-Length': String(sent.size) }),
          ...request.headers,
        },
        ...(body !== undefined && { body }),
        signal,
        onMoved: () => whenMoved(outgoing?.isRead ?? true),
      };
      const answer = await this.#follow(asked, (url) => (at = url));
      isOver = true;
      clearTimeout(untilMoved);
      untilMoved = setTimeout(stop, totalTimeoutMs);
      if (!expect.includes(answer.status)) throw await this.#refusal(request, answer, at);
      const { status, headers } = answer;
      const head = { status, headers, url: at };
      if (request.streams === true && (status === 200 || status === 206))
        return { ...head, body: Buffer.alloc(0), stream: whileMoving(answer.body, idleTimeoutMs, stop, failed) };
      const read = await readBody(answer.body, maximumBytes);
      if (read === undefined) throw tooLarge(`the answer of ${request.url.host}`, maximumBytes);
      return { ...head, body: read };
    } catch (error) {
      // It is not the connection that failed, but what was to be sent.
      if (outgoing?.failure !== undefined) throw outgoing.failure.reason;
      throw failed(error);
    } finally {
      isOver = true;
      clearTimeout(untilMoved);
      clearTimeout(total);
    }
  }

  /** What was sent is not sent again to whatever host an answer names: a form may have a password in it. */
  async #follow(first: WireRequest, onRedirect: (to: URL) => void): Promise<WireAnswer> {
    const { wire } = this.#options;
    let asked = first;
    for (let count = 0; ; count++) {
      const answer = await wire.exchange(asked);
      const isRead = asked.method === 'GET' || asked.method === 'HEAD';
      const next = isRead ? redirectOf(answer, asked.url) : undefined;
      if (next === undefined) return answer;
      // Read, so that the connection is of use again.
      await readBeginning(answer.body, MAXIMUM_ERROR_BYTES);
      if (count >= MAXIMUM_REDIRECTS) throw new Misled('the redirects go in a circle');
      asked = { ...asked, url: next, headers: headersFor(next, asked.url, asked.headers) };
      onRedirect(next);
    }
  }

  async #refusal({ method, secrets = [] }: TransportRequest, answer: WireAnswer, url: URL): Promise<RegistryError> {
    const body = await readBeginning(answer.body, MAXIMUM_ERROR_BYTES);
    return new RegistryError({
      status: answer.status,
      method,
      url: url.href,
      problems: readProblems(body, answer.headers.get('content-type'), secrets),
      retryAfterMs: parseRetryAfter(answer.headers.get('retry-after'), this.#options.clock.now()),
    });
  }
}

function isStream(body: TransportRequest['body']): body is SentStream {
  return typeof body === 'object' && 'chunks' in body;
}

function bytesOf(body: string | Uint8Array | undefined): Uint8Array | undefined {
  return typeof body === 'string' ? Buffer.from(body) : body;
}
