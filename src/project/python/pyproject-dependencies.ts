import type { Place } from '../../errors.js';
import { listOfTexts, tableAt, textAt, type PyProject } from './pyproject.js';
import { declare, parseDeclaration, type Declaration, type RequirementsProblem } from './declaration.js';
import type { PythonEnvironment } from './marker.js';
import { normaliseName } from './name.js';
import { fromPoetryVersion } from './poetry-version.js';
import { readMarker, type Requirement } from './requirement.js';

/** More than anybody writes. */
const MAXIMUM_DECLARATIONS = 20_000;
const MAXIMUM_INCLUDES = 200_000;

export interface PyProjectDependencies {
  /** `[project].dependencies` first; those of extras and groups carry `group`. */
  readonly declarations: readonly Declaration[];
  readonly problems: readonly RequirementsProblem[];
  /** setuptools' `dependencies = {file = ["requirements.txt"]}`, which Kedro's template used until 0.19. */
  readonly files: readonly string[];
  /** The names that a wheel of the project may have: of its package, and of what `kedro package` makes. */
  readonly names: readonly string[];
  /** False where another file or a build tool knows what the project depends on: setup.py, `dynamic`. */
  readonly isComplete: boolean;
}

export function nameOfExtra(extra: string): string {
  return `extra ${normaliseName(extra)}`;
}

function nameOfGroup(group: string): string {
  return `dependency group ${normaliseName(group)}`;
}

export async function pyprojectDependencies(
  pyproject: PyProject,
  environment: PythonEnvironment,
): Promise<PyProjectDependencies> {
  const { table } = pyproject;
  const declarations: Declaration[] = [];
  const problems: RequirementsProblem[] = [];

  await add(listOfTexts(tableAt(table, 'project')?.dependencies), ['project', 'dependencies']);
  for (const [extra, list] of Object.entries(tableAt(table, 'project', 'optional-dependencies') ?? {})) {
    await add(listOfTexts(list), ['project', 'optional-dependencies', extra], nameOfExtra(extra));
  }
  await addGroups();
  await addPoetry();

  const files = tableAt(table, 'tool', 'setuptools', 'dynamic', 'dependencies')?.file;
  const project = tableAt(table, 'project');
  const poetry = tableAt(table, 'tool', 'poetry');
  const named = [textAt(table, 'project', 'name'), textAt(table, 'tool', 'poetry', 'name')];
  return {
    declarations,
    problems,
    files: typeof files === 'string' ? [files] : listOfTexts(files),
    names: [...named, textAt(table, 'tool', 'kedro', 'package_name')]
      .filter((name) => name !== undefined)
      .map(normaliseName),
    isComplete:
      files !== undefined ||
      (project === undefined ? poetry !== undefined : !listOfTexts(project.dynamic).includes('dependencies')) ||
      poetry?.dependencies !== undefined,
  };

  async function add(texts: readonly string[], path: readonly string[], group?: string): Promise<void> {
    for (const declaration of await read(texts, path)) addDeclaration(declaration, group);
  }

  async function read(texts: readonly string[], path: readonly string[]): Promise<Declaration[]> {
    const found: Declaration[] = [];
    for (const text of texts.slice(0, MAXIMUM_DECLARATIONS)) {
      const place = pyproject.placeOf(text, ...path);
      const declaration = await parseDeclaration(text, { place, environment });
      if (declaration !== undefined) found.push(declaration);
      else
        problems.push({
          kind: 'syntax',
          place,
          message: `${placeText(place)} contains a dependency that is not valid PEP 508`,
        });
    }
    if (texts.length > MAXIMUM_DECLARATIONS) stop();
    return found;
  }

  function addDeclaration(declaration: Declaration, group: string | undefined): void {
    if (declarations.length >= MAXIMUM_DECLARATIONS) stop();
    else declarations.push(group === undefined ? declaration : { ...declaration, group });
  }

  function stop(): void {
    if (problems.some(({ kind }) => kind === 'too-large')) return;
    const message = `pyproject.toml exceeds the limit of ${MAXIMUM_DECLARATIONS} dependencies; the rest was not read`;
    problems.unshift({ kind: 'too-large', place: { file: 'pyproject.toml' }, message });
  }

  /** Each group has what it includes as well; what it lists itself is read once. */
  async function addGroups(): Promise<void> {
    const groups = tableAt(table, 'dependency-groups') ?? {};
    const listed = new Map<string, readonly Declaration[]>();
    const withIncluded = includedGroups(groups, stop);
    for (const group of Object.keys(groups))
      for (const each of withIncluded(group)) {
        if (declarations.length >= MAXIMUM_DECLARATIONS) {
          stop();
          return;
        }
        const own = listed.get(each) ?? (await read(listOfTexts(groups[each]), ['dependency-groups', each]));
        listed.set(each, own);
        for (const declaration of own) addDeclaration(declaration, nameOfGroup(group));
      }
  }

  async function addPoetry(): Promise<void> {
    const poetry = ['tool', 'poetry'] as const;
    await addPoetryTable([...poetry, 'dependencies']);
    await addPoetryTable([...poetry, 'dev-dependencies'], nameOfGroup('dev'));
    for (const group of Object.keys(tableAt(table, ...poetry, 'group') ?? {})) {
      await addPoetryTable([...poetry, 'group', group, 'dependencies'], nameOfGroup(group));
    }
  }

  async function addPoetryTable(path: readonly string[], group?: string): Promise<void> {
    const extras = new Map<string, string[]>();
    for (const [extra, names] of Object.entries(tableAt(table, 'tool', 'poetry', 'extras') ?? {}))
      for (const each of new Set(listOfTexts(names).map(normaliseName)))
        if (extras.get(each)?.push(extra) === undefined) extras.set(each, [extra]);
    for (const [name, value] of Object.entries(tableAt(table, ...path) ?? {})) {
      if (normaliseName(name) === 'python') continue;
      // A list contains the same package for several Pythons.
      for (const each of Array.isArray(value) ? (value as readonly unknown[]) : [value]) {
        const { requirement, isOptional } = poetryRequirement(name, each);
        const place = pyproject.placeOfKey(...path, name);
        const context = { place, environment };
        const declaration = await declare(requirement, context);
        if (!isOptional) addDeclaration(declaration, group);
        else
          for (const extra of extras.get(requirement.name) ?? ['optional'])
            addDeclaration(declaration, nameOfExtra(extra));
      }
    }
  }
}

