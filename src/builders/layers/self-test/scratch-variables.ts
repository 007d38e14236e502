import type { RunConfiguration } from '../../../image/run-configuration.js';
import type { ScratchFolder } from './scratch-folder.js';

/**
 * About the system of the image, which is not there: its libraries, its Python. And what keeps Python from keeping its bytecode,
 * for the next self-test has the same packages.
 */
const OF_ITS_SYSTEM = /^(?:LD_.*|DYLD_.*|PYTHONHOME|PYTHONEXECUTABLE|PYTHONPYCACHEPREFIX|PYTHONDONTWRITEBYTECODE)$/;

const SYSTEM_PATH = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** In the scratch folder, for temporary files. */
export const TEMPORARY = '/tmp';

/**
 * The variables of a program that runs in an image that is laid out in a scratch folder: the image's own, with the paths of
 * what is laid out. Of the user's there are none: in a container they would not be there either, and no credential is
 * lent to the project's code. `bin`: the folder of the programs of the packages.
 */
export async function scratchVariables(
  { env, workingDirectory }: Pick<RunConfiguration, 'env' | 'workingDirectory'>,
  scratch: ScratchFolder,
  bin: string,
): Promise<Record<string, string>> {
  const variables: Record<string, string> = {};
  for (const entry of env) {
    const [name = ''] = entry.split('=', 1);
    if (OF_ITS_SYSTEM.test(name)) continue;
    const parts = entry.slice(name.length + 1).split(':');
    const found = await Promise.all(parts.map(async (part) => ((await isLaidOut(part, scratch)) ? part : undefined)));
    const shown = parts.map((part, index) => (found[index] === undefined ? part : scratch.locate(part)));
    const own = found.filter((part) => part !== undefined).map((part) => scratch.locate(part));
    variables[name] = (name === 'PATH' ? [...own, bin, ...SYSTEM_PATH] : shown).join(':');
  }
  const home = env.some((entry) => entry.startsWith('HOME=')) ? variables.HOME : undefined;
  return {
    PATH: [bin, ...SYSTEM_PATH].join(':'),
    ...variables,
    // Where kedro-docker's user is at home. Never a folder of this machine.
    HOME: home?.startsWith(scratch.root) === true ? home : scratch.locate(workingDirectory),
    TMPDIR: scratch.locate(TEMPORARY),
  };
}

/** A path of something that the scratch folder has. `//host` belongs to a URL. */
async function isLaidOut(part: string, scratch: ScratchFolder): Promise<boolean> {
  return /^\/[^/]/.test(part) && scratch.has(part);
}
