import { pack, type Header } from 'tar-stream';

/** A layer's TAR: files by path, or entries that are no files. */
export async function layerBytes(
  entries: Readonly<Record<string, string | Buffer | Partial<Header>>>,
): Promise<Buffer> {
  const tar = pack();
  for (const [name, entry] of Object.entries(entries)) {
    if (typeof entry === 'string' || Buffer.isBuffer(entry)) tar.entry({ name }, entry);
    else tar.entry({ ...entry, name });
  }
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** In pieces, as a connection gives them. */
export async function* inPieces(bytes: Buffer, size = 1000): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}
