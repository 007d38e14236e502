import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { FileCache } from '../../../cache/file-cache.js';
import { KdeployError } from '../../../errors.js';
import { redact } from '../../../secrets/redaction.js';
import { minorVersion } from '../image-python.js';
import type { Uv } from './find-uv.js';
import { programFacts } from './program-facts.js';
import { askUv, runUv, type UvAnswer } from './run-uv.js';

/** A Python of this machine, to build sdists and to compile bytecode with. */
export interface CompilerPython {
  /** Absolute. */
  readonly program: string;
  /** The whole version: `3.11.2`. */
  readonly version: string;
  /** Whether it is the image's version, patch included: of another patch, bytecode may differ. */
  readonly isExact: boolean;
}

export interface CompilerPythonRequest {
  /** Of the image: `3.11.2`. */
  readonly version: string;
  readonly uv: Uv;
  /** Where uv runs. */
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** Has where one of the version was found before. */
  readonly cache?: FileCache;
  readonly onLine?: ((line: string) => void) | undefined;
}

/** The Python, or why there is none, in uv's words. */
export type CompilerPythonAnswer = { readonly python: CompilerPython } | { readonly reason: string };

/**
 * A CPython of the image's version that is on this machine, else one of the same minor version, which reads and writes
 * the same bytecode, else one that uv downloads.
 */
export async function findCompilerPython(request: CompilerPythonRequest): Promise<CompilerPythonAnswer> {
  const { version, uv, folder, environment, signal, onLine } = request;
  const kept = await keptPython(request);
  if (kept !== undefined) return { python: kept };
  for (const wanted of [version, minorVersion(request)]) {
    const found = await installed(wanted, request);
    if (found !== undefined) return { python: await keep(found, request) };
  }
  const download = await runUv(uv, ['python', 'install', `cpython@${version}`], {
    folder,
    environment,
    signal,
    ...(onLine === undefined ? {} : { onLine }),
  });
  const found = download.exitCode === 0 ? await installed(version, request) : undefined;
  return found === undefined ? { reason: reasonOf(download) } : { python: await keep(found, request) };
}

const KIND = 'pythons';

/** To find one takes uv most of a second, and one that has not been changed since is still of its version. */
async function keptPython({ version, cache }: CompilerPythonRequest): Promise<CompilerPython | undefined> {
  const file = await cache?.find(KIND, keyOf(version));
  const text = file === undefined ? '' : await readFile(file, 'utf8').catch(() => '');
  const [facts, program = ''] = text.split('\n', 2);
  const isSame = program !== '' && facts === (await programFacts(program))?.text;
  return isSame ? { program, version, isExact: true } : undefined;
}

function keyOf(version: string): string {
  return createHash('sha256').update(version).digest('hex');
}

/** Only one of the very version: there may be one tomorrow. */
async function keep(python: CompilerPython, { version, cache }: CompilerPythonRequest): Promise<CompilerPython> {
  const facts = python.isExact ? await programFacts(python.program) : undefined;
  if (facts !== undefined) await cache?.keep(KIND, keyOf(version), `${facts.text}\n${python.program}`);
  return python;
}

/** For those that cannot do without: the three ways out. */
export function noCompilerPython(version: string, reason: string): KdeployError {
  const minor = minorVersion({ version });
  return new KdeployError('tool-missing', `there is no Python ${minor} on this machine to compile bytecode with`, {
    cause: new Error(`uv could not download it: ${reason}`),
    hint: `install Python ${minor}, or set UV_PYTHON_INSTALL_MIRROR to a mirror of uv's Pythons that can be reached, or build without bytecode: image.bytecode: false`,
  });
}

async function installed(wanted: string, request: CompilerPythonRequest): Promise<CompilerPython | undefined> {
  const { uv, folder, environment, signal, version } = request;
  const options = { folder, environment, signal };
  const answer = await runUv(uv, ['python', 'find', `cpython@${wanted}`, '--no-python-downloads'], options);
  const program = answer.output.trim();
  if (answer.exitCode !== 0 || program === '') return undefined;
  // Asked itself: a version's name may lead to a newer patch.
  const said = await askUv(program, ['-I', '-S', '-c', PRINT_VERSION], options);
  const own = /^\d+\.\d+\.\d+\S*$/.exec(said.output.trim())?.[0];
  return own === undefined ? undefined : { program, version: own, isExact: own === version };
}

/** As an image's Python is known: `3.11.2`, `3.15.0a1`. */
const PRINT_VERSION = 'import platform; print(platform.python_version())';

function reasonOf({ lines, exitCode }: UvAnswer): string {
  const words = lines.map((line) => redact(line.trim())).filter((line) => line !== '' && !line.startsWith('warning: '));
  const shown = words
    .map((line) => line.replace(/^(?:error|cause|Caused by): /i, ''))
    .slice(-3)
    .join(': ');
  return shown === '' ? `uv ended with exit code ${exitCode ?? 'unknown'}` : shown;
}
