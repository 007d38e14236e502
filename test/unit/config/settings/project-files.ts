import { KdeployError } from '../../../../src/errors.js';
import { ConfigurationError, type ConfigurationProblem } from '../../../../src/config/settings/problem.js';
import type { ProjectSource } from '../../../../src/project/sources/source.js';

/** A project that consists of the given files, by path. */
export function projectOf(files: Readonly<Record<string, string>>) {
  return {
    read: (path) => Promise.resolve(Object.hasOwn(files, path) ? Buffer.from(files[path] ?? '') : undefined),
    list: (folder) =>
      Promise.resolve(
        Object.keys(files)
          .filter((path) => path.startsWith(`${folder}/`))
          .sort(),
      ),
  } satisfies ProjectSource;
}

/** The problems that loading ends with; fails when it does not fail. */
export async function problemsOf(loading: Promise<unknown>): Promise<readonly ConfigurationProblem[]> {
  return (await configurationErrorOf(loading)).problems;
}

export async function configurationErrorOf(loading: Promise<unknown>): Promise<ConfigurationError> {
  const error = await errorOf(loading);
  if (error instanceof ConfigurationError) return error;
  throw new Error('not a ConfigurationError', { cause: error });
}

export async function errorOf(promise: Promise<unknown>): Promise<KdeployError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof KdeployError) return error;
    throw error;
  }
  throw new Error('expected an error');
}

/** As a user reads them, in one line each. */
export function lines(problems: readonly { where: string; message: string; remedy?: string }[]): string[] {
  return problems.map(({ where, message }) => `${where}: ${message}`);
}