/** `"^2.0"`, or a table with `version`, `extras`, `optional`, `markers` and `python`. */
function poetryRequirement(name: string, value: unknown): { requirement: Requirement; isOptional: boolean } {
  const written = typeof value === 'string' ? { version: value } : (tableAt({ value }, 'value') ?? {});
  const { version, extras, optional, markers, python } = written;
  const conditions = [
    ...(typeof markers === 'string' && markers !== '' ? [`(${markers})`] : []),
    ...(typeof python === 'string' ? pythonConditions(fromPoetryVersion(python)) : []),
  ];
  const marker = conditions.length === 0 ? undefined : readMarker(conditions.join(' and '));
  return {
    isOptional: optional === true,
    requirement: {
      name: normaliseName(name),
      extras: listOfTexts(extras).map(normaliseName),
      specifier: typeof version === 'string' ? fromPoetryVersion(version) : '',
      ...(marker === undefined ? {} : { marker }),
    },
  };
}

function pythonConditions(specifier: string): string[] {
  return specifier.split(',').flatMap((clause) => {
    const [, operator, version] = /^(===|==|!=|<=|>=|<|>|~=)(.+)$/.exec(clause) ?? [];
    return operator === undefined || version === undefined ? [] : [`python_full_version ${operator} "${version}"`];
  });
}

/**
 * A group and what it includes (PEP 735), each once, also where they include one another. Which of them a group includes
 * counts for all groups together: in a chain of them it grows with the square of its length.
 */
function includedGroups(
  groups: Readonly<Record<string, unknown>>,
  stop: () => void,
): (group: string) => Iterable<string> {
  const keys = new Map<string, string>();
  for (const key of Object.keys(groups).reverse()) keys.set(normaliseName(key), key);
  const direct = new Map(
    Object.entries(groups).map(([group, list]) => [
      group,
      (Array.isArray(list) ? (list as readonly unknown[]) : [])
        .map((entry) => textAt({ entry }, 'entry', 'include-group'))
        .map((included) => (included === undefined ? undefined : keys.get(normaliseName(included))))
        .filter((key) => key !== undefined),
    ]),
  );
  let steps = 0;
  return function* (group) {
    const found = new Set([group]);
    for (const each of found) {
      yield each;
      for (const included of direct.get(each) ?? []) {
        if (++steps > MAXIMUM_INCLUDES) {
          stop();
          return;
        }
        found.add(included);
      }
    }
  };
}

function placeText({ file, line }: Place): string {
  return line === undefined ? file : `${file}:${line}`;
}
