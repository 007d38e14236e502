import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { FileCache } from '../../../cache/file-cache.js';
import type { Digest } from '../../../image/digest.js';
import type { BaseFacts } from './base-facts.js';

const KIND = 'bases';
/** To be raised when more is read of a base, or it is understood in another way. */
const FORMAT = 3;

/** What is known of the base with this manifest; `undefined`: nothing, or what an older kdeploy or a damaged disk left. */
export async function keptBase(cache: FileCache, manifest: Digest): Promise<BaseFacts | undefined> {
  const file = await cache.find(KIND, keyOf(manifest));
  if (file === undefined) return undefined;
  try {
    const kept: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (typeof kept !== 'object' || kept === null) return undefined;
    const { format, sha256, facts } = kept as Readonly<Record<string, unknown>>;
    // By this sum it is what was written, so its shape needs no look.
    return format === FORMAT && sha256 === sumOf(manifest, facts) ? (facts as BaseFacts) : undefined;
  } catch {
    return undefined;
  }
}

export async function keepBase(cache: FileCache, manifest: Digest, facts: BaseFacts): Promise<void> {
  await cache.keep(KIND, keyOf(manifest), JSON.stringify({ format: FORMAT, sha256: sumOf(manifest, facts), facts }));
}

/** A file name on every system. */
function keyOf(manifest: Digest): string {
  return manifest.replace(':', '-');
}

function sumOf(manifest: Digest, facts: unknown): string {
  return createHash('sha256')
    .update(`${manifest}\n${JSON.stringify(facts)}`)
    .digest('hex');
}
