import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { FileCache } from '../../../cache/file-cache.js';
import { KdeployError } from '../../../errors.js';
import { replaceFile } from '../../../guarded-file.js';
import { readPlainFile } from '../../../plain-file.js';
import { redact } from '../../../secrets/redaction.js';
import { templatePath } from '../../../template-files.js';
import { runChildProcess } from '../../kedro/child-process.js';
import { OutputTail } from '../../kedro/output-tail.js';
import { minorVersion, type ImagePython } from '../image-python.js';
import { fits, hostPlatform, shownHost, type HostPlatform } from '../wheels/host-platform.js';
import { isPure, parseWheelName } from '../wheels/wheel-name.js';
import type { Wheel } from '../wheels/wheel.js';

/** A package of the image, by its wheel. */
export type TestedPackage = Pick<Wheel, 'name' | 'version' | 'filename' | 'sha256' | 'size'>;

export interface TestEnvironmentParts {
  readonly uv: { readonly program: string };
  /** The path of a Python on this machine with the image's minor version; `undefined`: there is none. */
  readonly hostPython: () => Promise<string | undefined>;
  readonly cache: FileCache;
  /** Brings wheels to this machine, by the names of their packages. */
  readonly fetch: (names: readonly string[]) => Promise<ReadonlyMap<string, Pick<Wheel, 'file'>>>;
  /** For uv: where a package has to come from an index. */
  readonly environment: NodeJS.ProcessEnv;
  /** Where uv looks for its settings then: the project. */
  readonly folder?: string;
  readonly note: (message: string) => void;
  /** This machine; another one in tests. */
  readonly host?: HostPlatform;
  readonly now?: () => Date;
}

/** What to do where a self-test cannot be run on this machine. */
export const OTHER_WAYS =
  'test in a container of a Docker Engine (--self-test container), or not at all (--self-test never)';

/** Of what an environment is made of; to be raised with what changes them. */
const FORMAT = 1;

/**
 * A virtual environment with the packages of an image, made by uv and kept: of the very wheels where they run on this
 * machine, and else of the same versions, as an index has them for it. Returns its folder, which others use as well. Throws
 * KdeployError `tool-missing` without a Python of the image's version, `self-test-failed` where uv cannot make it.
 */
export async function testEnvironment(
  packages: readonly TestedPackage[],
  python: ImagePython,
  parts: TestEnvironmentParts,
  signal: AbortSignal,
): Promise<string> {
  const { cache, hostPython } = parts;
  const program = await hostPython();
  if (program === undefined) throw withoutPython(python);
  const host = parts.host ?? hostPlatform();
  const sources = packages.map((each) => sourceOf(each, python, host));
  const key = sha256Of(JSON.stringify([FORMAT, program, minorVersion(python), sources.map(shown).toSorted()]));
  const make = (): Promise<string> =>
    cache.folder('environments', key, (folder) => fill(folder, program, sources, { ...parts, host }, signal));
  const kept = await make();
  const isWhole = await stat(path.join(kept, 'bin', 'python')).then(
    () => true,
    () => false,
  );
  // Else the Python that it was made with is gone.
  if (!isWhole) await cache.discard('environments', key).then(make);
  await cache.keep(LATEST, sha256Of(program), kept);
  return kept;
}

/** The folder of the latest environment with a Python. */
const LATEST = 'latest-environments';

function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

type Source = { readonly wheel: TestedPackage } | { readonly requirement: string };

function sourceOf(wheel: TestedPackage, python: ImagePython, host: HostPlatform): Source {
  return runsHere(wheel, python, host) ? { wheel } : { requirement: `${wheel.name}==${wheel.version}` };
}

/** A wheel that runs in the image runs on a machine with the same C library, or a newer one. */
function runsHere({ filename }: TestedPackage, { libc, machine }: ImagePython, host: HostPlatform): boolean {
  const name = parseWheelName(filename);
  if (name !== undefined && isPure(name)) return true;
  const version = host.libc?.version ?? libc.version;
  // The other way round: what is compiled for the image has to run here.
  const image: HostPlatform = { system: host.system, machine: host.machine, libc };
  return fits(image, { machine, libc: { kind: host.libc?.kind ?? libc.kind, version } });
}

function shown(source: Source): string {
  return 'wheel' in source ? source.wheel.sha256 : source.requirement;
}

/**
 * What uv has unpacked, with copies of the wheels: it knows a wheel by its path and by the time of its last change, and that
 * of a kept wheel changes whenever it is used. Where one package is new, the others need not be unpacked again, which
 * makes seconds of what would be a tenth of a minute. A new one each month, so that it does not grow for ever.
 */
