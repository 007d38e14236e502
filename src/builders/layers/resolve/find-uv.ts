import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { FileCache } from '../../../cache/file-cache.js';
import { KdeployError, systemCodeOf } from '../../../errors.js';
import { executable, inBinFolder, onPath, pathsOf, type ProgramPlace } from '../../../find-program.js';
import { findKedro } from '../../../project/kedro/kedro-command.js';
import { compareVersions } from '../../../project/python/pep440.js';
import { programFacts } from './program-facts.js';
import { askUv } from './run-uv.js';

/** The uv that resolves the project's packages. */
export interface Uv {
  /** Absolute. */
  readonly program: string;
  /** `0.9.5`. */
  readonly version: string;
}

export interface FindUvOptions {
  readonly projectRoot: string;
  /** The value of --kedro. */
  readonly kedro?: string | undefined;
  readonly environment: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** Has the versions of programs that were asked before. */
  readonly cache?: FileCache;
  readonly platform?: NodeJS.Platform;
  readonly currentFolder?: string;
}

/** `--format pylock.toml` came with 0.6.15, as a preview. */
export const OLDEST_UV = '0.7.0';

const INSTALL = `install it beside kedro: pip install 'uv>=${OLDEST_UV}'`;

/**
 * The uv that the user names in KDEPLOY_UV, else the one beside the project's kedro (`pip install uv` puts it there), in
 * its virtual environment, or on PATH. Throws KdeployError `tool-missing`: there is none, or it is too old.
 */
export async function findUv(options: FindUvOptions): Promise<Uv> {
  const program = await findProgram(options);
  if (program === undefined) {
    throw new KdeployError(
      'tool-missing',
      "uv was not found for the project (searched KDEPLOY_UV, kedro's folder, .venv, VIRTUAL_ENV, PATH)",
      { hint: INSTALL },
    );
  }
  const version = await keptVersion(program, options);
  if (compareVersions(version, OLDEST_UV) < 0) {
    throw new KdeployError(
      'tool-missing',
      `${program} is uv ${version}; the builder layers needs ${OLDEST_UV} or later`,
      {
        hint: `update it: pip install --upgrade uv, or uv self update`,
      },
    );
  }
  return { program, version };
}

async function findProgram(options: FindUvOptions): Promise<string | undefined> {
  const { projectRoot, environment, platform = process.platform, currentFolder = process.cwd() } = options;
  const around: ProgramPlace = { environment, isWindows: platform === 'win32', currentFolder };
  const paths = pathsOf(around);
  const given = environment.KDEPLOY_UV;
  if (given !== undefined && given !== '') {
    const isPath = /[\\/]/.test(given) || paths.isAbsolute(given);
    const named = isPath ? await executable(paths.resolve(currentFolder, given), around) : await onPath(given, around);
    if (named !== undefined) return named;
    throw new KdeployError('tool-missing', `KDEPLOY_UV is set to ${given}, which is not an executable`, {
      hint: 'set it to the path of the executable, such as .venv/bin/uv',
    });
  }
  for (const program of await programsOfKedro(options)) {
    const beside = await executable(paths.join(paths.dirname(program), 'uv'), around);
    if (beside !== undefined) return beside;
  }
  return (
    (await inBinFolder('uv', paths.resolve(projectRoot, '.venv'), around)) ??
    (await inBinFolder('uv', environment.VIRTUAL_ENV, around)) ??
    (await onPath('uv', around))
  );
}

/** A project whose kedro is not found, or is broken, may have a uv all the same. */
async function programsOfKedro({ projectRoot, kedro, environment, ...rest }: FindUvOptions): Promise<string[]> {
  const { platform, currentFolder } = rest;
  const found = await findKedro({
    projectRoot,
    given: kedro,
    environment,
    ...(platform === undefined ? {} : { platform }),
    ...(currentFolder === undefined ? {} : { currentFolder }),
  }).catch((error: unknown) => {
    if (error instanceof KdeployError) return undefined;
    throw error;
  });
  return found === undefined ? [] : [found.kedro, found.python].filter((each) => each !== undefined);
}

const VERSION = /^\d+\.\d+\.\d+\S*$/;
const KIND = 'uv-versions';
/** A script in front of uv (pyenv's shims) is smaller, and stays as it is where it starts another uv. */
const SMALLEST_PROGRAM = 1_000_000;

/** Each build asks it, and a program that has not changed since says the same. */
async function keptVersion(program: string, options: FindUvOptions): Promise<string> {
  const { cache } = options;
  const facts = cache && (await programFacts(program));
  if (facts === undefined || facts.size < SMALLEST_PROGRAM) return versionOf(program, options);
  const key = createHash('sha256').update(`${program} ${facts.text}`).digest('hex');
  const file = await cache?.find(KIND, key);
  const kept = file === undefined ? '' : await readFile(file, 'utf8').catch(() => '');
  if (VERSION.test(kept)) return kept;
  const version = await versionOf(program, options);
  await cache?.keep(KIND, key, version);
  return version;
}

async function versionOf(program: string, { projectRoot, environment, signal }: FindUvOptions): Promise<string> {
  const answer = await askUv(program, ['--version'], { folder: projectRoot, environment, signal }).catch(
    (error: unknown) => {
      if (error instanceof KdeployError && error.code === 'interrupted') throw error;
      throw unusable(program, error);
    },
  );
  const version = /^uv (\S+)/m.exec(answer.output)?.[1] ?? '';
  if (answer.exitCode === 0 && VERSION.test(version)) return version;
  throw unusable(program, new Error(answer.lines.at(-1) ?? 'it does not print its version'));
}

function unusable(program: string, cause: unknown): KdeployError {
  const isBuiltForAnother = systemCodeOf(cause) === 'ENOEXEC';
  return new KdeployError('tool-missing', `${program} cannot be used`, {
    cause,
    hint: isBuiltForAnother ? 'it was built for another machine: install it again' : INSTALL,
  });
}
