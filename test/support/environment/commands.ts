import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';

import { execa, type Options } from 'execa';

/** Where daemons and network tools live; Debian leaves these folders out of an ordinary user's PATH. */
const administrationFolders = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/** Every executable called `name`, in the order of PATH: the first one need not be the one that works. */
export function commandPaths(name: string): string[] {
  const folders = [...(process.env.PATH ?? '').split(path.delimiter), ...administrationFolders];
  const candidates = folders.filter((folder) => folder !== '').map((folder) => path.join(folder, name));
  return [...new Set(candidates)].filter(isExecutableFile);
}

export function findCommand(name: string): string | undefined {
  return commandPaths(name)[0];
}

/** The command's path, for commands that packages.ts has made sure of. */
export function requireCommand(name: string): string {
  const found = findCommand(name);
  if (found === undefined) throw new Error(`${name} is not installed, and no package brought it`);
  return found;
}

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** The command line that runs `command` as root. sudo asks for its password on the terminal; where there is none, it says so. */
export function asRoot(command: readonly string[]): string[] {
  return isRoot() ? [...command] : [findCommand('sudo') ?? 'sudo', ...command];
}

/** Fails with a sentence, before the first of several commands would fail with one of its own. */
export async function requireRoot(purpose: string): Promise<void> {
  if (isRoot() || (await succeeds(asRoot(['true'])))) return;
  const problem =
    findCommand('sudo') === undefined ? 'sudo is not installed' : 'sudo refuses, or has no terminal to ask at';
  throw new Error(`${purpose} needs root, and ${problem}: run this as root, or as a user with sudo`);
}

/** Runs a command to its end; a failure carries what the command wrote to stderr. */
export async function run(command: readonly string[], options: Options = {}): Promise<string> {
  const [file, ...args] = command;
  if (file === undefined) throw new Error('no command given');
  const { stdout } = await execa(file, args, { stdin: 'ignore', ...options });
  return typeof stdout === 'string' ? stdout : '';
}

export async function runAsRoot(command: readonly string[], options: Options = {}): Promise<string> {
  return run(asRoot(command), options);
}

/** Whether the command ends with exit code 0. */
export async function succeeds(command: readonly string[], options: Options = {}): Promise<boolean> {
  try {
    await run(command, options);
    return true;
  } catch {
    return false;
  }
}

function isExecutableFile(candidate: string): boolean {
  try {
    accessSync(candidate, constants.X_OK);
    return statSync(candidate).isFile();
  } catch {
    return false;
  }
}
