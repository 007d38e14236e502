import { Readable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import * as zlib from 'node:zlib';
import { KdeployError, messageOf } from '../errors.js';
import type { FoundFile, LayerContents } from './image-secrets.js';
import { RepositoryFinder } from '../secrets/repositories.js';
import { isGitObject, judgeGitObject, maximumObjectBytes } from '../secrets/git-objects.js';
import { isSuspicious, judgeFile, maximumBytes, mayHoldText, type SecretVerdict } from '../secrets/secret-files.js';

/** A layer of thousands of keys is a test suite's; the first ones say enough. */
const MAXIMUM_FOUND = 50;

/** What the distribution brings: theirs, public, and with the next nearly all of an image. Projects are in /usr/src, too. */
const DISTRIBUTION =
  /^(?:bin|sbin|lib|lib32|lib64|libx32|proc|sys|dev|boot|usr\/(?:local\/)?(?:bin|sbin|lib|lib32|lib64|libx32|libexec|include|share|games|man)|var\/cache|var\/lib\/(?:apt|dpkg|rpm|dnf|yum|apk|pam|systemd|python|gems|alternatives|ca-certificates)|etc\/ssl\/certs|opt\/kdeploy)\//;
/** What installers bring: Python's own library, with keys for its tests, and packages. */
const INSTALLED =
  /(?:^|\/)(?:lib(?:64)?\/python\d[\d.]*|Lib\/site-packages|node_modules|(?:\w*(?:conda|mamba|forge)\d?)\/pkgs)\//;

/**
 * Looks for keys and tokens in a layer, a tar that may be compressed. One file of up to 1 MB is in memory at a time, so the
 * size of the layer does not matter. Throws KdeployError `image-not-found` for anything that is not a layer.
 */
export async function scanLayer(bytes: AsyncIterable<Uint8Array>): Promise<LayerContents> {
  const [{ extract }, { first, all }] = await Promise.all([import('tar-stream'), peek(bytes)]);
  const decompress = decompressorFor(first);
  if (decompress === 'unknown') {
    // Whoever hands the bytes over waits for all of them to be taken.
    await finished(Readable.from(all).resume());
    return { files: [], repositories: [], deleted: [], isUnread: true };
  }
  const tar = extract();
  const files: FoundFile[] = [];
  const deleted: string[] = [];
  const finder = new RepositoryFinder();
  const read = (async () => {
    for await (const entry of tar) {
      const path = entry.header.name.replace(/^(?:\.?\/)+/, '');
      const name = path.slice(path.lastIndexOf('/') + 1);
      if (name.startsWith('.wh.')) deleted.push(whiteout(path, name));
      const { size } = entry.header;
      if (entry.header.type === 'file' && isLookedAt(path)) finder.add(path);
      const isObject = isGitObject(path);
      if (entry.header.type !== 'file' || !isLookedAt(path) || !(isObject || isWorthALook(path))) {
        entry.resume();
        continue;
      }
      const content = size <= (isObject ? maximumObjectBytes : maximumBytes)(path) ? await contentOf(entry) : undefined;
      if (content === undefined) entry.resume();
      const verdict = files.length < MAXIMUM_FOUND ? judge(path, content) : undefined;
      if (verdict !== undefined) files.push({ path, verdict });
    }
  })();
  const source = Readable.from(all, { objectMode: false });
  try {
    await Promise.all([decompress === undefined ? pipeline(source, tar) : pipeline(source, decompress, tar), read]);
  } catch (error) {
    tar.destroy();
    await read.catch(() => undefined);
    if (error instanceof KdeployError || !isFormatError(error)) throw error;
    throw new KdeployError('image-not-found', `a layer of the image cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
  return { files, repositories: finder.repositories.map(({ folder }) => folder), deleted, isUnread: false };
}

function isLookedAt(path: string): boolean {
  return !DISTRIBUTION.test(path) && !INSTALLED.test(path);
}

function judge(path: string, content: Buffer | undefined): SecretVerdict | undefined {
  if (isGitObject(path)) return content === undefined ? undefined : judgeGitObject(path, content);
  return judgeFile(path, content);
}

function isWorthALook(path: string): boolean {
  return isSuspicious(path) || mayHoldText(path);
}

/** A connection that breaks is the reader's to retry; only what the bytes themselves are is said here. */
function isFormatError(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return code.startsWith('Z_') || /tar header|Unexpected end of data|Invalid/i.test(messageOf(error));
}

async function contentOf(entry: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of entry) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** `app/.wh.key.json` deletes app/key.json, `app/.wh..wh..opq` everything in app (OCI image spec, layer.md). */
function whiteout(path: string, name: string): string {
  const folder = path.slice(0, path.length - name.length);
  return name === '.wh..wh..opq' ? folder : `${folder}${name.slice('.wh.'.length)}`;
}

/** The first bytes show how it is compressed, whatever the media type says. */
function decompressorFor(first: Uint8Array): NodeJS.ReadWriteStream | 'unknown' | undefined {
  const [a, b, c, d] = first;
  if (a === 0x1f && b === 0x8b) return zlib.createGunzip();
  if (a !== 0x28 || b !== 0xb5 || c !== 0x2f || d !== 0xfd) return undefined;
  // Node knows zstd from version 22.15 on.
  const create: unknown = Reflect.get(zlib, 'createZstdDecompress');
  return typeof create === 'function' ? (create as () => NodeJS.ReadWriteStream)() : 'unknown';
}

async function peek(bytes: AsyncIterable<Uint8Array>): Promise<{ first: Uint8Array; all: AsyncIterable<Uint8Array> }> {
  const iterator = bytes[Symbol.asyncIterator]();
  const beginning = await iterator.next();
  const first = beginning.done === true ? new Uint8Array() : beginning.value;
  async function* all(): AsyncGenerator<Uint8Array> {
    try {
      yield first;
      for (;;) {
        const next = await iterator.next();
        if (next.done === true) return;
        yield next.value;
      }
    } finally {
      await iterator.return?.();
    }
  }
  return { first, all: all() };
}
