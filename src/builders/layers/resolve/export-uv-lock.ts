import path from 'node:path';
import { readPlainFile } from '../../../plain-file.js';
import { textAt } from '../../../project/python/pyproject.js';
import type { CompileRequest, Compiled } from './compile-requirements.js';
import { credentialsInText, uniqueCredentials } from './index-credentials.js';
import { findKeptLock, fingerprint, keepLock, type Recipe } from './kept-lock.js';
import { readPylock } from './pylock.js';
import { resolveFailure } from './resolve-failure.js';
import { runUv } from './run-uv.js';
import { readUvSettings } from './uv-settings.js';
import { pyprojectIn } from '../../../project/python/uv-workspace.js';

/**
 * What uv.lock installs for the project: of a workspace what this member needs, without extras and dependency groups.
 * The project itself is not installed, since Kedro finds it in its source folder; members that it needs are, as packages.
 * uv compares the lock with pyproject.toml first, and refuses one that is older (`--locked`).
 */
export async function exportUvLock(file: string, request: CompileRequest): Promise<Compiled> {
  const { project, python, uv, environment, signal, onLine, cache } = request;
  const settings = await readUvSettings(project, environment);
  const lock = path.resolve(project, file);
  // There, paths in the answer of every version of uv are relative to the same folder.
  const folder = path.dirname(lock);
  const text = (await readPlainFile(lock)).toString('utf8');
  const credentials = uniqueCredentials([...settings.credentials, ...credentialsInText(text)]);
  const pyproject = await pyprojectIn(project);
  const member = textAt(pyproject?.table, 'project', 'name');
  const recipe: Recipe = [
    'uv.lock',
    uv.version,
    [python.version, python.libc, python.machine],
    [project, member],
    text,
    await fingerprint(project),
    await fingerprint(folder),
    settings.recipe,
  ];
  const kept = await findKeptLock(cache, recipe);
  if (kept !== undefined) return { packages: kept, credentials, isLocked: true };

  const words = ['export', '--format', 'pylock.toml', '--locked', '--no-default-groups', '--no-emit-project'];
  const answer = await runUv(
    uv,
    [...words, '--no-header', '--no-annotate', ...(member === undefined ? [] : ['--package', member])],
    { folder, environment, signal, onLine },
  );
  if (answer.exitCode !== 0)
    throw resolveFailure(answer, {
      message: `${file} cannot be installed`,
      file: path.basename(file) === file ? 'pyproject.toml' : file,
      requirements: [],
    });
  const packages = await readPylock(answer.output, { python, file, folder, command: 'uv lock' });
  await keepLock(cache, recipe, packages);
  return { packages, credentials, isLocked: true };
}
