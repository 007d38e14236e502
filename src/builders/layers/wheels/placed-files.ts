import { crc32 } from 'node:zlib';
import type { FileEntry } from '../pack/image-entry.js';
import { inByteOrder } from './byte-order.js';
import { belongsToEnvironment, type InstallLayout } from './install-layout.js';
import { invalidWheel } from './invalid-wheel.js';
import type { RecordRow } from './record.js';
import type { WheelEntry } from './wheel-archive.js';

/** A file of a wheel at its place in the image. */
export interface PlacedFile {
  readonly file: FileEntry;
  /** What RECORD says of it; `undefined`: it is not listed. */
  readonly row: RecordRow | undefined;
  /** The file of the archive that is installed as it is. */
  readonly entry?: WheelEntry;
  /** What may be in its way: what is in .data replaces what is not, as uv and pip do it. */
  readonly over: 'nothing' | 'root' | 'anything';
}

/** The files of one wheel by their paths in the image. Throws KdeployError `build-failed` where two of them do not fit. */
export class PlacedFiles {
  readonly #files = new Map<string, PlacedFile>();

  constructor(
    private readonly filename: string,
    private readonly layout: InstallLayout,
  ) {}

  /** Those of .data come after the others. */
  add(next: PlacedFile): void {
    const { path } = next.file;
    if (belongsToEnvironment(path, this.layout)) {
      throw invalidWheel(this.filename, `it would replace /${path}, which belongs to the virtual environment`);
    }
    const before = this.#files.get(path);
    const fits =
      before === undefined ||
      next.over === 'anything' ||
      (next.over === 'root' && before.over === 'nothing') ||
      isSame(next, before);
    if (!fits) throw invalidWheel(this.filename, `it has two different files for /${path}`);
    this.#files.set(path, next);
  }

  /** In the order of their paths. */
  all(): PlacedFile[] {
    for (const path of this.#files.keys()) {
      for (let end = path.indexOf('/'); end !== -1; end = path.indexOf('/', end + 1)) {
        const folder = path.slice(0, end);
        if (this.#files.has(folder)) throw invalidWheel(this.filename, `/${folder} is a file and a folder in it`);
      }
    }
    return [...this.#files.values()].sort((one, other) => inByteOrder(one.file.path, other.file.path));
  }
}

function isSame(one: PlacedFile, other: PlacedFile): boolean {
  return one.file.mode === other.file.mode && fingerprint(one) === fingerprint(other);
}

function fingerprint({ file: { content }, entry }: PlacedFile): string | undefined {
  if (entry !== undefined) return `${entry.size} ${entry.crc32}`;
  return content.kind === 'bytes' ? `${content.bytes.length} ${crc32(content.bytes)}` : undefined;
}
