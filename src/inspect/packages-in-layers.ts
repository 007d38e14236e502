import type { Layer } from '../image/layer.js';
import type { KeptPackages } from './kept-packages.js';
import { commonBase } from './layer-difference.js';
import { layerPackages, packageIn, type LayerPackages } from './layer-packages.js';

/** The Python packages that differ between two images, as far as the layers tell that they do not have in common. */
export interface PackageDifference {
  /** By name. */
  readonly changes: readonly ChangedPackage[];
  /** The digests of layers whose packages are not known. */
  readonly unread: readonly string[];
}

export interface ChangedPackage {
  /** As PEP 503 normalises it. */
  readonly name: string;
  readonly change: 'onlyInA' | 'onlyInB' | 'changed';
  /** One version, or several where it is installed more than once; none where it is not in the image's own layers. */
  readonly a: readonly string[];
  readonly b: readonly string[];
}

export interface PackageParts {
  /** What was read before. */
  readonly store: Pick<KeptPackages, 'find' | 'remember'>;
  /** Hears which of the layers, counted from 1, is looked at next. */
  readonly onLayer?: (number: number, of: number) => void;
}

/**
 * Compares the packages of two images by the layers above those that both begin with. A shared layer further up is read as well:
 * it may take away what one image has below it. What the common base has is known only where a layer above takes it away, so a
 * package that is only in one image's own layers may be in the base of both. Throws what reading the layers throws.
 */
export async function packageDifference(
  a: readonly Layer[],
  b: readonly Layer[],
  { store, onLayer }: PackageParts,
): Promise<PackageDifference> {
  const base = commonBase(a, b);
  const layers = new Map([...a.slice(base), ...b.slice(base)].map((layer) => [layer.descriptor.digest, layer]));
  const read = new Map<string, LayerPackages>();
  for (const [digest, layer] of layers) {
    onLayer?.(read.size + 1, layers.size);
    const known = await store.find(digest);
    const packages = known ?? (await layerPackages(layer.open()));
    if (known === undefined) await store.remember(digest, packages);
    read.set(digest, packages);
  }
  const above = (of: readonly Layer[]): LayerPackages[] =>
    of.slice(base).flatMap(({ descriptor }) => read.get(descriptor.digest) ?? []);
  return {
    changes: changedPackages(above(a), above(b)),
    unread: [...read].filter(([, { isUnread }]) => isUnread).map(([digest]) => digest),
  };
}

/** `a` and `b` are the layers of two images above their common base, lowest first. */
export function changedPackages(a: readonly LayerPackages[], b: readonly LayerPackages[]): ChangedPackage[] {
  const [inA, inB] = [stacked(a), stacked(b)];
  const [one, other] = [versionsIn(a, inA, inB), versionsIn(b, inB, inA)];
  const names = [...new Set([...one.keys(), ...other.keys()])].sort();
  return names.flatMap((name): ChangedPackage[] => {
    const [versions, others] = [one, other].map((each) => [...(each.get(name) ?? [])].sort()) as [string[], string[]];
    if (versions.join(' ') === others.join(' ')) return [];
    const change = others.length === 0 ? 'onlyInA' : versions.length === 0 ? 'onlyInB' : 'changed';
    return [{ name, change, a: versions, b: others }];
  });
}

interface Stacked {
  readonly present: ReadonlySet<string>;
  /** In the layers below, for one of these takes it away by its name. */
  readonly taken: ReadonlySet<string>;
}

function stacked(layers: readonly LayerPackages[]): Stacked {
  const [present, taken] = [new Set<string>(), new Set<string>()];
  for (const { packages, deleted } of layers) {
    const gone = new Set(deleted);
    // A layer deletes from those below it, never from itself (OCI image spec, layer.md, "Whiteouts").
    for (const each of deleted) {
      const folder = each.replace(/\/$/, '');
      if (packageIn(folder) !== undefined && !present.has(folder)) taken.add(folder);
    }
    for (const folder of present) if (isGone(folder, gone)) present.delete(folder);
    for (const folder of packages) present.add(folder);
  }
  return { present, taken };
}

/** What an image has: in its own layers, and of the common base what the other image takes away and it does not. */
function versionsIn(
  layers: readonly LayerPackages[],
  { present }: Stacked,
  other: Stacked,
): ReadonlyMap<string, ReadonlySet<string>> {
  const gone = new Set(layers.flatMap(({ deleted }) => deleted));
  const versions = new Map<string, Set<string>>();
  for (const folder of [...present, ...[...other.taken].filter((each) => !isGone(each, gone))]) {
    const { name, version } = packageIn(folder) ?? {};
    if (name === undefined || version === undefined) continue;
    versions.set(name, (versions.get(name) ?? new Set()).add(version));
  }
  return versions;
}

/** Whether the folder, its contents or one that it is in is deleted. By way of the folders above, for there may be many of both. */
function isGone(folder: string, deleted: ReadonlySet<string>): boolean {
  for (let at = folder.indexOf('/'); at !== -1; at = folder.indexOf('/', at + 1))
    if (deleted.has(folder.slice(0, at)) || deleted.has(folder.slice(0, at + 1))) return true;
  return deleted.has('') || deleted.has(folder) || deleted.has(`${folder}/`);
}
