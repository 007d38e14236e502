import { createHash } from 'node:crypto';
import { KdeployError } from '../../errors.js';
import type { Descriptor } from '../../image/manifest.js';

/**
 * The bytes as they come. Where they turn out to be others than the descriptor names, it ends with a KdeployError
 * `image-not-found`, before its end: who writes them must not take them for whole.
 */
export async function* verified(
  bytes: AsyncIterable<Uint8Array>,
  { digest, size }: Pick<Descriptor, 'digest' | 'size'>,
  what: string,
): AsyncGenerator<Uint8Array> {
  const colon = digest.indexOf(':');
  const hash = createHash(digest.slice(0, colon));
  let read = 0;
  for await (const chunk of bytes) {
    read += chunk.length;
    if (read > size) throw corrupt(what, `more than the ${size} bytes of ${digest}`);
    hash.update(chunk);
    yield chunk;
  }
  if (read < size) throw corrupt(what, `${read} of the ${size} bytes of ${digest}`);
  if (hash.digest('hex') !== digest.slice(colon + 1)) throw corrupt(what, `other bytes than those of ${digest}`);
}

export function corrupt(what: string, found: string): KdeployError {
  return new KdeployError('image-not-found', `${what} is damaged: it has ${found}`, {
    hint: 'write the image again: it may have been copied while it was being written',
  });
}
