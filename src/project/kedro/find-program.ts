import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';

/** Where a program is looked for. */
export interface ProgramPlace {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly isWindows: boolean;
  readonly currentFolder: string;
}

/** In the folder of a virtual environment's programs. */
export async function inBinFolder(
  name: string,
  environmentFolder: string | undefined,
  around: ProgramPlace,
): Promise<string | undefined> {
  if (environmentFolder === undefined || environmentFolder === '') return undefined;
  return executable(join(environmentFolder, around.isWindows ? 'Scripts' : 'bin', name), around);
}

export async function onPath(name: string, around: ProgramPlace): Promise<string | undefined> {
  const folders = (around.environment.PATH ?? around.environment.Path ?? '').split(around.isWindows ? ';' : delimiter);
  for (const folder of folders) {
    const path = folder === '' ? undefined : await executable(resolve(around.currentFolder, folder, name), around);
    if (path !== undefined) return path;
  }
  return undefined;
}

/** The path, with the suffix of a program where Windows needs one; `undefined`: it cannot be run. */
export async function executable(path: string, { isWindows }: ProgramPlace): Promise<string | undefined> {
  const names =
    isWindows && !/\.(?:exe|cmd|bat)$/i.test(path) ? ['.exe', '.cmd', '.bat'].map((suffix) => path + suffix) : [path];
  for (const name of names) if (await isAccessible(name, isWindows ? constants.F_OK : constants.X_OK)) return name;
  return undefined;
}

export async function isAccessible(path: string, mode: number): Promise<boolean> {
  try {
    await access(path, mode);
    return true;
  } catch {
    return false;
  }
}
