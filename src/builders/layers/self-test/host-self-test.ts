import {
  judgeSelfTest,
  SELF_TEST_MILLISECONDS,
  unfinishedSelfTest,
  type Expectation,
} from '../../../bake/self-test-report.js';
import type { FileCache } from '../../../cache/file-cache.js';
import { KdeployError } from '../../../errors.js';
import { RUNTIME_ENTRYPOINT } from '../../../image/bake-plan.js';
import type { Image } from '../../../image/image.js';
import type { Layer } from '../../../image/layer.js';
import { fileProblem } from '../../../system-error.js';
import { runChildProcess } from '../../kedro/child-process.js';
import { minorVersion, type ImagePython } from '../image-python.js';
import { asInImage } from './as-in-image.js';
import { ScratchFolder } from './scratch-folder.js';
import { scratchVariables, TEMPORARY } from './scratch-variables.js';
import { layVenv } from './scratch-venv.js';
import { OTHER_WAYS } from './test-environment.js';
import { unpackLayers } from './unpack-layers.js';
import { withoutNetwork } from './without-network.js';

export interface HostSelfTestSubject {
  /** The baked image, of which nothing but its configuration is read. */
  readonly image: Image;
  /** Those with the project's files and the bake, the lowest first. */
  readonly layers: readonly Layer[];
  readonly python: ImagePython;
  /** Where folders of the image really are, behind links of its base (image/locations.ts). */
  readonly real?: Readonly<Record<string, string>>;
}

const WORDS = {
  where: ' (tested in an environment of the same packages on this machine)',
  noReportHint: `fix what its output says, then build again; or ${OTHER_WAYS}`,
};

/**
 * The self-test without an engine: the project as the image has it, in an environment of the same packages on this machine.
 * What only the base image has is not there: programs and libraries of its system, and its user. No network: the kernel's
 * word for it on Linux, and everywhere Python's.
 */
export class HostSelfTester {
  constructor(
    private readonly cache: FileCache,
    /** The folder of a virtual environment with the packages of the image (test-environment.ts). */
    private readonly environment: () => Promise<string>,
  ) {}

  /**
   * Returns the project's Python files that the result rests on. Throws KdeployError `self-test-failed` when the image would
   * not log where the plan says, `tool-missing` where it cannot be tested on this machine, `interrupted` on abort.
   */
  async test(subject: HostSelfTestSubject, expected: Expectation, signal: AbortSignal): Promise<readonly string[]> {
    if (process.platform === 'win32') {
      throw new KdeployError('tool-missing', 'an image cannot be tested on Windows without a Docker Engine', {
        hint: OTHER_WAYS,
      });
    }
    const environment = await this.environment();
    return this.cache.withFolder(async (folder) => {
      const scratch = await ScratchFolder.at(folder);
      const python = await layOut(subject, scratch, environment);
      const printed = await start(subject, scratch, environment, python, signal);
      return judgeSelfTest(printed, expected, WORDS);
    });
  }
}

async function layOut(subject: HostSelfTestSubject, scratch: ScratchFolder, environment: string): Promise<string> {
  try {
    await scratch.folder(TEMPORARY);
    const moved = Object.entries(subject.real ?? {}).filter(([path, real]) => path !== real);
    for (const [path, real] of moved.toSorted(([one], [other]) => one.length - other.length)) {
      await scratch.folder(real);
      if (!(await scratch.has(path))) await scratch.link(path, real);
    }
    await unpackLayers(subject.layers, scratch);
    const { workingDirectory } = subject.image.config.value.run;
    if (!(await scratch.has(workingDirectory))) await scratch.folder(workingDirectory);
    return await layVenv(scratch, environment, minorVersion(subject.python));
  } catch (error) {
    throw fileProblem(error) ?? error;
  }
}

async function start(
  { image }: HostSelfTestSubject,
  scratch: ScratchFolder,
  environment: string,
  python: string,
  signal: AbortSignal,
): Promise<{ readonly stdout: readonly string[]; readonly stderr: readonly string[] }> {
  const { run } = image.config.value;
  const options = {
    folder: scratch.locate(run.workingDirectory),
    environment: await scratchVariables(run, scratch, `${environment}/bin`),
  };
  const limit = AbortSignal.any([signal, AbortSignal.timeout(SELF_TEST_MILLISECONDS)]);
  const [stdout, stderr]: [string[], string[]] = [[], []];
  const shown = asInImage(scratch.root, environment);
  try {
    const before = await withoutNetwork(options, limit);
    const [command, ...words] = [...before, python, ...RUNTIME_ENTRYPOINT.slice(1), 'self-test', '--json'];
    await runChildProcess(command, words, {
      ...options,
      isWholeEnvironment: true,
      signal: limit,
      onOutput: (line) => stdout.push(shown(line)),
      onLine: (line) => stderr.push(shown(line)),
    });
  } catch (error) {
    if (signal.aborted || !limit.aborted) throw error;
    const hint =
      'find out what keeps the project from starting: `kedro info` in the project, or `docker run --rm -it IMAGE kedro info`';
    throw unfinishedSelfTest(error, hint);
  }
  return { stdout: withoutBlank(stdout), stderr: withoutBlank(stderr) };
}

function withoutBlank(lines: readonly string[]): string[] {
  return lines.filter((line) => line.trim() !== '');
}
