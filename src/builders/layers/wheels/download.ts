import { createHash } from 'node:crypto';
import { KdeployError } from '../../../errors.js';
import { readBeginning } from '../../../places/registry/body.js';
import type { Clock } from '../../../places/registry/clock.js';
import { ConnectionError, connectionErrorOf, Misled } from '../../../places/registry/connection-error.js';
import { headersFor, MAXIMUM_REDIRECTS, redirectOf } from '../../../places/registry/redirect.js';
import { DEFAULT_RETRY, parseRetryAfter, waitForRetry, withRetry } from '../../../places/registry/retry.js';
import { whileMoving } from '../../../places/registry/while-moving.js';
import type { Wire, WireAnswer } from '../../../places/registry/wire.js';
import { explainDownload, otherFile, Refusal } from './download-error.js';
import type { IndexLogins, Login } from './index-logins.js';

/** What is to be downloaded, and how to know it. */
export interface RemoteContent {
  readonly url: string;
  readonly filename: string;
  readonly sha256: string | undefined;
  readonly size: number | undefined;
}

export interface DownloadParts {
  readonly wire: Wire;
  readonly logins: Pick<IndexLogins, 'for'>;
  readonly clock: Clock;
  /** Between 0 and 1, for the jitter. */
  readonly random: () => number;
  readonly signal: AbortSignal;
  readonly idleTimeoutMs?: number;
}

const IDLE_MILLISECONDS = 60_000;
const MAXIMUM_ERROR_BYTES = 64 * 1024;

/**
 * Reads a file from its server, again after temporary failures, until `keep` has taken all of it. `keep` is asked anew
 * only where a broken download cannot be continued: one whose hash is not known might go on with another file's bytes.
 * Throws KdeployError.
 */
export async function download<Kept>(
  file: RemoteContent,
  keep: (content: AsyncIterable<Uint8Array>) => Promise<Kept>,
  parts: DownloadParts,
): Promise<Kept> {
  const { clock, random, signal } = parts;
  try {
    if (file.sha256 !== undefined) return await keep(contentOf(file, parts));
    return await withRetry(() => keep(contentOf(file, parts)), isTemporary, {
      ...{ policy: DEFAULT_RETRY, clock, random, signal },
    });
  } catch (error) {
    // What fails after Ctrl-C fails because of it.
    if (signal.aborted) throw new KdeployError('interrupted', 'interrupted');
    throw explainDownload(error, file.filename);
  }
}

function isTemporary(error: unknown): error is ConnectionError | Refusal {
  return error instanceof ConnectionError || error instanceof Refusal;
}

/** The bytes as they come, continued where the connection broke (RFC 9110, 14.2); at the end, size and hash are compared. */
async function* contentOf(file: RemoteContent, parts: DownloadParts): AsyncGenerator<Uint8Array> {
  const { sha256, size, filename } = file;
  const { host } = new URL(file.url);
  const { clock, random, signal } = parts;
  const hash = createHash('sha256');
  let read = 0;
  let canContinue = false;
  for (let attempt = 1; ; attempt++) {
    const before = read;
    let failure: ConnectionError | Refusal | undefined;
    try {
      const answer = await open(file, canContinue ? read : 0, parts);
      // A range counts the bytes that travel.
      canContinue = !answer.headers.has('content-encoding');
      for await (const chunk of fromOffset(answer, read)) {
        read += chunk.length;
        if (size !== undefined && read > size)
          throw otherFile(filename, host, `it has more than ${size} bytes`, `${size}`);
        hash.update(chunk);
        yield chunk;
      }
    } catch (error) {
      if (!isTemporary(error)) throw error;
      // Of a range that begins at the end: that was all of it.
      failure = error instanceof Refusal && error.status === 416 ? undefined : error;
    }
    if (read === size || (failure === undefined && size === undefined)) break;
    const isStanding = read === before;
    // An answer that ends well before its time was cut by something between; one that does so again is all there is.
    if (failure === undefined && isStanding && attempt > 1)
      throw otherFile(filename, host, `it has ${read} bytes`, `${size ?? 0}`);
    failure ??= new ConnectionError('reset', 'GET', file.url, undefined);
    if (sha256 === undefined) throw failure;
    if (!isStanding) attempt = 1;
    // After a silence in the middle the rest may come at once.
    const isSilence = failure instanceof ConnectionError && failure.problem === 'timeout' && !isStanding;
    if (!isSilence) await waitForRetry(failure, attempt, { policy: DEFAULT_RETRY, clock, random, signal });
  }
  const found = hash.digest('hex');
  if (sha256 !== undefined && found !== sha256) throw otherFile(filename, host, `its SHA-256 is ${found}`, sha256);
}

