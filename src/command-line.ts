import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { execute, type Interfaces } from '@oclif/core';

/** The package's own folder; this file is one level below it, as source and compiled. */
const ROOT = fileURLToPath(new URL('..', import.meta.url));

/**
 * Runs the command line of this process to its end. oclif is given what it would otherwise look for on the disk at each
 * start: where the package is, and that nobody adds plugins to it.
 */
export async function runCommandLine(argv: readonly string[] = process.argv.slice(2)): Promise<void> {
  const [pjson, manifest] = await Promise.all([
    readJson<Interfaces.PJSON>('package.json'),
    readJson<Interfaces.Manifest>('oclif.manifest.json').catch(() => undefined),
  ]);
  if (isOwnCommand(argv[0], Object.keys(manifest?.commands ?? {}))) pjson.oclif.plugins = [];
  const loadOptions = { root: ROOT, pjson, userPlugins: false, devPlugins: false };
  await execute({ args: [...argv], loadOptions });
}

/**
 * Whether the first word alone says that it is a command of ours, which has no use for the plugins (`help`,
 * `autocomplete`). They are to be loaded for a word that nobody knows, since the one that was meant may be theirs.
 */
export function isOwnCommand(word: string | undefined, ids: readonly string[]): boolean {
  return ids.some((id) => id.split(':', 1)[0] === word);
}

async function readJson<T>(file: string): Promise<T> {
  return JSON.parse(await readFile(path.join(ROOT, file), 'utf8')) as T;
}
