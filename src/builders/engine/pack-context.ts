import { createReadStream } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Pack } from 'tar-stream';
import type { ContextSecret } from '../../places/engine/builds.js';
import { contextFiles, linkTarget, type ContextFile } from '../../project/dockerfile/context-files.js';

/** What goes to the engine, as tar: the project without what .dockerignore leaves out. */
export interface PackedContext {
  readonly stream: Readable;
  /** How many files are in it; grows while the stream is read. */
  readonly count: () => number;
}

/**
 * Packs a build context as the docker CLI does (cli/command/image/build): .dockerignore applied (kedro-docker's own
 * where there is none, which `kedro docker build` would have written), the Dockerfile and
 * .dockerignore always kept because the engine needs them, owners set to root, links kept as links. Files are
 * streamed, so memory does not grow with their size.
 */
export async function packBuildContext(
  project: string,
  dockerfile: string,
  usesBuildKit: boolean,
  secrets: readonly ContextSecret[] = [],
): Promise<PackedContext> {
  const { pack } = await import('tar-stream');
  const kept = [path.posix.normalize(dockerfile), '.dockerignore'];
  const tar = pack();
  let count = 0;
  const add = async (): Promise<void> => {
    for await (const each of contextFiles(project, { dockerfile, usesBuildKit, kept })) {
      await addEntry(tar, each);
      if (!each.stat.isDirectory()) count++;
    }
  };
  add().then(
    () => {
      for (const { file, content } of secrets) tar.entry({ name: file, mode: 0o600 }, content);
      tar.finalize();
    },
    (error: unknown) => tar.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  // The tar is a streamx stream; the engine's client wants one of Node's. A context that is given up, perhaps before
  // anything was read of it, takes the tar along: the file being added would stay open otherwise, and the process alive.
  const stream = Readable.from(tar, { objectMode: false });
  stream.once('close', () => {
    tar.destroy();
  });
  return { stream, count: () => count };
}

async function addEntry(tar: Pack, { name, file, stat, mode }: ContextFile): Promise<void> {
  const header = { name, mode, mtime: stat.mtime, uid: 0, gid: 0 };
  if (stat.isDirectory()) tar.entry({ ...header, type: 'directory' });
  else if (stat.isSymbolicLink()) tar.entry({ ...header, type: 'symlink', linkname: await linkTarget({ name, file }) });
  else if (stat.isFile()) await pipeline(createReadStream(file), tar.entry({ ...header, size: stat.size }));
  // Sockets and pipes cannot be copied into an image; docker leaves them out as well.
}
