import type { LockFileInstall } from '../dockerfile/dockerfile.js';
import { listOfTexts, tableAt, type PyProject } from './pyproject.js';
import type { ProjectSource } from '../sources/source.js';
import type { Declaration } from './declaration.js';
import { readLockDocument, type PackageTable } from './lock-document.js';
import { markerApplies, type PythonEnvironment, type Selection } from './marker.js';
import { normaliseName } from './name.js';
import { readMarker } from './requirement.js';

/** What a lock file installs for the project, with `==version` each. */
export interface LockFile {
  readonly file: string;
  readonly declarations: readonly Declaration[];
}

export const LOCK_FILES: Readonly<Record<LockFileInstall['tool'], string>> = {
  uv: 'uv.lock',
  poetry: 'poetry.lock',
  pdm: 'pdm.lock',
};

/** What locks the file anew. */
export const LOCK_COMMANDS: Readonly<Record<LockFileInstall['tool'], string>> = {
  uv: 'uv lock',
  poetry: 'poetry lock',
  pdm: 'pdm lock',
};

/** `undefined` when there is no such file, or when it is none that can be read. */
export async function readLockFile(
  source: ProjectSource,
  install: LockFileInstall,
  environment: PythonEnvironment,
  pyproject: PyProject | undefined,
): Promise<LockFile | undefined> {
  const file = LOCK_FILES[install.tool];
  const lock = await readLockDocument(source, file);
  if (lock === undefined) return undefined;
  const { packages } = lock;
  const wanted = packages.some(({ table }) => tableAt(table, 'source') !== undefined && install.tool === 'uv')
    ? await reachedFromRoot(packages, install, environment, pyproject)
    : await inGroups(packages, install, environment, pyproject);
  if (wanted === undefined) return undefined;
  return { file, declarations: wanted.map((each) => declarationOf(each, file)) };
}

/** uv locks a graph: from the project along `dependencies`, where the markers hold. `undefined`: the project is not in it. */
async function reachedFromRoot(
  packages: readonly PackageTable[],
  install: LockFileInstall,
  environment: PythonEnvironment,
  pyproject: PyProject | undefined,
): Promise<PackageTable[] | undefined> {
  const byName = new Map<string, PackageTable[]>();
  for (const each of packages) byName.set(each.name, [...(byName.get(each.name) ?? []), each]);
  const root = packages.find(({ table }) => {
    const { editable, virtual, directory } = tableAt(table, 'source') ?? {};
    return [editable, virtual, directory].includes('.');
  });
  if (root === undefined) return undefined;

  const extras = namesOrAll(install.extras, tableAt(root.table, 'optional-dependencies'));
  const ownGroups = tableAt(root.table, 'dev-dependencies');
  const without = new Set((install.without ?? []).map(normaliseName));
  const groups = [
    ...(install.withoutDefaultGroups === true ? [] : namesOrAll(defaultGroups(pyproject), ownGroups)),
    ...namesOrAll(install.groups, ownGroups),
  ].filter((group) => !without.has(normaliseName(group)));
  const reached = new Set<PackageTable>();
  const seen = new Set<string>();
  const own = install.onlyGroups === true ? [] : root.table.dependencies;
  const pending: { from: PackageTable; list: unknown }[] = [{ from: root, list: own }];
  for (const extra of extras) pending.push({ from: root, list: listAt(root.table, 'optional-dependencies', extra) });
  for (const group of groups) pending.push({ from: root, list: listAt(root.table, 'dev-dependencies', group) });
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    for (const dependency of Array.isArray(next.list) ? (next.list as readonly unknown[]) : []) {
      const { name, version, marker, extra } = tableAt({ dependency }, 'dependency') ?? {};
      if (typeof name !== 'string' || !(await applies(marker, environment, { extras }))) continue;
      for (const target of byName.get(normaliseName(name)) ?? []) {
        if (typeof version === 'string' && target.version !== version) continue;
        if (!reached.has(target)) pending.push({ from: target, list: target.table.dependencies });
        if (target !== root) reached.add(target);
        for (const each of listOfTexts(extra)) {
          const key = `${target.line} ${each}`;
          if (seen.has(key)) continue;
          seen.add(key);
          pending.push({ from: target, list: listAt(target.table, 'optional-dependencies', each) });
        }
      }
    }
  }
  return packages.filter((each) => reached.has(each));
}

