import { createHash } from 'node:crypto';
import { KdeployError } from '../../errors.js';
import type { Descriptor } from '../../image/manifest.js';
import { ConnectionError, connectionErrorOf } from './connection-error.js';
import type { Reply } from './transport.js';

export interface BlobParts {
  /** Asks for the bytes from this one on; a registry may send all of them instead. */
  readonly open: (offset: number) => Promise<Reply>;
  /** Waits for the next try; throws the error where there is to be none. */
  readonly again: (error: ConnectionError, attempt: number) => Promise<void>;
  /** Named in errors. */
  readonly registry: string;
}

/**
 * The bytes of a blob as they come. A connection that breaks is taken up again where it broke (RFC 9110, 14.2), as long as
 * each one brings something; at the end, size and digest are compared. Throws KdeployError `registry-unreachable` for
 * other bytes than the digest names, the ConnectionError where no more tries make sense, and what `open` throws.
 */
export async function* readBlob({ digest, size }: Descriptor, parts: BlobParts): AsyncGenerator<Uint8Array> {
  const [algorithm = 'sha256', wanted] = digest.split(':');
  const hash = createHash(algorithm);
  let read = 0;
  for (let attempt = 1; ; attempt++) {
    const before = read;
    const reply = await parts.open(read);
    let error: ConnectionError | undefined;
    const chunks = fromOffset(reply, read)[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await chunks.next().catch((reason: unknown) => {
          error = connectionErrorOf(reason, 'GET', reply.url.href);
        });
        if (next === undefined || next.done === true) break;
        read += next.value.length;
        if (read > size) throw corrupt(parts.registry, `more than the ${size} bytes of ${digest}`);
        hash.update(next.value);
        yield next.value;
      }
    } finally {
      // Also where the reader has seen enough: the rest is not to travel.
      await chunks.return(undefined).catch(() => undefined);
    }
    if (read === size) break;
    if (read > before) attempt = 1;
    // An answer that ends well before its time was cut by something between; one that does so again is all there is.
    else if (error === undefined && attempt > 1)
      throw corrupt(parts.registry, `${read} bytes for ${digest}, which has ${size}`);
    await parts.again(error ?? new ConnectionError('reset', 'GET', reply.url.href, undefined), attempt);
  }
  if (hash.digest('hex') !== wanted) throw corrupt(parts.registry, `other bytes than ${digest} names`);
}

/** What comes after the bytes that were read before, whichever part of the blob the answer begins with. */
async function* fromOffset({ status, headers, stream }: Reply, offset: number): AsyncGenerator<Uint8Array> {
  const begin = /^bytes (\d+)-/.exec(headers.get('content-range') ?? '')?.[1];
  let at = status === 206 ? Number(begin ?? offset) : 0;
  for await (const chunk of stream ?? []) {
    const fresh = chunk.subarray(Math.max(0, offset - at));
    at += chunk.length;
    if (fresh.length > 0) yield fresh;
  }
}

function corrupt(registry: string, what: string): KdeployError {
  return new KdeployError('registry-unreachable', `${registry} sent ${what}`, {
    hint: 'the registry, or a proxy in front of it, stores corrupted data',
  });
}
