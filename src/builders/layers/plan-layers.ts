import { createHash } from 'node:crypto';

/** What the plan of the layers depends on. */
export interface SizedPackage {
  readonly name: string;
  /** Compressed bytes of its wheel. */
  readonly size: number;
}

/** Packages that share a layer. */
export interface PlannedLayer<Package extends SizedPackage> {
  /** For people: the package's name, or `packages 3`. */
  readonly title: string;
  /** By name. */
  readonly packages: readonly Package[];
}

/** A wheel of this size is worth a layer of its own. */
const HEAVY_BYTES = 1_000_000;
/** Few enough to be pulled quickly, and many enough that a new light package changes a megabyte or two. */
const GROUPS = 8;
/** The skeleton of the virtual environment and the account, the project, and the bake. */
const OWN_LAYERS = 3;
/** For a child Dockerfile's steps. */
const ROOM = 5;

/**
 * Which packages share a layer. A heavy wheel has one of its own as long as the budget allows, the heaviest first; those for
 * which there is no room share one; the light ones are in groups by a hash of their names. So a new package changes the layer
 * that it is in and no other, and where the budget changes, the groups stay as they are. `budget` is how many layers the
 * whole image should have: it is a wish where the base alone has more, for nothing is left out.
 */
export function planLayers<Package extends SizedPackage>(
  packages: readonly Package[],
  { baseLayers, budget }: { readonly baseLayers: number; readonly budget: number },
): PlannedLayer<Package>[] {
  const light = packages.filter(({ size }) => size < HEAVY_BYTES);
  const heavy = packages
    .filter(({ size }) => size >= HEAVY_BYTES)
    .toSorted((one, other) => other.size - one.size || byName(one, other));
  const left = budget - baseLayers - OWN_LAYERS - ROOM - GROUPS;
  // One of those that are left is for what has no layer of its own.
  const own = heavy.length <= left ? heavy.length : Math.max(0, left - 1);
  const rest = heavy.slice(own);
  return [
    ...heavy
      .slice(0, own)
      .toSorted(byName)
      .map((each) => ({ title: each.name, packages: [each] })),
    ...(rest.length === 0 ? [] : [{ title: 'other large packages', packages: rest.toSorted(byName) }]),
    ...groupsOf(light),
  ];
}

function groupsOf<Package extends SizedPackage>(packages: readonly Package[]): PlannedLayer<Package>[] {
  const groups = Array.from({ length: GROUPS }, (_, index) => packages.filter(({ name }) => groupOf(name) === index));
  return groups.flatMap((members, index) =>
    members.length === 0 ? [] : [{ title: `packages ${index + 1}`, packages: members.toSorted(byName) }],
  );
}

function groupOf(name: string): number {
  return (createHash('sha256').update(name).digest()[0] ?? 0) % GROUPS;
}

function byName(one: SizedPackage, other: SizedPackage): number {
  return one.name < other.name ? -1 : 1;
}
