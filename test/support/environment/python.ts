import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { cached, isCached, recipeKey } from './cache.js';
import { run } from './commands.js';
import { certificateBundle, certificateVariables, packageIndexVariables } from './package-index.js';
import { timed } from './progress.js';

/**
 * newest: what everything runs on; oldest: what the runtime in the image must cope with as well; linters: what judges the
 * files that kdeploy writes, apart from the rest so that a newer schema makes nobody's Kedro new; airflow2, airflow3: what runs
 * the DAGs that kdeploy writes.
 */
export type PythonVersions = 'newest' | 'oldest' | 'linters' | 'airflow2' | 'airflow3';

const REQUIREMENTS: Readonly<Record<PythonVersions, string>> = {
  newest: fileURLToPath(new URL('python-requirements.txt', import.meta.url)),
  oldest: fileURLToPath(new URL('python-requirements-oldest.txt', import.meta.url)),
  linters: fileURLToPath(new URL('python-requirements-linters.txt', import.meta.url)),
  airflow2: fileURLToPath(new URL('python-requirements-airflow2.txt', import.meta.url)),
  airflow3: fileURLToPath(new URL('python-requirements-airflow3.txt', import.meta.url)),
};
/** Some machines tell Python to write no bytecode; compiling Kedro and MLflow anew costs each of their commands four seconds. */
export const keepBytecode = { PYTHONDONTWRITEBYTECODE: '' };
const oldest = { major: 3, minor: 10 };

/** Names the virtual environment: its scripts point at this very interpreter, so another one needs an environment of its own. */
export async function pythonKey(versions: PythonVersions = 'newest'): Promise<string> {
  const version = await run(['python3', '-c', 'import sys; print(sys.executable, *sys.version_info[:3])']);
  const [, major, minor] = version.split(' ');
  if (Number(major) < oldest.major || (Number(major) === oldest.major && Number(minor) < oldest.minor)) {
    throw new Error(
      `python3 is ${version}; Kedro 1.7 and MLflow 3 need Python ${oldest.major}.${oldest.minor} or later`,
    );
  }
  return recipeKey(version, await readFile(REQUIREMENTS[versions], 'utf8'));
}

/** The virtual environment with Kedro, its plugins, MLflow, pytest and ruff: made once, then kept. */
export async function ensureVirtualEnvironment(versions: PythonVersions = 'newest'): Promise<string> {
  const name = `python-${await pythonKey(versions)}`;
  if (isCached(name)) return cached(name, () => Promise.resolve());
  return timed('Python environment', 'made', () =>
    cached(name, (folder) => makeVirtualEnvironment(folder, REQUIREMENTS[versions])),
  );
}

export function pythonOf(virtualEnvironment: string): string {
  return path.join(virtualEnvironment, 'bin', 'python');
}

async function makeVirtualEnvironment(folder: string, requirements: string): Promise<void> {
  const python = pythonOf(folder);
  const bundle = certificateBundle();
  const env = { ...packageIndexVariables(), ...(bundle === undefined ? {} : certificateVariables(bundle)) };
  await run(['python3', '-m', 'venv', folder]);
  await run([python, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', 'uv'], { env });
  await run([path.join(folder, 'bin', 'uv'), 'pip', 'install', '--quiet', '--python', python, '-r', requirements], {
    env,
  });
}
