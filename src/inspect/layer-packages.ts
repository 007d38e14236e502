import { readLayer } from '../image/read-layer.js';
import { deletedBy } from '../image/whiteout.js';
import { normaliseName } from '../project/python/name.js';

/** What a layer says of the Python packages of its image. */
export interface LayerPackages {
  /** The folders `NAME-VERSION.dist-info` of those that it brings, sorted. */
  readonly packages: readonly string[];
  /** What it takes away that packages may have been in; folders of which it takes away the contents, with a slash at the end. */
  readonly deleted: readonly string[];
  /** True where nothing is known: it is compressed in a way that this Node.js cannot read, or has more than any image needs. */
  readonly isUnread: boolean;
}

export interface PythonPackage {
  /** As PEP 503 normalises it. */
  readonly name: string;
  readonly version: string;
}

/** An image has some hundreds of packages; a layer with more paths than these was made to fill the memory. */
const MAXIMUM_CHARACTERS = 4_000_000;

/** Either is in each package that an installer put there ("Recording installed projects", packaging.python.org). */
const RECORDS = /^(.+\.dist-info)\/(?:METADATA|RECORD)$/;
/** The name has no further `-` where the installer escaped it, which older ones did not. */
const DIST_INFO = /^([A-Za-z\d](?:[\w.-]*[A-Za-z\d])?)-(\d[\w.!+]*)\.dist-info$/;
const PACKAGES_FOLDER = /^(?:site|dist)-packages$/;
/** What conda unpacks before it installs. */
const CONDA_CACHE = /(?:^|\/)\w*(?:conda|mamba|forge)\d?\/pkgs\//;

/**
 * The packages in a layer, by the names of files alone, and in little memory. Throws KdeployError `image-not-found` for
 * anything that is not a layer, and what reading its bytes throws.
 */
export async function layerPackages(bytes: AsyncIterable<Uint8Array>): Promise<LayerPackages> {
  const packages = new Set<string>();
  const deleted = new Set<string>();
  let characters = 0;
  const isRead = await readLayer(bytes, ({ path, type }) => {
    if (characters > MAXIMUM_CHARACTERS) return;
    const keep = (paths: Set<string>, each: string): void => {
      if (!paths.has(each)) characters += each.length;
      paths.add(each);
    };
    const gone = deletedBy(path) ?? replacedBy(path, type);
    if (gone !== undefined && mayHoldPackages(gone)) keep(deleted, gone);
    const [, folder = ''] = (type === 'file' || type === 'link' ? RECORDS.exec(path) : null) ?? [];
    if (packageIn(folder) !== undefined) keep(packages, folder);
  });
  if (!isRead || characters > MAXIMUM_CHARACTERS) return { packages: [], deleted: [], isUnread: true };
  return { packages: [...packages].sort(), deleted: [...deleted].sort(), isUnread: false };
}

/**
 * What is installed there; `undefined` for any other folder, or one that is not directly in a folder of installed packages: what
 * pip and setuptools have in their own `_vendor` is theirs.
 */
export function packageIn(folder: string): PythonPackage | undefined {
  const parts = folder.split('/');
  const at = parts.findIndex((part) => PACKAGES_FOLDER.test(part));
  if (at === -1 || at !== parts.length - 2 || CONDA_CACHE.test(folder)) return undefined;
  const [, name, version] = DIST_INFO.exec(parts.at(-1) ?? '') ?? [];
  return name === undefined || version === undefined ? undefined : { name: normaliseName(name), version };
}

/** A link or a file in the place of a folder takes away what was in it. */
function replacedBy(path: string, type: string | null): string | undefined {
  if (type === 'directory' || !/(?:(?:site|dist)-packages|\.dist-info)\/?$/.test(path)) return undefined;
  return path.replace(/\/$/, '');
}

/** Whether packages may have been there: above a folder of packages, or a package; but not the modules beside and below them. */
function mayHoldPackages(deleted: string): boolean {
  const parts = deleted.replace(/\/$/, '').split('/');
  const at = parts.findIndex((part) => PACKAGES_FOLDER.test(part));
  return at === -1 || at === parts.length - 1 || packageIn(parts.join('/')) !== undefined;
}
