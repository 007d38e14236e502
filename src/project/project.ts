import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { stat } from 'node:fs/promises';
import { KdeployError } from '../errors.js';
import { projectsBelow } from './projects-below.js';
import { listOfTexts, parsePyProject, tableAt, textAt, type PyProject } from './python/pyproject.js';
import type { ProjectSource } from './sources/source.js';
import { shellWord } from '../shell-words.js';
import { workTree } from './sources/work-tree.js';

/** A Kedro project: what `[tool.kedro]` in its pyproject.toml says about it. */
export interface Project {
  /** Absolute. */
  readonly root: string;
  readonly name: string;
  /** The Python package, which kedro-mlflow takes for the experiment's name when mlflow.yml gives none. */
  readonly packageName: string;
  /** Relative to the root, with forward slashes: `src`; empty when the package lies at the root. */
  readonly sourceFolder: string;
  readonly kedroVersion?: string;
  /** `[project].version`. */
  readonly projectVersion?: string;
  /** Whether `[project].dynamic` leaves the version to the build backend: then it must not be written there as well (PEP 621). */
  readonly hasDynamicVersion?: boolean;
  readonly source: ProjectSource;
}

/**
 * The Kedro project that `start` lies in: the nearest folder upwards whose pyproject.toml has `[tool.kedro]`. A nearer
 * pyproject.toml without it (a library in the project) does not end the search.
 * Throws KdeployError `not-a-project`, or `configuration` for the nearest pyproject.toml that is not TOML.
 */
export async function findProject(start: string): Promise<Project> {
  const from = resolve(start);
  if (!(await isFolder(from))) {
    throw new KdeployError('not-a-project', `the folder ${start} does not exist`, {
      hint: 'pass an existing folder with --project',
    });
  }
  const passed: string[] = [];
  for (let folder = from; ; folder = dirname(folder)) {
    const source = workTree(folder);
    const bytes = await source.read('pyproject.toml');
    if (bytes !== undefined) {
      const pyproject = await parsePyProject(bytes);
      if (tableAt(pyproject.table, 'tool', 'kedro') !== undefined) return toProject(folder, pyproject, source);
      passed.push(join(folder, 'pyproject.toml'));
    }
    if (dirname(folder) === folder) throw notAProject(from, passed, await projectsBelow(workTree(from)));
  }
}

/** The same for a project whose root is known, wherever it is read from: a commit, a test. */
export async function readProject(root: string, source: ProjectSource): Promise<Project> {
  const bytes = await source.read('pyproject.toml');
  if (bytes === undefined) throw notAProject(root, []);
  const pyproject = await parsePyProject(bytes);
  if (tableAt(pyproject.table, 'tool', 'kedro') === undefined) throw notAProject(root, [join(root, 'pyproject.toml')]);
  return toProject(root, pyproject, source);
}

/** A monorepo may have dozens. */
const MAXIMUM_NAMED = 5;

/** Kedro insists on these (kedro/framework/startup.py, _get_project_metadata). */
const MANDATORY_KEYS = ['package_name', 'project_name'] as const;

function toProject(root: string, { table }: PyProject, source: ProjectSource): Project {
  const missing = MANDATORY_KEYS.filter((key) => textAt(table, 'tool', 'kedro', key) === undefined);
  if (missing.length > 0) {
    throw new KdeployError(
      'not-a-project',
      `${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} missing from [tool.kedro] in pyproject.toml`,
      {
        place: { file: 'pyproject.toml' },
        hint: 'copy these keys from a project created with: kedro new',
      },
    );
  }
  // Kedro before 0.18.2 wrote `project_version`.
  const kedroVersion =
    textAt(table, 'tool', 'kedro', 'kedro_init_version') ?? textAt(table, 'tool', 'kedro', 'project_version');
  const projectVersion = textAt(table, 'project', 'version');
  const isVersionDynamic = listOfTexts(tableAt(table, 'project')?.dynamic).includes('version');
  return {
    root,
    name: textAt(table, 'tool', 'kedro', 'project_name') ?? '',
    packageName: textAt(table, 'tool', 'kedro', 'package_name') ?? '',
    sourceFolder: sourceFolder(textAt(table, 'tool', 'kedro', 'source_dir') ?? 'src'),
    ...(kedroVersion === undefined ? {} : { kedroVersion }),
    ...(projectVersion === undefined ? {} : { projectVersion }),
    ...(isVersionDynamic ? { hasDynamicVersion: true } : {}),
    source,
  };
}

function sourceFolder(folder: string): string {
  const parts = folder.split(/[\\/]/).filter((part) => part !== '' && part !== '.');
  if (isAbsolute(folder) || parts.includes('..')) {
    throw new KdeployError('not-a-project', 'source_dir in [tool.kedro] points outside the project', {
      place: { file: 'pyproject.toml' },
      hint: 'use a path relative to the project: source_dir = "src"',
    });
  }
  return parts.join('/');
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}

function notAProject(start: string, passed: readonly string[], below: readonly string[] = []): KdeployError {
  const found =
    passed.length === 0 ? '' : `; ${passed.join(' and ')} ${passed.length === 1 ? 'has' : 'have'} no [tool.kedro]`;
  return new KdeployError('not-a-project', `${start} is not in a Kedro project${found}`, {
    hint:
      below.length === 0
        ? 'change into the project, or pass --project DIR; to create one: kedro new'
        : `change into a project below it, or pass it: ${below
            .slice(0, MAXIMUM_NAMED)
            .map((folder) => `--project ${shellWord(relative(process.cwd(), join(start, folder)) || '.')}`)
            .join(', or ')}${below.length > MAXIMUM_NAMED ? `, or another of ${below.length}` : ''}`,
  });
}
