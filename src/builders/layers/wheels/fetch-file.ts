import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FileCache } from '../../../cache/file-cache.js';
import { fileProblem } from '../../../system-error.js';
import type { SourceArchive, WheelFile } from '../resolve/locked-package.js';
import { download, type DownloadParts } from './download.js';
import { otherFile } from './download-error.js';
import { findKept, keepFile, noted, readFileStream, sha256Of, type KeptFile, type KeptKind } from './kept-file.js';

export interface FetchFileParts extends DownloadParts {
  readonly cache: FileCache;
  /** Called with the bytes that have come so far. */
  readonly onBytes: (bytes: number) => void;
}

/** The hashes that files without one in the lock had, by their URLs. */
const URLS = 'wheel-urls';
/** What is on its way, and has no hash yet. */
const ARRIVING = 'wheel-downloads';

/** A file of a lock, on this machine and verified: from the cache, its server, or a folder. Throws KdeployError. */
export async function fetchFile(artifact: WheelFile | SourceArchive, parts: FetchFileParts): Promise<KeptFile> {
  const kind = artifact.kind === 'wheel' ? 'wheels' : 'sdists';
  if (artifact.url.startsWith('file:')) return fetchLocal(artifact, kind, parts);
  const sha256 = artifact.sha256 ?? (await rememberedHash(artifact, parts.cache));
  const kept = sha256 === undefined ? undefined : await findKept(parts.cache, kind, sha256);
  if (kept === undefined && artifact.sha256 === undefined) return fetchUnknown(artifact, kind, parts);
  if (kept === undefined) return fetchKnown(artifact, kind, parts);
  if (artifact.size !== undefined && artifact.size !== kept.size) {
    throw otherFile(artifact.filename, 'the cache', `it has ${kept.size} bytes`, `${artifact.size}`);
  }
  parts.onBytes(kept.size);
  return kept;
}

async function fetchKnown(
  artifact: WheelFile | SourceArchive,
  kind: KeptKind,
  parts: FetchFileParts,
): Promise<KeptFile> {
  const { sha256 = '' } = artifact;
  let size = 0;
  const keep = (content: AsyncIterable<Uint8Array>): Promise<string> =>
    parts.cache.keep(
      kind,
      sha256,
      noted(content, (chunk) => parts.onBytes((size += chunk.length))),
    );
  const file = await download(artifact, keep, parts);
  return { file, sha256, size };
}

/** It is kept under a name of its own first: its hash, which it is to be kept by, is known when all of it is there. */
async function fetchUnknown(
  artifact: WheelFile | SourceArchive,
  kind: KeptKind,
  parts: FetchFileParts,
): Promise<KeptFile> {
  const { cache, onBytes } = parts;
  const arriving = randomUUID();
  const keep = (content: AsyncIterable<Uint8Array>): Promise<string> => {
    let size = 0;
    return cache.keep(
      ARRIVING,
      arriving,
      noted(content, (chunk) => onBytes((size += chunk.length))),
    );
  };
  try {
    const kept = await keepFile(cache, kind, await download(artifact, keep, parts));
    if (!artifact.isDirect) await cache.keep(URLS, sha256Of(artifact.url), kept.sha256);
    return kept;
  } finally {
    await cache.discard(ARRIVING, arriving);
  }
}

/**
 * The hash that this URL's file had. Only of an index's file: a version's file is never replaced there, and uv and pip keep
 * it by its URL as well. What a requirement names by URL may be another file tomorrow (`…/latest/app-1.0-py3-none-any.whl`).
 */
async function rememberedHash(
  { url, isDirect }: WheelFile | SourceArchive,
  cache: FileCache,
): Promise<string | undefined> {
  const file = isDirect ? undefined : await cache.find(URLS, sha256Of(url));
  if (file === undefined) return undefined;
  let text = '';
  for await (const chunk of readFileStream(file)) text += Buffer.from(chunk).toString('latin1');
  return /^[0-9a-f]{64}$/.test(text) ? text : undefined;
}

/** A file of a folder is copied: what is in the image is what was verified, whoever writes to it meanwhile. */
async function fetchLocal(
  { url, filename, sha256, size }: WheelFile | SourceArchive,
  kind: KeptKind,
  { cache, onBytes }: FetchFileParts,
): Promise<KeptFile> {
  const file = fileURLToPath(url);
  const kept = await keepFile(cache, kind, file).catch((error: unknown) => {
    throw fileProblem(error, file) ?? error;
  });
  if (sha256 !== undefined && kept.sha256 !== sha256)
    throw otherFile(filename, path.dirname(file), `its SHA-256 is ${kept.sha256}`, sha256);
  if (size !== undefined && kept.size !== size)
    throw otherFile(filename, path.dirname(file), `it has ${kept.size} bytes`, `${size}`);
  onBytes(kept.size);
  return kept;
}