async function unpacked(parts: TestEnvironmentParts, wheels: readonly TestedPackage[]): Promise<Unpacked> {
  const month = (parts.now ?? (() => new Date()))().toISOString().slice(0, 7);
  const folder = await parts.cache.folder('unpacked-wheels', month, () => Promise.resolve());
  const copies = wheels.map(({ name, sha256, filename, size }) => {
    return { name, size, place: path.join('wheels', sha256, path.basename(filename)) };
  });
  const sizes = await Promise.all(
    copies.map(async ({ place }) => (await stat(path.join(folder, place)).catch(() => undefined))?.size),
  );
  const missing = copies.filter(({ size }, index) => sizes[index] !== size);
  const fetched = await parts.fetch(missing.map(({ name }) => name));
  for (const { name, place } of missing) {
    const wheel = fetched.get(name);
    if (wheel === undefined) throw new Error(`the wheel of ${name} was not fetched`);
    await replaceFile(folder, place, bytesOf(wheel.file));
  }
  return { files: copies.map(({ place }) => path.join(folder, place)), cacheFolder: path.join(folder, 'uv') };
}

interface Unpacked {
  readonly files: readonly string[];
  readonly cacheFolder: string;
}

async function* bytesOf(file: string): AsyncGenerator<Uint8Array> {
  for await (const chunk of createReadStream(file, { highWaterMark: 1024 * 1024 })) yield chunk as Buffer;
}

async function fill(
  folder: string,
  program: string,
  sources: readonly Source[],
  parts: TestEnvironmentParts & { readonly host: HostPlatform },
  signal: AbortSignal,
): Promise<void> {
  const wheels = sources.flatMap((source) => ('wheel' in source ? [source.wheel] : []));
  const requirements = sources.flatMap((source) => ('requirement' in source ? [source.requirement] : []));
  parts.note(
    requirements.length === 0
      ? 'making an environment of the same packages for the self-test; it is kept for the next one'
      : `making an environment for the self-test, with ${requirements.length} of ${sources.length} packages as an index has them for ${shownHost(parts.host)}`,
  );
  const { files, cacheFolder } = await unpacked(parts, wheels);
  const isOnline = requirements.length > 0;
  // What an index has given before is in the user's own cache.
  const where = isOnline ? [] : ['--offline', '--no-index', '--no-config', '--cache-dir', cacheFolder];
  const run = (words: readonly string[]): Promise<void> => runUv(words, isOnline, parts, signal);
  // Its folder gets another name when it is done.
  await run([
    'venv',
    '--no-project',
    '--no-config',
    '--relocatable',
    '--python',
    program,
    '--cache-dir',
    cacheFolder,
    '--',
    folder,
  ]);
  if (sources.length === 0) return;
  const python = path.join(folder, 'bin', 'python');
  await run(['pip', 'install', '--no-deps', '--python', python, ...where, '--', ...files, ...requirements]);
  await shareBytecode(python, folder, program, parts, signal);
}

/** Kedro and MLflow take seconds to compile. Where that cannot be spared, Python does it as it always does. */
async function shareBytecode(
  python: string,
  folder: string,
  program: string,
  { cache }: TestEnvironmentParts,
  signal: AbortSignal,
): Promise<void> {
  const note = await cache.find(LATEST, sha256Of(program));
  if (note === undefined) return;
  const earlier = path.join((await readPlainFile(note)).toString('utf8'), 'lib');
  await runChildProcess(
    python,
    ['-I', '-S', templatePath('host/share_bytecode.py'), earlier, path.join(folder, 'lib')],
    {
      folder,
      environment: {},
      signal,
      onLine: () => undefined,
    },
  );
}

/** Settings of the user that would make another environment of it. */
const INDEX_SETTINGS =
  /^UV_(?:INDEX.*|DEFAULT_INDEX|EXTRA_INDEX_URL|FIND_LINKS|KEYRING_PROVIDER|INSECURE_HOST|NATIVE_TLS|SYSTEM_CERTS|HTTP_.*|CONFIG_FILE|CREDENTIALS_DIR|OFFLINE|CACHE_DIR)$/;

async function runUv(
  words: readonly string[],
  isOnline: boolean,
  { uv, environment, folder }: TestEnvironmentParts,
  signal: AbortSignal,
): Promise<void> {
  const tail = new OutputTail();
  const kept = Object.entries(environment).filter(
    ([name]) => !/^(?:UV_|VIRTUAL_ENV$|CONDA_PREFIX$|PYTHON)/.test(name) || (isOnline && INDEX_SETTINGS.test(name)),
  );
  const { exitCode } = await runChildProcess(uv.program, words, {
    folder: (isOnline ? folder : undefined) ?? path.dirname(uv.program),
    environment: { ...Object.fromEntries(kept), NO_COLOR: '1', UV_PYTHON_DOWNLOADS: 'never' },
    isWholeEnvironment: true,
    signal,
    onLine: (line) => tail.add(redact(line)),
  });
  if (exitCode === 0) return;
  throw new KdeployError(
    'self-test-failed',
    'uv could not install the packages of the image on this machine, to test it',
    {
      output: tail.lines,
      hint: isOnline ? `some have nothing for this machine, or the index cannot be reached: ${OTHER_WAYS}` : OTHER_WAYS,
    },
  );
}

function withoutPython(python: ImagePython): KdeployError {
  const minor = minorVersion(python);
  return new KdeployError('tool-missing', `the self-test needs Python ${minor}, as the image has it, on this machine`, {
    hint: `install it, for example with \`uv python install ${minor}\`; or ${OTHER_WAYS}`,
  });
}
