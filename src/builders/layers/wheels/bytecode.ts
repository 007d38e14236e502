import { KdeployError } from '../../../errors.js';
import { isSecretVariable } from '../../../secrets/secret-names.js';
import { templatePath } from '../../../template-files.js';
import { killGroup } from '../../kedro/child-process.js';
import { OutputTail } from '../../kedro/output-tail.js';
import type { PythonSource } from './installed-files.js';

/** The modules of one wheel, to be compiled. */
export interface CompileJob {
  /** The wheel's file. */
  readonly wheel: string;
  readonly sources: readonly PythonSource[];
  /** A file that is created, in a folder where others beside it can be: `output.0` and so on. */
  readonly output: string;
}

/** A wheel's bytecode. */
export interface Bytecode {
  readonly job: CompileJob;
  /** Where each file is in the job's output, which holds them one after another. */
  readonly files: readonly CompiledFile[];
  /** What Python cannot compile, such as a template: it is left without bytecode, which is no error. */
  readonly skipped: readonly SkippedSource[];
}

export interface CompiledFile {
  /** In the image: `…/site-packages/numpy/__pycache__/version.cpython-311.pyc`. */
  readonly path: string;
  readonly offset: number;
  readonly size: number;
}

export interface SkippedSource {
  /** The module's path in the image. */
  readonly path: string;
  /** Python's own words. */
  readonly reason: string;
}

export interface CompileOptions {
  /** The program, of the same version as the image's Python: the patch counts too. */
  readonly python: string;
  /** How many processes work at a time; the bytes are the same for any number. */
  readonly workers: number;
  readonly signal: AbortSignal;
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

const SCRIPT = templatePath('host/compile_wheel.py');

/** Neither this user's packages nor any other's, and no bytecode of the script itself. */
const FLAGS = ['-s', '-S', '-B', '-X', 'utf8'];

const WITHOUT = 'set image.bytecode: false to leave the bytecode out: containers then start more slowly';

/**
 * Compiles the modules of wheels as `py_compile` does with `UNCHECKED_HASH`, to bytes that depend on nothing but the
 * wheel, its modules' paths in the image, and Python's version. Yields each wheel's in the order of the jobs, as soon as it
 * is whole. Throws KdeployError `tool-missing` when Python cannot be started, `build-failed` when it fails, `interrupted`.
 */
export async function* compileWheels(
  jobs: readonly CompileJob[],
  { python, workers, signal, environment = process.env }: CompileOptions,
): AsyncGenerator<Bytecode> {
  if (jobs.length === 0) return;
  const { execa } = await import('execa');
  const ownGroup = process.platform !== 'win32';
  const child = execa(python, [...FLAGS, SCRIPT, String(Math.max(1, workers))], {
    env: pythonEnvironment(environment),
    extendEnv: false,
    input: jobs.map((job) => `${JSON.stringify(request(job))}\n`).join(''),
    buffer: { stdout: false },
    reject: false,
    detached: ownGroup,
  });
  // The processes that compile end with the one that started them: nothing that they write is kept.
  const stop = (): void => {
    if (ownGroup && child.pid !== undefined) killGroup(child.pid, 'SIGKILL');
    else child.kill('SIGKILL');
  };
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    let done = 0;
    for await (const line of child.iterable({ from: 'stdout' })) {
      let goesOn = false;
      try {
        const job = jobs[done];
        const bytecode = job === undefined ? undefined : readAnswer(line, job);
        if (bytecode === undefined) throw failure(`${python} printed something else than expected`, [line]);
        yield bytecode;
        goesOn = true;
      } finally {
        // Whoever asks for no more wheels, as after a failure: leaving the loop waits for the process.
        if (!goesOn) stop();
      }
      done += 1;
    }
    const result = await child;
    if (signal.aborted) throw new KdeployError('interrupted', 'interrupted');
    if (result.exitCode === undefined && result.signal === undefined) {
      throw new KdeployError('tool-missing', `${python} could not be started`, {
        cause: result.cause ?? result,
        hint: WITHOUT,
      });
    }
    if (result.exitCode !== 0) {
      const end = result.signal ?? `exit code ${result.exitCode}`;
      throw failure(`${python} ended with ${end}`, result.stderr.split('\n'));
    }
    if (done < jobs.length) throw failure(`${python} ended too early`, result.stderr.split('\n'));
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function request({ wheel, sources, output }: CompileJob) {
  return { wheel, entries: sources.map(({ entry, path }) => [entry, path]), output };
}

/** Python's variables change what it does; credentials are none of its business. */
function pythonEnvironment(environment: Readonly<Record<string, string | undefined>>) {
  const kept = Object.entries(environment).filter(([name]) => !name.startsWith('PYTHON') && !isSecretVariable(name));
  return { ...Object.fromEntries(kept), PYTHONHASHSEED: '0' };
}

function failure(reason: string, output: readonly string[]): KdeployError {
  const tail = new OutputTail();
  for (const line of output) tail.add(line);
  const isFull = /No space left on device|Disk quota exceeded/.test(output.join('\n'));
  return new KdeployError('build-failed', `the bytecode of the packages could not be made: ${reason}`, {
    output: tail.lines,
    hint: isFull ? 'the disk is full: free some space, and try again' : WITHOUT,
  });
}

function readAnswer(line: string, job: CompileJob): Bytecode | undefined {
  let answer: unknown;
  try {
    answer = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof answer !== 'object' || answer === null) return undefined;
  if (!('output' in answer && 'pyc' in answer && 'skipped' in answer) || answer.output !== job.output) return undefined;
  if (!isListOf(answer.pyc, isFile) || !isListOf(answer.skipped, isSkipped)) return undefined;
  return {
    job,
    files: answer.pyc.map(([path, offset, size]) => ({ path, offset, size })),
    skipped: answer.skipped.map(([path, reason]) => ({ path, reason })),
  };
}

function isListOf<T>(value: unknown, isItem: (item: unknown) => item is T): value is T[] {
  return Array.isArray(value) && value.every(isItem);
}

function isFile(item: unknown): item is [string, number, number] {
  return (
    Array.isArray(item) &&
    item.length === 3 &&
    typeof item[0] === 'string' &&
    Number.isSafeInteger(item[1]) &&
    Number.isSafeInteger(item[2])
  );
}

function isSkipped(item: unknown): item is [string, string] {
  return Array.isArray(item) && item.length === 2 && item.every((each) => typeof each === 'string');
}
