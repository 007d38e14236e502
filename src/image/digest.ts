import { createHash } from 'node:crypto';
import { KdeployError } from '../errors.js';
import { quoted } from '../secrets/quoted.js';

/** Length of the hexadecimal part, by algorithm: the two that the OCI image spec registers (descriptor.md, "Digests"). */
const HEX_LENGTH = { sha256: 64, sha512: 128 } as const;

type Algorithm = keyof typeof HEX_LENGTH;

/** The name of some bytes by their content: `sha256:` and 64 hexadecimal digits. Made by `parseDigest` or `digestOf`. */
export type Digest = `${Algorithm}:${string}`;

export function isDigest(text: string): text is Digest {
  return problemOf(text) === undefined;
}

/** Throws KdeployError `usage` that says what is wrong with the text. */
export function parseDigest(text: string): Digest {
  if (isDigest(text)) return text;
  throw new KdeployError('usage', `${quoted(text, 160)} is not a digest: ${problemOf(text) ?? ''}`, {
    hint: 'a digest consists of sha256: and 64 hexadecimal digits',
  });
}

/** The sha256 digest of bytes that are in memory. */
export function digestOf(bytes: Uint8Array | string): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** The sha256 digest and the size of a stream, without keeping it in memory. */
export async function digestOfStream(stream: AsyncIterable<Uint8Array>): Promise<{ digest: Digest; size: number }> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of stream) {
    hash.update(chunk);
    size += chunk.length;
  }
  return { digest: `sha256:${hash.digest('hex')}`, size };
}

/** Whether the bytes are those that the digest names. */
export function isDigestOf(digest: Digest, bytes: Uint8Array): boolean {
  const algorithm = digest.slice(0, digest.indexOf(':'));
  return createHash(algorithm).update(bytes).digest('hex') === digest.slice(algorithm.length + 1);
}

function problemOf(text: string): string | undefined {
  const colon = text.indexOf(':');
  if (colon === -1) return 'the algorithm is missing';
  const algorithm = text.slice(0, colon);
  if (!isAlgorithm(algorithm)) return 'the algorithm is neither sha256 nor sha512';
  const hex = text.slice(colon + 1);
  const length = HEX_LENGTH[algorithm];
  if (hex.length !== length)
    return `${algorithm} needs ${length} hexadecimal digits, but there are ${hex.length} characters`;
  // The spec wants lower case: two spellings of one digest would be two names of one thing.
  if (!/^[a-f0-9]+$/.test(hex)) return `only 0-9 and a-f are allowed after ${algorithm}:`;
  return undefined;
}

function isAlgorithm(text: string): text is Algorithm {
  return Object.hasOwn(HEX_LENGTH, text);
}
