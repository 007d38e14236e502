import { createReadStream } from 'node:fs';
import type { Owner } from '../../image/passwd.js';
import { contextFiles, linkTarget } from '../../project/dockerfile/context-files.js';
import type { FolderEntry, ImageEntry } from './pack/image-entry.js';

export interface ProjectLayerOptions {
  /** Absolute. */
  readonly project: string;
  /** Relative to it; its ignore file counts. */
  readonly dockerfile: string;
  /** The working directory, with all that leads to it: entries as the layers below have them. */
  readonly folders: readonly FolderEntry[];
  /** In the image, without the first slash: `home/kedro_docker`. */
  readonly target: string;
  readonly owner: Owner;
}

const BYTECODE = '__pycache__';

/**
 * The project's files, as `COPY --chown . .` puts them there. Their modes are those that git knows: what a user's umask makes
 * of a checkout would give each of them another layer, and a file that only its owner may read is closed to a container that
 * runs with a user ID of its own (OpenShift). Python's `__pycache__` is left out: it is for files of another time, so Python would
 * not use it, and each machine has another one.
 */
export async function* projectEntries(options: ProjectLayerOptions): AsyncGenerator<ImageEntry> {
  const { project, dockerfile, folders, target, owner } = options;
  yield* folders;
  const named = new Set<string>();
  for await (const { name, file, stat, mode } of contextFiles(project, { dockerfile, usesBuildKit: true, kept: [] })) {
    if (name.split('/').includes(BYTECODE)) continue;
    // A folder that is left out, but for some file in it, is copied with that file, and has its owner.
    for (const folder of foldersOf(name)) {
      if (!named.has(folder)) yield { path: `${target}/${folder}`, ...owner, type: 'folder', mode: 0o755 };
      named.add(folder);
    }
    named.add(name);
    const entry = { path: `${target}/${name}`, ...owner };
    if (stat.isDirectory()) yield { ...entry, type: 'folder', mode: 0o755 };
    else if (stat.isSymbolicLink()) yield { ...entry, type: 'link', target: await linkTarget({ name, file }) };
    else if (stat.isFile()) {
      const asInGit = (mode & 0o100) === 0 ? 0o644 : 0o755;
      yield {
        ...entry,
        type: 'file',
        mode: asInGit,
        content: { kind: 'stream', size: stat.size, open: () => fileBytes(file) },
      };
    }
    // Sockets and pipes cannot be copied into an image; docker leaves them out as well.
  }
}

/** Those that lead to it, the highest first. */
function foldersOf(name: string): string[] {
  const parts = name.split('/').slice(0, -1);
  return parts.map((_, at) => parts.slice(0, at + 1).join('/'));
}

async function* fileBytes(file: string): AsyncGenerator<Uint8Array> {
  for await (const chunk of createReadStream(file)) yield chunk as Buffer;
}
