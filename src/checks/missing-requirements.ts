import { parsePyProject, tableAt } from '../project/python/pyproject.js';
import type { CheckContext } from './context.js';
import { LOCK_FILES } from '../project/python/lock-file.js';

/** The one file that the Dockerfile of kedro docker copies and installs. */
const TARGET = 'requirements.txt';

/**
 * Whether there is no Dockerfile, so that kedro docker writes its own, and no requirements.txt for that one to install.
 * requirements-readable reports it; for other rules there is nothing to add to such a file.
 */
export async function lacksRequirementsOfTemplate(context: CheckContext): Promise<boolean> {
  const { value: dockerfile } = await context.dockerfile();
  if (dockerfile?.isTemplate !== true) return false;
  return dockerfile.installs.some((install) => install.kind === 'requirements-file' && !install.exists);
}

/**
 * The command that makes requirements.txt of what the project has instead. A line that includes the other file would
 * not do: kedro docker copies requirements.txt alone, so pip would not find what it includes.
 */
export async function commandForRequirements({ source }: CheckContext): Promise<string> {
  const has = async (file: string): Promise<boolean> => (await source.read(file)) !== undefined;
  if (await has('requirements.in')) return `pip-compile requirements.in --output-file ${TARGET}`;
  if (await has('src/requirements.txt')) return `cp src/requirements.txt ${TARGET}`;
  if (await has(LOCK_FILES.uv)) return `uv export --no-emit-project --no-hashes --output-file ${TARGET}`;
  const bytes = await source.read('pyproject.toml');
  const table = bytes === undefined ? {} : (await parsePyProject(bytes)).table;
  if (tableAt(table, 'tool', 'poetry', 'dependencies') !== undefined || (await has(LOCK_FILES.poetry)))
    return `poetry export --without-hashes --output ${TARGET} (Poetry 2 needs the plugin poetry-plugin-export)`;
  if (tableAt(table, 'project')?.dependencies !== undefined)
    return `pip-compile pyproject.toml --output-file ${TARGET}`;
  return `list the packages that the project imports in ${TARGET}, or write a Dockerfile that installs them`;
}
