import { execa } from 'execa';
import { fileURLToPath } from 'node:url';
import { cached, recipeKey } from '../environment/cache.js';
import { run } from '../environment/commands.js';
import { certificateBundle, certificateVariables, packageIndexVariables } from '../environment/package-index.js';
import { ensureVirtualEnvironment, pythonKey, pythonOf } from '../environment/python.js';

/** The last pip that takes old version numbers, which python:3.10-slim and 3.11-slim ship, and a pip of today. */
export const PIPS = ['24.0', '26.3'] as const;
export type PipVersion = (typeof PIPS)[number];

/** What pip made of one line of a requirements file. */
export type LineVerdict =
  | { readonly file: string; readonly line: number; readonly refused: string }
  | {
      readonly file: string;
      readonly line: number;
      readonly refused?: undefined;
      /** As written; `null` for a place that names no package. */
      readonly name: string | null;
      /** Sorted: `['<2', '>=1']`. */
      readonly specifier: readonly string[];
      readonly extras: readonly string[];
      /** One for each environment. */
      readonly applies: readonly boolean[];
      readonly isConstraint: boolean;
    };

export interface FileVerdict {
  readonly lines: readonly LineVerdict[];
  /** Why pip read no further. */
  readonly stopped?: string;
}

export interface JudgedCase {
  readonly folder: string;
  readonly file: string;
  readonly variables?: Readonly<Record<string, string>>;
}

export interface Question {
  /** Values of marker variables, over those of the Python that runs the judge. */
  readonly environments: readonly Readonly<Record<string, string>>[];
  readonly cases?: readonly JudgedCase[];
  readonly markers?: readonly string[];
}

export interface Answer {
  readonly cases: readonly FileVerdict[];
  /** The verdict in each environment, or the name of the error. */
  readonly markers: readonly (readonly boolean[] | string)[];
}

const SCRIPT = fileURLToPath(new URL('pip_judge.py', import.meta.url));

/** One Python process for all the cases. */
export async function askPip(version: PipVersion, question: Question): Promise<Answer> {
  const folder = await ensurePip(version);
  const python = pythonOf(await ensureVirtualEnvironment());
  const { stdout } = await execa(python, ['-I', SCRIPT, folder], {
    input: JSON.stringify(question),
    // Neither the machine's pip.conf nor its variables belong to the question.
    env: { PATH: process.env.PATH ?? '', HOME: folder, PIP_CONFIG_FILE: '/dev/null' },
    extendEnv: false,
    maxBuffer: 256 * 1024 * 1024,
  });
  return JSON.parse(stdout) as Answer;
}

async function ensurePip(version: PipVersion): Promise<string> {
  return cached(`pip-${version}-${recipeKey(await pythonKey())}`, async (folder) => {
    const python = pythonOf(await ensureVirtualEnvironment());
    const bundle = certificateBundle();
    const env = { ...packageIndexVariables(), ...(bundle === undefined ? {} : certificateVariables(bundle)) };
    await run([python, '-m', 'pip', 'install', '--quiet', '--no-deps', '--target', folder, `pip==${version}`], { env });
  });
}
