import type { Place } from '../../errors.js';
import { listOfTexts, tableAt, textAt, type PyProject } from './pyproject.js';
import { declare, parseDeclaration, type Declaration, type RequirementsProblem } from './declaration.js';
import type { PythonEnvironment } from './marker.js';
import { normaliseName } from './name.js';
import { fromPoetryVersion } from './poetry-version.js';
import { readMarker, type Requirement } from './requirement.js';

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
  const groups = tableAt(table, 'dependency-groups') ?? {};
  for (const group of Object.keys(groups)) {
    for (const included of includedGroups(groups, group)) {
      await add(listOfTexts(groups[included]), ['dependency-groups', included], nameOfGroup(group));
    }
  }
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
    for (const text of texts) {
      const place = pyproject.placeOf(text, ...path);
      const declaration = await parseDeclaration(text, {
        place,
        environment,
        ...(group === undefined ? {} : { group }),
      });
      if (declaration !== undefined) declarations.push(declaration);
      else
        problems.push({
          kind: 'syntax',
          place,
          message: `${placeText(place)} contains a dependency that is not valid PEP 508`,
        });
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
    const extras = Object.entries(tableAt(table, 'tool', 'poetry', 'extras') ?? {});
    for (const [name, value] of Object.entries(tableAt(table, ...path) ?? {})) {
      if (normaliseName(name) === 'python') continue;
      // A list contains the same package for several Pythons.
      for (const each of Array.isArray(value) ? (value as readonly unknown[]) : [value]) {
        const { requirement, isOptional } = poetryRequirement(name, each);
        const place = pyproject.placeOfKey(...path, name);
        const context = { place, environment };
        if (!isOptional) {
          declarations.push(await declare(requirement, group === undefined ? context : { ...context, group }));
          continue;
        }
        const askedBy = extras.filter(([, names]) => listOfTexts(names).map(normaliseName).includes(requirement.name));
        const names = askedBy.length === 0 ? ['optional'] : askedBy.map(([extra]) => extra);
        for (const extra of names)
          declarations.push(await declare(requirement, { ...context, group: nameOfExtra(extra) }));
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

/** The group and what it includes (PEP 735), each once, also where they include one another. */
function includedGroups(groups: Readonly<Record<string, unknown>>, group: string): string[] {
  const found = new Set<string>();
  const pending = [group];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const wanted = normaliseName(next);
    const key = Object.keys(groups).find((each) => normaliseName(each) === wanted);
    if (key === undefined || found.has(key)) continue;
    found.add(key);
    const list: unknown = groups[key];
    for (const entry of Array.isArray(list) ? (list as readonly unknown[]) : []) {
      const included = textAt({ entry }, 'entry', 'include-group');
      if (included !== undefined) pending.push(included);
    }
  }
  return [...found];
}

function placeText({ file, line }: Place): string {
  return line === undefined ? file : `${file}:${line}`;
}
