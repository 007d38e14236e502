import { constants, statSync } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import path from 'node:path';

/** Where a program is looked for. */
export interface ProgramPlace {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly isWindows: boolean;
  readonly currentFolder: string;
  /** What the file system says; that of this machine without it. */
  readonly canRun?: (file: string) => Promise<boolean>;
}

/** What Windows starts without being told its ending. Node starts `.exe` by itself, and `.cmd` and `.bat` by `cmd.exe`, through execa. */
const ENDINGS = ['.exe', '.cmd', '.bat'];

/** The rules for paths of the system that the program is looked for on. */
export function pathsOf({ isWindows }: Pick<ProgramPlace, 'isWindows'>): path.PlatformPath {
  return isWindows ? path.win32 : path.posix;
}

/** In the folder of a virtual environment's programs. */
export async function inBinFolder(
  name: string,
  environmentFolder: string | undefined,
  around: ProgramPlace,
): Promise<string | undefined> {
  if (environmentFolder === undefined || environmentFolder === '') return undefined;
  return executable(pathsOf(around).join(environmentFolder, around.isWindows ? 'Scripts' : 'bin', name), around);
}

export async function onPath(name: string, around: ProgramPlace): Promise<string | undefined> {
  for await (const found of everyOnPath(name, around)) return found;
  return undefined;
}

/** Also those that the first one hides. */
export async function* everyOnPath(name: string, around: ProgramPlace): AsyncGenerator<string> {
  for (const folder of foldersOnPath(around)) {
    const found = await executable(pathsOf(around).join(folder, name), around);
    if (found !== undefined) yield found;
  }
}

/** The path, with the ending of a program where Windows needs one; `undefined`: it cannot be run. */
export async function executable(file: string, around: ProgramPlace): Promise<string | undefined> {
  const { isWindows, canRun = (each: string) => isRunnable(each, isWindows) } = around;
  for (const name of namesOf(file, isWindows)) if (await canRun(name)) return name;
  return undefined;
}

/**
 * How to name a program of PATH to whatever starts it. Windows looks for a bare name in the current folder first, and so would
 * start the git.exe that somebody committed to a project: there it is the path, and `undefined` where PATH has none.
 */
export function programToStart(
  name: string,
  environment: ProgramPlace['environment'],
  { isWindows = process.platform === 'win32', endings = ENDINGS, isFile = isFileHere } = {},
): string | undefined {
  if (!isWindows) return name;
  const folders = foldersOnPath({ environment, isWindows, currentFolder: process.cwd() });
  return folders.flatMap((folder) => endings.map((ending) => path.win32.join(folder, name + ending))).find(isFile);
}

/** Absolute. An empty word on PATH means the current folder to a shell, and is an oversight. */
function foldersOnPath({ environment, isWindows, currentFolder }: ProgramPlace): string[] {
  const paths = pathsOf({ isWindows });
  return (
    pathVariable(environment, isWindows)
      .split(paths.delimiter)
      // Windows takes a folder in quotes as well.
      .map((folder) => (isWindows ? folder.replaceAll('"', '') : folder))
      .filter((folder) => folder !== '')
      .map((folder) => paths.resolve(currentFolder, folder))
  );
}

/** Windows does not care how it is written, and `Path` it is there; a copy of the environment cares. */
function pathVariable(environment: ProgramPlace['environment'], isWindows: boolean): string {
  const name = isWindows ? Object.keys(environment).find((each) => each.toUpperCase() === 'PATH') : 'PATH';
  return environment[name ?? 'PATH'] ?? '';
}

function namesOf(file: string, isWindows: boolean): string[] {
  if (!isWindows || ENDINGS.includes(path.win32.extname(file).toLowerCase())) return [file];
  return ENDINGS.map((ending) => file + ending);
}

/** Windows has no right to execute: there a file is a program by its ending. */
export async function isRunnable(file: string, isWindows: boolean): Promise<boolean> {
  try {
    await access(file, isWindows ? constants.F_OK : constants.X_OK);
    return !(await stat(file)).isDirectory();
  } catch {
    return false;
  }
}

function isFileHere(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFile() === true;
}
