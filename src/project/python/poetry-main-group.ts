import type { LockDocument, PackageTable } from './lock-document.js';
import { markerApplies, type PythonEnvironment } from './marker.js';
import { normaliseName } from './name.js';
import { satisfies } from './pep440.js';
import { fromPoetryVersion } from './poetry-version.js';
import { listOfTexts, tableAt, type PyProject } from './pyproject.js';
import { pyprojectDependencies } from './pyproject-dependencies.js';
import { parseRequirement, readMarker } from './requirement.js';

/**
 * What poetry.lock installs of the main group, without extras. Poetry 2 notes at each package which groups need it, and
 * under which condition; before, that is found along the dependencies from pyproject.toml, as Poetry does it.
 */
export async function poetryMainPackages(
  { packages }: LockDocument,
  pyproject: PyProject,
  environment: PythonEnvironment,
): Promise<PackageTable[]> {
  return packages.some(({ table }) => Array.isArray(table.groups))
    ? inMainGroup(packages, environment)
    : reachedFromProject(packages, pyproject, environment);
}

async function inMainGroup(packages: readonly PackageTable[], environment: PythonEnvironment): Promise<PackageTable[]> {
  const found: PackageTable[] = [];
  for (const each of packages) {
    const { groups, markers, optional } = each.table;
    if (optional === true || !listOfTexts(groups).map(normaliseName).includes('main')) continue;
    // One condition for all groups, or one for each.
    const marker = typeof markers === 'string' ? markers : tableAt(each.table, 'markers')?.main;
    if (await applies(marker, environment, [])) found.push(each);
  }
  return found;
}

/** A package that is needed, and which of its extras. */
interface Need {
  readonly name: string;
  /** PEP 440; empty for any version. */
  readonly specifier: string;
  readonly extras: readonly string[];
}

async function reachedFromProject(
  packages: readonly PackageTable[],
  pyproject: PyProject,
  environment: PythonEnvironment,
): Promise<PackageTable[]> {
  const byName = new Map<string, PackageTable[]>();
  for (const each of packages) byName.set(each.name, [...(byName.get(each.name) ?? []), each]);
  const { declarations } = await pyprojectDependencies(pyproject, environment);
  const pending: Need[] = declarations.filter(({ group, applies: isNeeded }) => group === undefined && isNeeded);
  const reached = new Set<PackageTable>();
  const followed = new Set<string>();
  for (let need = pending.pop(); need !== undefined; need = pending.pop()) {
    for (const target of targetsOf(need, byName.get(need.name) ?? [])) {
      reached.add(target);
      // None of its extras, and each of them.
      for (const extras of [[], ...need.extras.map((extra) => [extra])]) {
        const key = `${target.line} ${extras.join('')}`;
        if (followed.has(key)) continue;
        followed.add(key);
        pending.push(...(await needsOf(target, extras, environment)));
      }
    }
  }
  return packages.filter((each) => reached.has(each));
}

/** Of several versions in the lock, those that are asked for. */
function targetsOf({ specifier }: Need, candidates: readonly PackageTable[]): readonly PackageTable[] {
  if (candidates.length <= 1 || specifier === '') return candidates;
  const fitting = candidates.filter(({ version }) => satisfies(version ?? '', specifier, { prereleases: true }));
  return fitting.length === 0 ? candidates : fitting;
}

async function needsOf(
  { table }: PackageTable,
  extras: readonly string[],
  environment: PythonEnvironment,
): Promise<Need[]> {
  const ofExtras = Object.entries(tableAt(table, 'extras') ?? {})
    .filter(([extra]) => extras.includes(normaliseName(extra)))
    .flatMap(([, names]) => listOfTexts(names).map(nameIn));
  const needs: Need[] = [];
  for (const [name, value] of Object.entries(tableAt(table, 'dependencies') ?? {})) {
    for (const each of Array.isArray(value) ? (value as readonly unknown[]) : [value]) {
      const written = typeof each === 'string' ? { version: each } : (tableAt({ each }, 'each') ?? {});
      const isOptional = 'optional' in written && written.optional === true;
      const marker = 'markers' in written ? written.markers : undefined;
      if (isOptional && !ofExtras.includes(normaliseName(name))) continue;
      if (!(await applies(marker, environment, extras))) continue;
      needs.push({
        name: normaliseName(name),
        specifier: typeof written.version === 'string' ? fromPoetryVersion(written.version) : '',
        extras: 'extras' in written ? listOfTexts(written.extras).map(normaliseName) : [],
      });
    }
  }
  return needs;
}

/** `requests (>=2.0)`, `requests[socks]>=2`. */
function nameIn(text: string): string {
  return parseRequirement(text)?.name ?? normaliseName(/^[\w.-]*/.exec(text)?.[0] ?? '');
}

async function applies(marker: unknown, environment: PythonEnvironment, extras: readonly string[]): Promise<boolean> {
  if (typeof marker !== 'string' || marker === '') return true;
  return markerApplies(readMarker(marker), environment, { extras });
}
