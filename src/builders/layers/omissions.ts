import { KdeployError } from '../../errors.js';

/** A wheel, by what another one could share with it. */
export interface ComparedWheel {
  readonly name: string;
  readonly sha256: string;
  /** Folders and files (wheels/top-levels.ts): two wheels share a path only where one's root is the other's, or is in it. */
  readonly roots: readonly string[];
}

/** A file that a wheel puts into the image. */
export interface ComparedFile {
  readonly path: string;
  /** Equal for equal bytes and modes. */
  readonly content: string;
}

/** Paths that a wheel leaves to another one, by the wheel's name. */
export type Omissions = Readonly<Record<string, readonly string[]>>;

/** What one wheel leaves to others. There is a package that is called as a member of every object is: constructor. */
export function omittedBy(name: string, omissions: Omissions): readonly string[] {
  return (Object.hasOwn(omissions, name) ? omissions[name] : undefined) ?? [];
}

/** A path that wheels have with different content. */
export interface Contest {
  readonly path: string;
  /** The wheel whose file is installed; `undefined`: one of several others, where only an earlier image tells of it. */
  readonly winner: string | undefined;
  readonly losers: readonly string[];
}

export interface ComparisonParts {
  /** What an earlier comparison of exactly these wheels found. */
  readonly known: (wheels: readonly ComparedWheel[]) => Promise<readonly Contest[] | undefined>;
  readonly filesOf: (wheel: ComparedWheel) => Promise<readonly ComparedFile[]>;
  readonly remember: (wheels: readonly ComparedWheel[], contests: readonly Contest[]) => Promise<void>;
  /** Hears of all of them each time, compared now or earlier. */
  readonly onContests: (contests: readonly Contest[]) => void;
}

/**
 * Which wheel has which file, where several bring one: equal bytes are no matter (mlflow and mlflow-skinny share 1,326 paths);
 * of different ones, that of the wheel whose name comes last in the alphabet is installed, on every machine. An installer
 * leaves it to whichever download ends last (astral-sh/uv#13435). Only wheels that could share a path are read. Throws
 * KdeployError `build-failed` where one wheel has a file and another a folder at the same path.
 */
export async function findOmissions(wheels: readonly ComparedWheel[], parts: ComparisonParts): Promise<Omissions> {
  const contests: Contest[] = [];
  for (const group of groupsOfNeighbours(wheels)) {
    const known = await parts.known(group);
    const found = known ?? (await compare(group, parts));
    if (known === undefined) await parts.remember(group, found);
    contests.push(...found);
  }
  if (contests.length > 0) parts.onContests(contests);
  return omissionsOf(contests);
}

function omissionsOf(contests: readonly Contest[]): Omissions {
  const omitted = new Map<string, string[]>();
  for (const { path, losers } of contests)
    for (const loser of losers) {
      const paths = omitted.get(loser);
      if (paths === undefined) omitted.set(loser, [path]);
      else paths.push(path);
    }
  return Object.fromEntries([...omitted].map(([name, paths]) => [name, paths.sort()]));
}

/** By path. */
async function compare(
  wheels: readonly ComparedWheel[],
  { filesOf }: Pick<ComparisonParts, 'filesOf'>,
): Promise<Contest[]> {
  const owners = new Map<string, { readonly wheel: string; readonly content: string }[]>();
  for (const wheel of wheels)
    for (const { path, content } of await filesOf(wheel))
      owners.set(path, [...(owners.get(path) ?? []), { wheel: wheel.name, content }]);
  refuseFilesInFolders(owners);
  const contests = [...owners].flatMap(([path, candidates]) => {
    const last = candidates.at(-1);
    const losers = candidates.filter(({ content }) => content !== last?.content).map(({ wheel }) => wheel);
    return losers.length === 0 ? [] : [{ path, winner: last?.wheel, losers }];
  });
  return contests.sort((one, other) => (one.path < other.path ? -1 : 1));
}

function refuseFilesInFolders(owners: ReadonlyMap<string, readonly { readonly wheel: string }[]>): void {
  for (const [path, candidates] of owners) {
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      const folder = path.slice(0, end);
      const file = owners.get(folder)?.[0];
      if (file === undefined) continue;
      throw new KdeployError(
        'build-failed',
        `${file.wheel} has a file where ${candidates[0]?.wheel ?? ''} has a folder: ${folder}`,
        { hint: 'the two cannot be installed together: remove one of them from the requirements' },
      );
    }
  }
}

/** Wheels of which one leads to the next by a shared root; those without a neighbour are left out. By name. */
function groupsOfNeighbours(wheels: readonly ComparedWheel[]): ComparedWheel[][] {
  const byRoot = new Map<string, ComparedWheel[]>();
  for (const wheel of wheels) for (const root of wheel.roots) byRoot.set(root, [...(byRoot.get(root) ?? []), wheel]);
  const groupOf = new Map(wheels.map((wheel) => [wheel, new Set([wheel])]));
  const join = (one: ComparedWheel, other: ComparedWheel): void => {
    const [group, others] = [groupOf.get(one) ?? new Set([one]), groupOf.get(other) ?? new Set([other])];
    if (group === others) return;
    for (const each of others) {
      group.add(each);
      groupOf.set(each, group);
    }
  };
  for (const wheel of wheels)
    for (const root of wheel.roots)
      for (let end = root.length; end > 0; end = root.lastIndexOf('/', end - 1))
        for (const other of byRoot.get(root.slice(0, end)) ?? []) join(wheel, other);
  return [...new Set(groupOf.values())]
    .filter((group) => group.size > 1)
    .map((group) => [...group].sort((one, other) => (one.name < other.name ? -1 : 1)));
}