/** Poetry and PDM write at each package which groups need it, and under which condition. */
async function inGroups(
  packages: readonly PackageTable[],
  install: LockFileInstall,
  environment: PythonEnvironment,
  pyproject: PyProject | undefined,
): Promise<PackageTable[]> {
  const extras = install.extras ?? [];
  const asked = new Set(
    (install.groups ?? []).map((group) => (group === '*' || group === ':all' ? '*' : normaliseName(group))),
  );
  const without = new Set((install.without ?? []).map(normaliseName));
  const isWanted = (group: string): boolean => {
    if (without.has(group)) return false;
    if (asked.has(group) || asked.has('*')) return true;
    if (group === 'main' || group === 'default') return install.onlyGroups !== true;
    return install.withoutDefaultGroups !== true && isDefaultGroup(group, install.tool, pyproject);
  };
  const found: PackageTable[] = [];
  for (const each of packages) {
    const groups = Array.isArray(each.table.groups) ? listOfTexts(each.table.groups).map(normaliseName) : ['main'];
    const wanted = groups.filter(isWanted);
    // Poetry before 2 marks what only extras need, without saying which.
    if (wanted.length === 0 || (each.table.optional === true && extras.length === 0)) continue;
    const markers = tableAt(each.table, 'markers');
    const conditions =
      markers === undefined ? [each.table.markers ?? each.table.marker] : wanted.map((group) => markers[group]);
    const verdicts = await Promise.all(
      conditions.map((marker) => applies(marker, environment, extras.includes('*') ? {} : { extras })),
    );
    if (verdicts.includes(true)) found.push(each);
  }
  return found;
}

async function applies(marker: unknown, environment: PythonEnvironment, selection: Selection): Promise<boolean> {
  if (typeof marker !== 'string' || marker === '') return true;
  return markerApplies(readMarker(marker), environment, selection);
}

/** Poetry installs every group that is not called optional, PDM those for development but no extras. */
function isDefaultGroup(group: string, tool: LockFileInstall['tool'], pyproject: PyProject | undefined): boolean {
  const isNamedIn = (...keys: readonly string[]): boolean =>
    Object.keys(tableAt(pyproject?.table, ...keys) ?? {}).some((name) => normaliseName(name) === group);
  if (tool === 'pdm')
    return group === 'dev' || isNamedIn('dependency-groups') || isNamedIn('tool', 'pdm', 'dev-dependencies');
  const groups = Object.entries(tableAt(pyproject?.table, 'tool', 'poetry', 'group') ?? {});
  return !groups.some(
    ([name, table]) => normaliseName(name) === group && tableAt({ table }, 'table')?.optional === true,
  );
}

function defaultGroups(pyproject: PyProject | undefined): readonly string[] {
  const configured = tableAt(pyproject?.table, 'tool', 'uv')?.['default-groups'];
  if (configured === 'all') return ['*'];
  return Array.isArray(configured) ? listOfTexts(configured) : ['dev'];
}

function namesOrAll(
  names: readonly string[] | undefined,
  table: Readonly<Record<string, unknown>> | undefined,
): string[] {
  return names?.includes('*') === true ? Object.keys(table ?? {}) : [...(names ?? [])];
}

/** The list under a name, however it is spelt. */
function listAt(table: Readonly<Record<string, unknown>>, key: string, name: string): unknown {
  const lists = Object.entries(tableAt(table, key) ?? {});
  return lists.find(([each]) => normaliseName(each) === normaliseName(name))?.[1];
}

function declarationOf({ name, version, line }: PackageTable, file: string): Declaration {
  return {
    name,
    specifier: version === undefined ? '' : `==${version}`,
    extras: [],
    place: { file, line },
    isConstraint: false,
    applies: true,
  };
}
