import { posix } from 'node:path';
import type { Owner } from './passwd.js';

/** A folder's own entry, as a layer that writes below it has to repeat it. */
export interface FolderEntry extends Owner {
  readonly mode: number;
  /** Seconds since 1970. */
  readonly mtime: number;
}

/**
 * Where kdeploy's files are in an image, and what the folders on the way are like. Recorded as a label by the first bake,
 * which asked the image itself, so that a later one can make its layer without reading any other.
 */
export interface Locations {
  /** Of the files: the image's own user. */
  readonly owner: Owner;
  /** Real paths, by the path that the plan has for them: the folder of configuration, that of the runtime. */
  readonly real: Readonly<Record<string, string>>;
  /** Where the image's Pythons look for packages. */
  readonly sitePackages: readonly string[];
  /** The existing folders on the way, by path; no link is among them. */
  readonly folders: Readonly<Record<string, FolderEntry>>;
}

/** The label's text: as short as JSON can be, for it is in each image. */
export function formatLocations({ owner, real, sitePackages, folders }: Locations): string {
  return JSON.stringify({
    owner: [owner.uid, owner.gid],
    real,
    site_packages: sitePackages,
    folders: Object.fromEntries(
      Object.entries(folders).map(([path, { uid, gid, mode, mtime }]) => [path, [uid, gid, mode, mtime]]),
    ),
  });
}

/**
 * Reads the label, or what an image's Python says; `undefined` for anything else. Both are only an image's word: it is
 * believed as far as the paths are such that a file can be written below them.
 */
export function parseLocations(text: string | undefined): Locations | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
  if (!isObject(value)) return undefined;
  const { owner, real, site_packages: sitePackages, folders } = value;
  if (!isNumbers(owner, 2) || !isObject(real) || !isObject(folders) || !Array.isArray(sitePackages)) return undefined;
  const entries = Object.entries(folders);
  const paths: readonly unknown[] = [
    ...Object.entries(real).flat(),
    ...(sitePackages as unknown[]),
    ...Object.keys(folders),
  ];
  const isPlain = paths.every(isPath);
  if (!isPlain || !entries.every((entry): entry is [string, number[]] => isNumbers(entry[1], 4))) return undefined;
  const [uid = 0, gid = 0] = owner;
  return {
    owner: { uid, gid },
    real: real as Readonly<Record<string, string>>,
    sitePackages: sitePackages as readonly string[],
    folders: Object.fromEntries(entries.map(([path, numbers]) => [path, folderEntry(numbers)])),
  };
}

function folderEntry([uid = 0, gid = 0, mode = 0, mtime = 0]: readonly number[]): FolderEntry {
  return { uid, gid, mode, mtime };
}

function isNumbers(value: unknown, count: number): value is readonly number[] {
  return (
    Array.isArray(value) && value.length === count && value.every((each) => Number.isSafeInteger(each) && each >= 0)
  );
}

function isPath(value: unknown): value is string {
  return typeof value === 'string' && value.length > 1 && posix.isAbsolute(value) && posix.normalize(value) === value;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
