import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { KdeployError } from '../../errors.js';
import { executable, inBinFolder, isAccessible, onPath, type ProgramPlace } from './find-program.js';

/** The project's own kedro: plugins, settings and versions are those that the project runs with. */
export interface KedroCommand {
  /** Absolute. */
  readonly kedro: string;
  /** The Python that this kedro runs with; `undefined` when it cannot be told. */
  readonly python: string | undefined;
  /** Which strategy found it: `--kedro`, `KDEPLOY_KEDRO`, `.venv`, `VIRTUAL_ENV`, `PATH`. */
  readonly origin: string;
}

export interface KedroCommandOptions {
  readonly projectRoot: string;
  /** The value of --kedro. */
  readonly given?: string | undefined;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly platform?: NodeJS.Platform;
  readonly currentFolder?: string;
}

interface Surroundings extends ProgramPlace {
  readonly projectRoot: string;
  readonly given: string | undefined;
}

interface Strategy {
  readonly origin: string;
  /** The kedro it finds; `undefined`: not for me. Throws KdeployError `tool-missing`: for me, but broken. */
  find(around: Surroundings): Promise<string | undefined>;
}

/** In order of precedence: what the user says, then what belongs to the project, then what happens to be active. */
const STRATEGIES: readonly Strategy[] = [
  { origin: '--kedro', find: (around) => named(around.given, '--kedro', around) },
  { origin: 'KDEPLOY_KEDRO', find: (around) => named(around.environment.KDEPLOY_KEDRO, 'KDEPLOY_KEDRO', around) },
  { origin: '.venv', find: (around) => inBinFolder('kedro', join(around.projectRoot, '.venv'), around) },
  { origin: 'VIRTUAL_ENV', find: (around) => inBinFolder('kedro', around.environment.VIRTUAL_ENV, around) },
  { origin: 'PATH', find: (around) => onPath('kedro', around) },
];

/** Throws KdeployError `tool-missing` when no strategy finds one, naming all of them. */
export async function findKedro(options: KedroCommandOptions): Promise<KedroCommand> {
  const { environment = process.env, platform = process.platform, currentFolder = process.cwd() } = options;
  const around = {
    projectRoot: options.projectRoot,
    given: options.given,
    environment,
    isWindows: platform === 'win32',
    currentFolder,
  };
  for (const strategy of STRATEGIES) {
    const { origin } = strategy;
    const kedro = await strategy.find(around);
    if (kedro !== undefined) return { kedro, python: await pythonOf(kedro, origin, around), origin };
  }
  const places = STRATEGIES.map(({ origin }) => origin).join(', ');
  throw new KdeployError('tool-missing', `kedro was not found for the project (searched ${places})`, {
    hint: "activate the project's environment, or pass --kedro /path/to/bin/kedro",
  });
}

async function named(value: string | undefined, origin: string, around: Surroundings): Promise<string | undefined> {
  if (value === undefined || value === '') return undefined;
  const isPath = /[\\/]/.test(value) || isAbsolute(value);
  const path = isPath ? await executable(resolve(around.currentFolder, value), around) : await onPath(value, around);
  if (path !== undefined) return path;
  throw new KdeployError('tool-missing', `${origin} is set to ${value}, which is not an executable`, {
    hint: `set it to the path of the executable, such as .venv/bin/kedro`,
  });
}

/**
 * A script that pip or uv made names its Python in the first line, which is exact even where the script is linked from
 * elsewhere (pipx); shims (pyenv) and Windows programs do not, and have their Python beside them.
 */
async function pythonOf(kedro: string, origin: string, around: Surroundings): Promise<string | undefined> {
  const named = interpreterOf(await head(kedro));
  if (named !== undefined && isAbsolute(named)) {
    if (await isAccessible(named, constants.X_OK)) return named;
    throw new KdeployError('tool-missing', `${kedro} (${origin}) needs ${named}, which no longer exists`, {
      hint: 'the environment was moved or its Python removed: recreate it, or pass another one with --kedro',
    });
  }
  for (const folder of new Set([dirname(await realpath(kedro)), dirname(kedro)])) {
    for (const name of ['python', 'python3']) {
      const sibling = await executable(join(folder, name), around);
      if (sibling !== undefined) return sibling;
    }
  }
  return named === undefined ? undefined : onPath(named, around);
}

/** `#!/x/bin/python`, `#!/usr/bin/env python3`, or pip's form for paths too long for a shebang: `'''exec' "/x/bin/python"`. */
function interpreterOf(script: string): string | undefined {
  const [first = '', second = ''] = script.split('\n', 2);
  const path =
    /^#!\s*(\S*python[\d.]*w?)(?:\s|$)/.exec(first)?.[1] ?? /^'''exec'\s+"?([^"]*python[\d.]*)"?\s/.exec(second)?.[1];
  return path ?? /^#!\s*\S*\/env\s+(?:-S\s+)?(python[\d.]*)/.exec(first)?.[1];
}

async function head(file: string): Promise<string> {
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(1024), 0, 1024, 0);
    return buffer.subarray(0, bytesRead).toString('utf8');
  } finally {
    await handle.close();
  }
}
