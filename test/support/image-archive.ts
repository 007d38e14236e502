import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';

import { extract } from 'tar-stream';

/**
 * Whether any file of an image's archive (`docker save`) holds the text, or any file of the layers in it. Layers are stored as they
 * are, so their bytes are looked through as those of the rest.
 */
export async function archiveContains(file: string, text: string): Promise<boolean> {
  return (await foundInArchive(file, [text])).length > 0;
}

/** Those of the texts that it holds, looked for in one go. */
export async function foundInArchive(file: string, texts: readonly string[]): Promise<string[]> {
  const entries = extract();
  createReadStream(file).pipe(entries);
  const found = new Set<string>();
  for await (const entry of entries) await search(entry as unknown as Readable, texts, found);
  return texts.filter((text) => found.has(text));
}

async function search(stream: Readable, texts: readonly string[], found: Set<string>): Promise<void> {
  const longest = Math.max(...texts.map((text) => Buffer.byteLength(text)));
  let rest = Buffer.alloc(0);
  for await (const chunk of stream) {
    const window = Buffer.concat([rest, chunk as Buffer]);
    for (const text of texts) if (window.includes(text)) found.add(text);
    rest = window.subarray(Math.max(0, window.length - longest + 1));
  }
}
