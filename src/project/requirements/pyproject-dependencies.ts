import type { Place } from '../../errors.js';
import { listOfTexts, tableAt, textAt, type PyProject } from '../pyproject.js';
import { parseDeclaration, type Declaration, type RequirementsProblem } from './declaration.js';
import type { PythonEnvironment } from './marker.js';
import { normaliseName } from './name.js';

export interface PyProjectDependencies {
  /** `[project].dependencies` first; those of extras and groups carry `group`. */
  readonly declarations: readonly Declaration[];
  readonly problems: readonly RequirementsProblem[];
  /** setuptools' `dependencies = {file = ["requirements.txt"]}`, which Kedro's template used until 0.19. */
  readonly files: readonly string[];
}

export function nameOfExtra(extra: string): string {
  return `extra ${normaliseName(extra)}`;
}

export async function pyprojectDependencies(
  pyproject: PyProject,
  environment: PythonEnvironment,
): Promise<PyProjectDependencies> {
  const { table } = pyproject;
  const declarations: Declaration[] = [];
  const problems: RequirementsProblem[] = [];

  await add(listOfTexts(tableAt(table, 'project')?.dependencies));
  for (const [extra, list] of Object.entries(tableAt(table, 'project', 'optional-dependencies') ?? {})) {
    await add(listOfTexts(list), nameOfExtra(extra));
  }
  for (const [group, list] of Object.entries(tableAt(table, 'dependency-groups') ?? {})) {
    // `{include-group = "test"}` entries (PEP 735) repeat what that group declares itself.
    await add(listOfTexts(list), `dependency group ${group}`);
  }
  addPoetry();

  const files = tableAt(table, 'tool', 'setuptools', 'dynamic', 'dependencies')?.file;
  return { declarations, problems, files: typeof files === 'string' ? [files] : listOfTexts(files) };

  async function add(texts: readonly string[], group?: string): Promise<void> {
    for (const text of texts) {
      const place = pyproject.placeOf(text);
      const declaration = await parseDeclaration(text, {
        place,
        environment,
        ...(group === undefined ? {} : { group }),
      });
      if (declaration !== undefined) declarations.push(declaration);
      else
        problems.push({ kind: 'syntax', place, message: `${placeText(place)} holds a dependency that is not PEP 508` });
    }
  }

  /** Only which packages: Poetry's own version syntax (`^2.0`) says nothing that a rule asks. */
  function addPoetry(): void {
    for (const name of Object.keys(tableAt(table, 'tool', 'poetry', 'dependencies') ?? {})) {
      if (name === 'python') continue;
      const text = textAt(table, 'tool', 'poetry', 'dependencies', name) ?? '';
      declarations.push({
        name: normaliseName(name),
        specifier: /^\d/.test(text) ? `==${text}` : '',
        extras: [],
        place: { file: 'pyproject.toml' },
        isConstraint: false,
        applies: true,
      });
    }
  }
}

function placeText({ file, line }: Place): string {
  return line === undefined ? file : `${file}:${line}`;
}
