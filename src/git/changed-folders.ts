import { KdeployError } from '../errors.js';
import type { Commits } from './commits.js';
import type { TreeEntry } from './tree.js';

/** As in a commit's source: a few objects can stand for a billion folders. */
const MAXIMUM_FOLDERS = 200_000;
/** Few enough that their content does not fill the memory before it is counted. */
const FOLDERS_AT_ONCE = 256;

interface Pair {
  readonly path: string;
  readonly before: string | undefined;
  readonly after: string;
}

/**
 * The folders (`''` is the root) in which something differs between two commits' root folders: a file was added, changed,
 * renamed or deleted, or a folder was. Only folders that differ are read. Without `before`, all folders.
 * Throws KdeployError `configuration` for a commit with more folders than a project can have.
 */
export async function changedFolders(
  commits: Commits,
  before: string | undefined,
  after: string,
  { maximumFolders = MAXIMUM_FOLDERS } = {},
): Promise<ReadonlySet<string>> {
  const changed = new Set<string>();
  if (before === after) return changed;
  const pending: Pair[] = [{ path: '', before, after }];
  while (pending.length > 0) {
    const level = pending.splice(0, FOLDERS_AT_ONCE);
    const compared = await Promise.all(level.map((pair) => compare(commits, pair)));
    for (const [index, { isChanged, below }] of compared.entries()) {
      if (isChanged) changed.add(level[index]?.path ?? '');
      for (const pair of below) pending.push(pair);
    }
    if (changed.size + pending.length > maximumFolders) {
      throw new KdeployError('configuration', `the commit changes more than ${maximumFolders} folders`, {
        hint: 'keep data out of git',
      });
    }
  }
  return changed;
}

async function compare(
  commits: Commits,
  { path, before, after }: Pair,
): Promise<{ isChanged: boolean; below: readonly Pair[] }> {
  const [old, current] = await Promise.all([
    before === undefined ? new Map<string, TreeEntry>() : commits.tree(before),
    commits.tree(after),
  ]);
  const below: Pair[] = [];
  let isChanged = [...old].some(([name]) => !current.has(name));
  for (const [name, entry] of current) {
    const previous = old.get(name);
    if (previous?.kind === entry.kind && previous.id === entry.id) continue;
    if (entry.kind === 'folder') {
      const inside = previous?.kind === 'folder' ? previous.id : undefined;
      below.push({ path: path === '' ? name : `${path}/${name}`, before: inside, after: entry.id });
      // A file that became a folder is gone from here.
      if (previous !== undefined && inside === undefined) isChanged = true;
    } else isChanged = true;
  }
  return { isChanged, below };
}
