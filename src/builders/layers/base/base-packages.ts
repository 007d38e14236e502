import type { BaseDistribution, BaseFacts } from './base-facts.js';
import type { VenvOptions } from './venv.js';

/** What becomes of the packages that the base brings, in an image with an environment of its own. */
export interface BasePackages {
  /** Those that the project cannot import any more, and that are not in the lock. */
  readonly hidden: readonly BaseDistribution[];
  /** Those of which the lock has a version, too: the lock's is imported. */
  readonly replaced: readonly BaseDistribution[];
  /** Those of an environment of the base, not in the lock, of which the interpreter itself has another version: that one is imported. */
  readonly changed: readonly ChangedPackage[];
}

interface ChangedPackage {
  readonly own: BaseDistribution;
  readonly system: BaseDistribution;
}

/** More names than these say no more. */
const NAMES = 10;

/** `locked`: normalised names (PEP 503). Tools that install packages do not count: nobody misses them. */
export function basePackages(
  { distributions }: Pick<BaseFacts, 'distributions'>,
  locked: ReadonlySet<string>,
  { hasSystemPackages }: VenvOptions,
): BasePackages {
  const packages = distributions.filter(({ isTool }) => !isTool);
  // In the base: the first of each name.
  const imported = [...new Map(packages.toReversed().map((each) => [each.name, each])).values()].reverse();
  const visible = new Map(
    packages.filter(({ isSystem }) => hasSystemPackages && isSystem).map((each) => [each.name, each]),
  );
  const others = imported.filter(({ name }) => !locked.has(name));
  return {
    hidden: others.filter(({ name }) => !visible.has(name)),
    replaced: imported.filter(({ name }) => locked.has(name)),
    changed: others.flatMap((own) => {
      const system = visible.get(own.name);
      return system === undefined || system.version === own.version ? [] : [{ own, system }];
    }),
  };
}

/** A sentence for each, where there is something to say. */
export function basePackageNotes({ hidden, replaced, changed }: BasePackages): string[] {
  const notes: readonly [what: string, names: readonly string[]][] = [
    ['packages of the base image that the project will not find', hidden.map(named)],
    ["packages of the base image that the project's own versions replace", replaced.map(named)],
    [
      'packages of the base image that the project will find in another version, that of the interpreter',
      changed.map(({ own, system }) => `${named(system)} instead of ${own.version}`),
    ],
  ];
  return notes.flatMap(([what, names]) => (names.length === 0 ? [] : [`${what}: ${listed(names)}`]));
}

function named({ name, version }: BaseDistribution): string {
  return `${name} ${version}`;
}

function listed(names: readonly string[]): string {
  const rest = names.length - NAMES;
  return rest <= 0 ? names.join(', ') : `${names.slice(0, NAMES).join(', ')} and ${rest} more`;
}