interface Opened {
  readonly status: number;
  readonly headers: WireAnswer['headers'];
  readonly body: AsyncIterable<Uint8Array>;
}

/** The file from this byte on, or all of it, with the first login that is not refused. Throws ConnectionError or Refusal. */
async function open(file: RemoteContent, offset: number, parts: DownloadParts): Promise<Opened> {
  const url = new URL(file.url);
  let refusal: Refusal | undefined;
  let source: string | undefined;
  for await (const login of parts.logins.for(url)) {
    source = login?.source ?? source;
    const [answer, at] = await exchange(url, headersWith(login, offset), parts);
    if (answer.status === 200 || (answer.status === 206 && offset > 0)) return answer;
    await readBeginning(answer.body, MAXIMUM_ERROR_BYTES);
    const retryAfterMs = parseRetryAfter(answer.headers.get('retry-after'), parts.clock.now());
    refusal = new Refusal(answer.status, at.host, retryAfterMs, source);
    // Of the store that the server sends to, another login changes nothing.
    if (!(answer.status === 401 || answer.status === 403) || at.origin !== url.origin) break;
  }
  throw refusal ?? new Refusal(401, url.host, undefined, undefined);
}

function headersWith(login: Login | undefined, offset: number): Record<string, string> {
  const credentials = login && Buffer.from(`${login.username}:${login.password}`).toString('base64');
  return {
    'User-Agent': 'kdeploy',
    'Accept-Encoding': 'identity',
    ...(credentials !== undefined && { Authorization: `Basic ${credentials}` }),
    ...(offset > 0 && { Range: `bytes=${offset}-` }),
  };
}

/** One request, redirects followed; to another origin without the credentials. */
async function exchange(
  url: URL,
  headers: Readonly<Record<string, string>>,
  { wire, signal, idleTimeoutMs = IDLE_MILLISECONDS }: DownloadParts,
): Promise<[answer: Opened, at: URL]> {
  const timeout = new AbortController();
  const stop = (): void => timeout.abort();
  const silence = setTimeout(stop, idleTimeoutMs);
  let [at, sent] = [url, headers];
  const failed = (error: unknown): Error => {
    if (error instanceof KdeployError) return error;
    return timeout.signal.aborted
      ? new ConnectionError('timeout', 'GET', at.href, undefined)
      : connectionErrorOf(error, 'GET', at.href);
  };
  try {
    for (let count = 0; ; count++) {
      const ended = AbortSignal.any([signal, timeout.signal]);
      const answer = await wire.exchange({ method: 'GET', url: at, headers: sent, signal: ended });
      const next = redirectOf(answer, at);
      if (next === undefined) return [{ ...answer, body: whileMoving(answer.body, idleTimeoutMs, stop, failed) }, at];
      // Read, so that the connection is of use again.
      await readBeginning(answer.body, MAXIMUM_ERROR_BYTES);
      if (count >= MAXIMUM_REDIRECTS) throw new Misled('the redirects go in a circle');
      [at, sent] = [next, headersFor(next, at, sent)];
    }
  } catch (error) {
    throw failed(error);
  } finally {
    clearTimeout(silence);
  }
}

/** What comes after the bytes that were read before, whichever part of the file the answer begins with. */
async function* fromOffset({ status, headers, body }: Opened, offset: number): AsyncGenerator<Uint8Array> {
  const begin = /^bytes (\d+)-/.exec(headers.get('content-range') ?? '')?.[1];
  let at = status === 206 ? Number(begin ?? offset) : 0;
  for await (const chunk of body) {
    const fresh = chunk.subarray(Math.max(0, offset - at));
    at += chunk.length;
    if (fresh.length > 0) yield fresh;
  }
}
