import type { Dockerfile } from '../project/dockerfile/dockerfile.js';
import { parsePyProject, tableAt } from '../project/python/pyproject.js';
import type { CheckContext } from './context.js';
import { LOCK_FILES } from '../project/python/lock-file.js';

/**
 * Whether there is no Dockerfile, so that kedro docker writes its own, and no requirements.txt for that one to install.
 * requirements-readable reports it; for other rules there is nothing to add to such a file.
 */
export async function lacksRequirementsOfTemplate(context: CheckContext): Promise<boolean> {
  const { value: dockerfile } = await context.dockerfile();
  if (dockerfile?.isTemplate !== true) return false;
  return dockerfile.installs.some((install) => install.kind === 'requirements-file' && !install.exists);
}

/** The one file that the Dockerfile of kedro docker copies and installs: up to kedro-docker 0.4 `src/requirements.txt`. */
export function requirementsOfTemplate(dockerfile: Pick<Dockerfile, 'installs'> | undefined): string {
  return dockerfile?.installs.find((install) => install.kind === 'requirements-file')?.file ?? 'requirements.txt';
}

/**
 * The command that makes that file of what the project has instead. A line that includes the other file would
 * not do: kedro docker copies that file alone, so pip would not find what it includes.
 */
export async function commandForRequirements(context: CheckContext): Promise<string> {
  const { source } = context;
  const target = requirementsOfTemplate((await context.dockerfile()).value);
  const has = async (file: string): Promise<boolean> => (await source.read(file)) !== undefined;
  const input = target.replace(/\.txt$/, '.in');
  if (await has(input)) return `pip-compile ${input} --output-file ${target}`;
  for (const other of ['requirements.txt', 'src/requirements.txt']) {
    if (other !== target && (await has(other))) return `cp ${other} ${target}`;
  }
  if (await has(LOCK_FILES.uv)) return `uv export --no-emit-project --no-hashes --output-file ${target}`;
  const bytes = await source.read('pyproject.toml');
  const table = bytes === undefined ? {} : (await parsePyProject(bytes)).table;
  if (tableAt(table, 'tool', 'poetry', 'dependencies') !== undefined || (await has(LOCK_FILES.poetry)))
    return `poetry export --without-hashes --output ${target} (Poetry 2 needs the plugin poetry-plugin-export)`;
  if (tableAt(table, 'project')?.dependencies !== undefined)
    return `pip-compile pyproject.toml --output-file ${target}`;
  return `list the packages that the project imports in ${target}, or write a Dockerfile that installs them`;
}
