import type { OutputAddress } from '../../image/address.js';
import type { ReferrerSink } from '../../image/sink.js';
import type { ManifestTree } from '../../image/tree.js';
import { writeTree, type WriteTreeOptions } from '../../image/write-tree.js';
import { LayoutSink } from './layout-sink.js';
import type { ListingSink } from './listing-sink.js';
import { assertArchiveWritable, writeArchive } from './write-archive.js';

export interface WriteOutputOptions extends WriteTreeOptions {
  /** Besides the one that the address has. */
  readonly tags: readonly string[];
  /** Adds what describes the image. */
  readonly attach?: (sink: ReferrerSink) => Promise<unknown>;
}

/**
 * Writes an image where the user wants it, and says by which names it is found there: its tags, else its digest. Throws what
 * the sinks throw.
 */
export async function writeOutput(
  tree: ManifestTree,
  { transport, path, name }: OutputAddress,
  { tags, attach, ...options }: WriteOutputOptions,
  signal: AbortSignal,
): Promise<string[]> {
  const names = [...new Set([...(name === undefined ? [] : [name]), ...tags])];
  const write = async (sink: ListingSink): Promise<void> => {
    await writeTree(tree, sink, names, options);
    if (names.length === 0) await sink.list(tree.document);
    await attach?.(sink);
  };
  await (transport === 'oci' ? write(new LayoutSink(path)) : writeArchive(path, write, signal));
  const place = `${transport}:${path}`;
  return names.length === 0 ? [`${place}@${tree.document.digest}`] : names.map((each) => `${place}:${each}`);
}

/** Before an image is made that is to go there. Throws KdeployError for what could not be written to. */
export async function assertOutputWritable({ transport, path }: OutputAddress): Promise<void> {
  await (transport === 'oci' ? new LayoutSink(path).assertWritable() : assertArchiveWritable(path));
}
