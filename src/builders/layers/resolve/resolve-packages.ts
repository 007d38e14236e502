import path from 'node:path';
import { readPlainFile } from '../../../plain-file.js';
import type { ProjectSource } from '../../../project/sources/source.js';
import { compileRequirements, type CompileRequest, type Compiled } from './compile-requirements.js';
import { findDependencySource, type DependencySource } from '../../../project/python/dependency-source.js';
import { exportUvLock } from './export-uv-lock.js';
import { credentialsInText, uniqueCredentials, type IndexCredentials } from './index-credentials.js';
import type { LockedPackage } from './locked-package.js';
import { installPoetryLock } from './poetry-lock.js';
import { readPylock } from './pylock.js';
import { readUvSettings } from './uv-settings.js';
import { workspaceLock } from '../../../project/python/uv-workspace.js';

export interface ResolveRequest extends CompileRequest {
  readonly source: ProjectSource;
}

/** What an image of the project installs. */
export interface Resolution {
  /** Sorted by name. */
  readonly packages: readonly LockedPackage[];
  /** The file that decided, relative to the project: `uv.lock`, `../../uv.lock`, `requirements.txt`, `pyproject.toml`. */
  readonly lockedBy: string;
  /** Whether that file has the versions and hashes of all packages; otherwise uv has chosen them. */
  readonly isLocked: boolean;
  /** Who may download from where. */
  readonly indexes: readonly IndexCredentials[];
}

/**
 * From a Kedro project to the packages of its image: as locked where the project has a lock, else as uv resolves its
 * requirements for the image's Python and platform. Throws KdeployError `configuration` for what the project's files
 * say, `build-failed` for what cannot be resolved, `credentials`, `registry-unreachable`, `tool-missing`, `interrupted`.
 */
export async function resolvePackages(request: ResolveRequest): Promise<Resolution> {
  const { project, source, note } = request;
  const decides = await findDependencySource(source, () => workspaceLock(project));
  if (decides.ignored.length > 0)
    note(`${decides.file} decides which packages are installed; ${decides.ignored.join(' and ')} is not read`);
  const { packages, credentials, isLocked } = await resolveBy(decides, request);
  return { packages, lockedBy: decides.file, isLocked, indexes: credentials };
}

function resolveBy({ kind, file }: DependencySource, request: ResolveRequest): Promise<Compiled> {
  switch (kind) {
    case 'uv.lock':
      return exportUvLock(file, request);
    case 'pylock.toml':
      return installPylock(file, request);
    case 'poetry.lock':
      return installPoetryLock(request);
    case 'requirements':
    case 'pyproject':
      return compileRequirements(file, request);
  }
}

/** A lock with everything in it: nothing is started. */
async function installPylock(file: string, request: ResolveRequest): Promise<Compiled> {
  const { project, python, environment } = request;
  const text = (await readPlainFile(path.join(project, file))).toString('utf8');
  const packages = await readPylock(text, { python, file, folder: project });
  const settings = await readUvSettings(project, environment);
  return {
    packages,
    credentials: uniqueCredentials([...credentialsInText(text), ...settings.credentials]),
    isLocked: true,
  };
}
