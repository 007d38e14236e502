import { KdeployError } from '../../errors.js';
import { listOfTexts, parsePyProject, tableAt } from './pyproject.js';
import type { ProjectSource } from '../sources/source.js';

/** Which file decides what is installed in the image. */
export interface DependencySource {
  readonly kind: 'uv.lock' | 'pylock.toml' | 'poetry.lock' | 'requirements' | 'pyproject';
  /** Relative to the project: `requirements.txt`, `../../uv.lock`. */
  readonly file: string;
  /** What is there as well, and not read. */
  readonly ignored: readonly string[];
}

/** The lock of the workspace that the project is a member of, relative to the project; `undefined`: there is none. */
export type WorkspaceLock = () => Promise<string | undefined>;

const LOCKS = ['uv.lock', 'pylock.toml', 'poetry.lock'] as const;
/** Where Kedro's templates have put requirements over the years. */
const REQUIREMENTS = ['requirements.txt', 'src/requirements.txt'] as const;

/**
 * The rule: a lock decides (uv.lock of the project, else of its workspace, then pylock.toml, then poetry.lock), else
 * requirements.txt, else src/requirements.txt, else the dependencies in pyproject.toml. A lock says more than a file that
 * it was not made of, so it counts although there are requirements.
 * Throws KdeployError `configuration`: there is none of them.
 */
export async function findDependencySource(
  source: ProjectSource,
  workspaceLock: WorkspaceLock,
): Promise<DependencySource> {
  const found: Omit<DependencySource, 'ignored'>[] = [];
  for (const kind of LOCKS) {
    if (await exists(source, kind)) found.push({ kind, file: kind });
    else if (kind === 'uv.lock') {
      const file = await workspaceLock();
      if (file !== undefined) found.push({ kind, file });
    }
  }
  for (const file of REQUIREMENTS) if (await exists(source, file)) found.push({ kind: 'requirements', file });
  if (found.length === 0 && (await declaresDependencies(source)))
    found.push({ kind: 'pyproject', file: 'pyproject.toml' });
  const [first, ...rest] = found;
  if (first !== undefined) return { ...first, ignored: rest.map(({ file }) => file) };
  throw new KdeployError('configuration', 'the project does not say which packages it needs', {
    hint: 'list them in requirements.txt (kedro and kedro-mlflow at least), or lock the project: uv lock',
  });
}

/** Its size does not matter here: a lock may be larger than what is read for its meaning. */
async function exists(source: ProjectSource, file: string): Promise<boolean> {
  const folder = file.slice(0, Math.max(0, file.lastIndexOf('/')));
  return (await source.list(folder, () => true)).includes(file);
}

async function declaresDependencies(source: ProjectSource): Promise<boolean> {
  const bytes = await source.read('pyproject.toml');
  if (bytes === undefined) return false;
  const project = tableAt((await parsePyProject(bytes)).table, 'project');
  return listOfTexts(project?.dependencies).length > 0 || listOfTexts(project?.dynamic).includes('dependencies');
}
