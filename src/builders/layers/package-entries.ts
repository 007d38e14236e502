import { open, type FileHandle } from 'node:fs/promises';
import type { FileEntry, FolderEntry, ImageEntry } from './pack/image-entry.js';
import type { Bytecode } from './wheels/bytecode.js';
import { inByteOrder } from './wheels/byte-order.js';

/** A wheel, ready to be packed. */
export interface PackableWheel {
  readonly name: string;
  readonly files: readonly FileEntry[];
  readonly bytecode: Bytecode | undefined;
  /** Paths that another wheel has in its place. */
  readonly omitted: readonly string[];
}

/**
 * The entries of a layer of packages, in the order of their paths: each folder from the virtual environment down is listed, for
 * some engines give those without an entry a mode that keeps other users out (containers/storage#1288). Where two wheels have
 * the same file, it is there once; of one that is left to another wheel, so is the bytecode. `folders` are those above
 * `/opt/venv`, as the base has them, and may be none. The files that hold bytecode are open while the entries are in use.
 */
export async function* packageEntries(
  wheels: readonly PackableWheel[],
  root: string,
  folders: readonly FolderEntry[],
): AsyncGenerator<ImageEntry> {
  const entries = new Map<string, ImageEntry>();
  const opened: FileHandle[] = [];
  try {
    for (const { files, bytecode, omitted } of wheels) {
      const left = new Set(omitted);
      for (const file of files) if (!left.has(file.path)) entries.set(file.path, file);
      if (bytecode === undefined || bytecode.files.length === 0) continue;
      const handle = await open(bytecode.job.output);
      opened.push(handle);
      for (const { path, offset, size } of bytecode.files) {
        if (left.has(sourceOf(path))) continue;
        const content = { kind: 'stream', size, open: () => slice(handle, offset, size) } as const;
        entries.set(path, { type: 'file', path, mode: 0o644, uid: 0, gid: 0, content });
      }
    }
    for (const path of [...entries.keys()])
      for (const folder of parents(path, root))
        entries.set(folder, { type: 'folder', path: folder, mode: 0o755, uid: 0, gid: 0 });
    yield* folders;
    for (const path of [...entries.keys()].sort(inByteOrder)) {
      const entry = entries.get(path);
      if (entry !== undefined) yield entry;
    }
  } finally {
    await Promise.all(opened.map((handle) => handle.close()));
  }
}

/** `a/__pycache__/b.cpython-311.pyc` → `a/b.py` (PEP 3147); a module's name may have dots, what Python adds has none. */
function sourceOf(path: string): string {
  return path.replace(/__pycache__\/([^/]+)\.[^/.]+\.pyc$/, '$1.py');
}

/** From the root down, the root included. */
function parents(path: string, root: string): string[] {
  const found: string[] = [];
  for (let end = path.lastIndexOf('/'); end >= root.length; end = path.lastIndexOf('/', end - 1))
    found.push(path.slice(0, end));
  return found;
}

async function* slice(handle: FileHandle, offset: number, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.allocUnsafe(size);
  const { bytesRead } = await handle.read(bytes, 0, size, offset);
  yield bytes.subarray(0, bytesRead);
}
