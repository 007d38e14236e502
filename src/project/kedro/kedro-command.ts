import { KdeployError } from '../../errors.js';
import { executable, inBinFolder, onPath, pathsOf, type ProgramPlace } from '../../find-program.js';
import { foreignTo } from './own-environment.js';
import { PROGRAM_FILES, type ProgramFiles } from './program-files.js';

/** The project's own kedro: plugins, settings and versions are those that the project runs with. */
export interface KedroCommand {
  /** Absolute. */
  readonly kedro: string;
  /** The Python that this kedro runs with; `undefined` when it cannot be told. */
  readonly python: string | undefined;
  /** Which strategy found it: `--kedro`, `KDEPLOY_KEDRO`, `.venv`, `VIRTUAL_ENV`, `PATH`, `CONDA_PREFIX`. */
  readonly origin: string;
}

export interface KedroCommandOptions {
  readonly projectRoot: string;
  /** The value of --kedro. */
  readonly given?: string | undefined;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly platform?: NodeJS.Platform;
  readonly currentFolder?: string;
  /** Those of this machine without it. */
  readonly files?: ProgramFiles;
}

interface Surroundings extends ProgramPlace {
  readonly canRun: (file: string) => Promise<boolean>;
  readonly projectRoot: string;
  readonly given: string | undefined;
  readonly files: ProgramFiles;
}

interface Strategy {
  readonly origin: string;
  /** The kedro it finds; `undefined`: not for me. Throws KdeployError `tool-missing`: for me, but broken. */
  find(around: Surroundings): Promise<string | undefined>;
}

/** What the user says: any program. */
const NAMED: readonly Strategy[] = [
  { origin: '--kedro', find: (around) => named(around.given, '--kedro', around) },
  { origin: 'KDEPLOY_KEDRO', find: (around) => named(around.environment.KDEPLOY_KEDRO, 'KDEPLOY_KEDRO', around) },
];

/** What belongs to the project, then what happens to be active; conda puts its environment on PATH, unless something undid that. */
const FOUND: readonly Strategy[] = [
  {
    origin: '.venv',
    find: (around) => inBinFolder('kedro', pathsOf(around).join(around.projectRoot, '.venv'), around),
  },
  { origin: 'VIRTUAL_ENV', find: (around) => inBinFolder('kedro', around.environment.VIRTUAL_ENV, around) },
  { origin: 'PATH', find: (around) => onPath('kedro', around) },
  { origin: 'CONDA_PREFIX', find: (around) => inBinFolder('kedro', around.environment.CONDA_PREFIX, around) },
];

/** Throws KdeployError `tool-missing` when no strategy finds one, naming all of them. */
export async function findKedro(options: KedroCommandOptions): Promise<KedroCommand> {
  const { projectRoot, given, environment = process.env, platform = process.platform } = options;
  const { currentFolder = process.cwd(), files = PROGRAM_FILES } = options;
  const isWindows = platform === 'win32';
  const canRun = (file: string) => files.canRun(file, isWindows);
  const any: Surroundings = { projectRoot, given, environment, isWindows, currentFolder, files, canRun };
  const own = foreignTo(any, files);
  const searches = [...NAMED.map((each) => [each, any] as const), ...FOUND.map((each) => [each, own.around] as const)];
  for (const [strategy, around] of searches) {
    const { origin } = strategy;
    const kedro = await strategy.find(around);
    if (kedro !== undefined) return { kedro, python: await pythonOf(kedro, origin, around), origin };
  }
  const places = searches.map(([{ origin }]) => {
    const value = /_(?:ENV|PREFIX)$/.test(origin) ? (environment[origin] ?? '') : '';
    return value === '' ? origin : `${origin}=${value}`;
  });
  const passedOver = own.passedOver().map((file) => `; ${file} is in the environment of kdeploy itself`);
  throw new KdeployError(
    'tool-missing',
    `kedro was not found for the project (searched ${places.join(', ')}${passedOver.join('')})`,
    { hint: "activate the project's environment, or pass --kedro /path/to/bin/kedro" },
  );
}

async function named(value: string | undefined, origin: string, around: Surroundings): Promise<string | undefined> {
  if (value === undefined || value === '') return undefined;
  const paths = pathsOf(around);
  const isPath = /[\\/]/.test(value) || paths.isAbsolute(value);
  const found = isPath
    ? await executable(paths.resolve(around.currentFolder, value), around)
    : await onPath(value, around);
  if (found !== undefined) return found;
  throw new KdeployError('tool-missing', `${origin} is set to ${value}, which is not an executable`, {
    hint: `set it to the path of the executable, such as .venv/bin/kedro`,
  });
}

/**
 * A script that pip or uv made names its Python in the first line, which is exact even where the script is linked from
 * elsewhere (pipx); shims (pyenv) and Windows programs do not, and have their Python beside them.
 */
async function pythonOf(kedro: string, origin: string, around: Surroundings): Promise<string | undefined> {
  const { files, isWindows } = around;
  const paths = pathsOf(around);
  const named = interpreterOf(await files.head(kedro));
  if (named !== undefined && paths.isAbsolute(named)) {
    if (await files.canRun(named, isWindows)) return named;
    throw new KdeployError('tool-missing', `${kedro} (${origin}) needs ${named}, which no longer exists`, {
      hint: 'the environment was moved or its Python removed: recreate it, or pass another one with --kedro',
    });
  }
  const folders = [await files.real(kedro), kedro].map((file) => paths.dirname(file));
  // On Windows only virtual environments have it among their programs: conda and Python itself have it above Scripts.
  const above = isWindows ? folders.map((folder) => paths.dirname(folder)) : [];
  for (const folder of new Set([...folders, ...above])) {
    for (const name of ['python', 'python3']) {
      const sibling = await executable(paths.join(folder, name), around);
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
