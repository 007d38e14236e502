import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { FileCache } from '../../../cache/file-cache.js';
import { KdeployError } from '../../../errors.js';
import { redact } from '../../../secrets/redaction.js';
import { runChildProcess } from '../../kedro/child-process.js';
import { OutputTail } from '../../kedro/output-tail.js';
import { minorVersion, type ImagePython } from '../image-python.js';
import type { LockedPackage } from '../resolve/locked-package.js';
import { cameAsAsked } from './came-as-asked.js';
import { fits, hostPlatform, shownHost, shownTarget, type HostPlatform } from './host-platform.js';
import { findKept, keepFile, sha256Of, type KeptFile } from './kept-file.js';
import { isPure } from './wheel-name.js';

export interface Workshop {
  readonly cache: FileCache;
  readonly python: ImagePython;
  readonly uv: { readonly program: string };
  /** The path of a Python on this machine with the image's minor version; `undefined`: there is none. */
  readonly buildPython: () => Promise<string | undefined>;
  readonly environment: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** This machine; another one in tests. */
  readonly host?: HostPlatform;
}

export interface Recipe {
  readonly asked: LockedPackage;
  /** What the wheel depends on, besides the image's Python and platform; `undefined`: more than is known here, so it is not kept. */
  readonly ingredients: readonly unknown[] | undefined;
  /** Puts the source into an empty folder, and says what is to be built. */
  readonly prepare: (folder: string, python: string) => Promise<string>;
}

export interface BuiltWheel extends KeptFile {
  readonly filename: string;
}

/** The hashes and names of wheels that were built here, by their recipes. */
const BUILT = 'built-wheels';

/**
 * The same bytes from the same source, today and tomorrow, here and there: what a wheel's files are dated with, and the order
 * of Python's sets. 2020, for a zip file has no time before 1980.
 */
const REPRODUCIBLE = { SOURCE_DATE_EPOCH: '1577836800', PYTHONHASHSEED: '0' };

/**
 * A wheel that is built by uv, once for each recipe. What was compiled has to run in the image: it is built where this
 * machine is like it; what turns out to have no compiled code in it may be built anywhere. Throws KdeployError.
 */
export async function buildWheel(recipe: Recipe, workshop: Workshop): Promise<BuiltWheel> {
  const { cache, python } = workshop;
  const { libc, machine } = python;
  const key = recipe.ingredients && sha256Of(JSON.stringify([recipe.ingredients, minorVersion(python), machine, libc]));
  const known = key === undefined ? undefined : await findBuilt(cache, key);
  if (known !== undefined) return known;
  return cache.withFolder((source) =>
    cache.withFolder(async (output) => {
      const built = await build(recipe, workshop, source, output);
      if (key !== undefined) {
        const { sha256, filename } = built;
        await cache.keep(BUILT, key, JSON.stringify({ sha256, filename }));
      }
      return built;
    }),
  );
}

async function build(recipe: Recipe, workshop: Workshop, source: string, output: string): Promise<BuiltWheel> {
  const { asked } = recipe;
  const program = await workshop.buildPython();
  if (program === undefined) throw withoutPython(asked, workshop.python);
  const what = await recipe.prepare(source, program);
  await runUv(['build', '--wheel', '--python', program, '--out-dir', output, '--', what], asked, workshop, output);
  const [filename = 'no wheel'] = (await readdir(output)).filter((name) => name.endsWith('.whl'));
  if (!isPure(cameAsAsked(asked, filename)) && !fits(workshop.host ?? hostPlatform(), workshop.python))
    throw unfit(asked, workshop, `${filename} was built here`);
  return { ...(await keepFile(workshop.cache, 'wheels', path.join(output, filename))), filename };
}

async function runUv(
  words: readonly string[],
  asked: LockedPackage,
  workshop: Workshop,
  folder: string,
): Promise<void> {
  const { uv, environment, signal } = workshop;
  const tail = new OutputTail();
  // A wheel notes the modes of its files, which depend on the user's mask otherwise.
  const [command, arguments_] =
    process.platform === 'win32'
      ? [uv.program, words]
      : ['sh', ['-c', 'umask 022 && exec "$0" "$@"', uv.program, ...words]];
  const { exitCode } = await runChildProcess(command, arguments_, {
    folder,
    environment: { ...environment, ...REPRODUCIBLE, NO_COLOR: '1' },
    isWholeEnvironment: true,
    signal,
    onLine: (line) => tail.add(redact(line)),
  });
  if (exitCode === 0) return;
  // The shell's words for a program that it cannot start.
  if (exitCode === 126 || exitCode === 127)
    throw new KdeployError('tool-missing', `${uv.program} could not be started`, {
      output: tail.lines,
      hint: 'install uv again: pip install --upgrade uv',
    });
  if (!fits(workshop.host ?? hostPlatform(), workshop.python))
    throw unfit(asked, workshop, 'its build failed here', tail.lines);
  throw new KdeployError('build-failed', `the wheel of ${shown(asked)} could not be built`, {
    output: tail.lines,
    hint: `fix what uv and the build say above, or build the wheel elsewhere and ${GIVE_IT}`,
  });
}

const GIVE_IT = 'offer it by an index of yours or --find-links';

function unfit(asked: LockedPackage, workshop: Workshop, what: string, output: readonly string[] = []): KdeployError {
  const host = shownHost(workshop.host ?? hostPlatform());
  const target = shownTarget(workshop.python);
  return new KdeployError('build-failed', `${noWheel(asked, workshop.python)}, and ${what}, on ${host}`, {
    output,
    hint: `build the wheel on ${target}, or an older libc, and ${GIVE_IT}; or build the image on such a machine`,
  });
}

function withoutPython(asked: LockedPackage, python: ImagePython): KdeployError {
  const minor = minorVersion(python);
  return new KdeployError(
    'build-failed',
    `${noWheel(asked, python)}, and there is no Python ${minor} here to build one`,
    {
      hint: `install it, for example with \`uv python install ${minor}\`; or build the wheel on ${shownTarget(python)}, and ${GIVE_IT}`,
    },
  );
}

function noWheel(asked: LockedPackage, python: ImagePython): string {
  const lacks = asked.artifact.kind === 'archive' && !asked.artifact.isDirect;
  return lacks
    ? `${shown(asked)} has no wheel for ${shownTarget(python)}`
    : `the wheel of ${shown(asked)} has to be built`;
}

function shown({ name, version }: LockedPackage): string {
  return version === undefined ? name : `${name} ${version}`;
}

async function findBuilt(cache: FileCache, key: string): Promise<BuiltWheel | undefined> {
  const file = await cache.find(BUILT, key);
  const entry = file === undefined ? undefined : parseEntry(await readFile(file, 'utf8').catch(() => ''));
  const kept = entry && (await findKept(cache, 'wheels', entry.sha256));
  return entry && kept && { ...kept, filename: entry.filename };
}

function parseEntry(text: string): { readonly sha256: string; readonly filename: string } | undefined {
  try {
    const { sha256, filename } = JSON.parse(text) as Readonly<Record<string, unknown>>;
    return typeof sha256 === 'string' && /^[0-9a-f]{64}$/.test(sha256) && typeof filename === 'string'
      ? { sha256, filename }
      : undefined;
  } catch {
    return undefined;
  }
}
