import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';

import { extract } from 'tar-stream';

/**
 * Whether any file of an image's archive (`docker save`) holds the text, or any file of the layers in it. Layers are stored as they
 * are, so their bytes are looked through as those of the rest.
 */
export async function archiveContains(file: string, text: string): Promise<boolean> {
  const entries = extract();
  createReadStream(file).pipe(entries);
  let found = false;
  for await (const entry of entries) found = (await streamContains(entry as unknown as Readable, text)) || found;
  return found;
}

async function streamContains(stream: Readable, text: string): Promise<boolean> {
  const wanted = Buffer.from(text);
  let found = false;
  let rest = Buffer.alloc(0);
  for await (const chunk of stream) {
    const window = Buffer.concat([rest, chunk as Buffer]);
    found ||= window.includes(wanted);
    rest = window.subarray(Math.max(0, window.length - wanted.length + 1));
  }
  return found;
}
