import type { Header } from 'tar-stream';
import type { PathKind } from '../places/engine/containers.js';
import type { BakedFile } from '../image/bake-plan.js';
import type { Owner } from '../image/passwd.js';

/**
 * Every file gets this time, so that the same plan on the same image gives the same layer. Not zero: some tools take
 * the epoch for "unknown", and zip cannot store it.
 */
const MTIME = new Date('2020-01-01T00:00:00Z');

/** A folder that is in the image already. */
export interface ExistingFolder {
  /** Absolute. */
  readonly path: string;
  readonly kind: PathKind;
}

/** Which folders a container has; each is asked for once. */
export class ContainerFolders {
  private readonly known = new Map<string, Promise<ExistingFolder>>();

  constructor(private readonly container: { kindOf(path: string): Promise<PathKind | undefined> }) {}

  /**
   * The deepest existing folder on the way to `path`, itself included. Asked from the top, so that a tree that is not
   * there costs one question.
   */
  existing(path: string): Promise<ExistingFolder> {
    const found = this.known.get(path) ?? this.look(path);
    this.known.set(path, found);
    return found;
  }

  private async look(path: string): Promise<ExistingFolder> {
    if (path === '' || path === '/') return { path: '/', kind: 'folder' };
    const parentPath = path.slice(0, path.lastIndexOf('/')) || '/';
    const parent = await this.existing(parentPath);
    if (parent.path !== parentPath) return parent;
    const kind = await this.container.kindOf(path);
    return kind === undefined ? parent : { path, kind };
  }
}

/** An existing folder with what its entry in the image says. */
export interface RestatedFolder {
  /** Absolute. */
  readonly path: string;
  readonly header: Pick<Header, 'uid' | 'gid' | 'mode' | 'mtime'>;
}

/**
 * The files as a tar to be unpacked at the root. The folders they go into are restated with their own owner, mode and
 * time: writing into a folder changes its time, and the layer would then differ from one bake to the next. Folders that
 * exist are named only if they are restated, so that a link among them stays one.
 */
export async function bakeArchive(
  restated: readonly RestatedFolder[],
  isExisting: (folder: string) => boolean,
  files: readonly BakedFile[],
  owner: Owner,
): Promise<Buffer> {
  const { pack } = await import('tar-stream');
  const tar = pack();
  for (const { path, header } of restated) {
    const { uid, gid, mode, mtime } = header;
    tar.entry({ name: `${path.slice(1)}/`, type: 'directory', uid, gid, mode: mode & 0o7777, mtime });
  }
  const written = new Set<string>();
  for (const { path, content } of files) {
    for (const folder of ancestors(path)) {
      if (written.has(folder) || isExisting(folder)) continue;
      written.add(folder);
      tar.entry({ name: `${folder.slice(1)}/`, type: 'directory', mode: 0o755, mtime: MTIME, ...owner });
    }
    tar.entry({ name: path.slice(1), mode: 0o644, mtime: MTIME, ...owner }, content);
  }
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** `/a/b/c.py` → `/a`, `/a/b`. */
function ancestors(path: string): string[] {
  const parts = path.split('/').slice(1, -1);
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`);
}
