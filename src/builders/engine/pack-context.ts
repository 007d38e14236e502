import { createReadStream } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Pack } from 'tar-stream';
import type { ContextSecret } from '../../places/engine/builds.js';
import { readBuildContext } from '../../project/dockerfile/dockerignore.js';
import { workTree } from '../../project/sources/work-tree.js';

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
  const isIgnored = await readDockerignore(project, dockerfile, usesBuildKit);
  const tar = pack();
  let count = 0;
  const walk = async (folder: string): Promise<void> => {
    const entries = await readdir(path.join(project, folder), { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
      const ignored = isIgnored(name);
      if (entry.isDirectory()) {
        if (ignored === 'with all below') continue;
        if (ignored === 'no') await addEntry(tar, project, name);
        await walk(name);
      } else if (ignored === 'no') {
        await addEntry(tar, project, name);
        count++;
      }
    }
  };
  walk('').then(
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

async function addEntry(tar: Pack, project: string, name: string): Promise<void> {
  const file = path.join(project, name);
  const stat = await lstat(file);
  const header = { name, mode: stat.mode & 0o7777, mtime: stat.mtime, uid: 0, gid: 0 };
  if (stat.isDirectory()) tar.entry({ ...header, type: 'directory' });
  else if (stat.isSymbolicLink()) tar.entry({ ...header, type: 'symlink', linkname: await readlink(file) });
  else if (stat.isFile()) await pipeline(createReadStream(file), tar.entry({ ...header, size: stat.size }));
  // Sockets and pipes cannot be copied into an image; docker leaves them out as well.
}

type Ignored = 'no' | 'itself' | 'with all below';

/** The same reading of .dockerignore as the checks have: what they call left out must not get in here. */
async function readDockerignore(
  project: string,
  dockerfile: string,
  usesBuildKit: boolean,
): Promise<(name: string) => Ignored> {
  const context = await readBuildContext(workTree(project), { dockerfile, usesBuildKit });
  const kept = path.posix.normalize(dockerfile);
  return (name) => {
    if (name === kept || name === '.dockerignore' || !context.isIgnored(name)) return 'no';
    return !context.isWhollyIgnored(name) || kept.startsWith(`${name}/`) ? 'itself' : 'with all below';
  };
}
