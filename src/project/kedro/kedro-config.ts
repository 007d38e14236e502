import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { KdeployError } from '../../errors.js';
import type { KedroCommand } from './kedro-command.js';
import { projectEnvironment } from './project-environment.js';
import type { KedroConfig } from '../tracking/tracking-config.js';
import { templatePath } from '../../template-files.js';
import { redactAddresses } from '../../secrets/address.js';

export interface KedroConfigOptions {
  readonly projectRoot: string;
  readonly env: string | undefined;
  /** Called only when Kedro is really needed. */
  readonly findKedro: () => Promise<KedroCommand>;
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** A small script for the Python of the project itself; no kdeploy code runs there otherwise. */
const SCRIPT = templatePath('host/read_tracking_config.py');

/** Kedro with its imports takes 2 to 6 seconds; a project whose settings.py waits for a server must not hang the hook. */
const TIMEOUT_MILLISECONDS = 60_000;

/**
 * The configuration as the project's own Kedro loads it: its settings.py, loader and resolvers. Starts no session, and
 * asks no server. `reason` says why this was needed, for the error. Throws KdeployError `tool-missing` or `configuration`.
 */
export async function readConfigWithKedro(reason: string, options: KedroConfigOptions): Promise<KedroConfig> {
  const { projectRoot, env, environment = process.env } = options;
  const found = await locate(reason, options.findKedro);
  const { kedro, python } = found;
  if (python === undefined) {
    throw new KdeployError(
      'tool-missing',
      `${reason}, which only Kedro can read, but the Python of ${kedro} was not found`,
      {
        hint: 'pass the kedro of the virtual environment: --kedro .venv/bin/kedro',
      },
    );
  }
  const { execa } = await import('execa');
  const result = await execa(python, [SCRIPT, projectRoot, ...(env === undefined ? [] : [env])], {
    cwd: projectRoot,
    // kedro-telemetry would ask the network at each start.
    env: {
      ...(await projectEnvironment(projectRoot, environment)),
      DO_NOT_TRACK: '1',
      KEDRO_DISABLE_TELEMETRY: '1',
    },
    extendEnv: false,
    timeout: TIMEOUT_MILLISECONDS,
    reject: false,
    stdin: 'ignore',
    maxBuffer: 10_000_000,
  });
  if (result.timedOut) {
    throw new KdeployError(
      'configuration',
      `Kedro did not load the project's configuration within ${TIMEOUT_MILLISECONDS / 1000} seconds`,
      {
        hint: 'look for slow work at import time in settings.py',
      },
    );
  }
  const answer = lastLineAsJson(result.stdout);
  if (isConfig(answer)) return answer;
  const version = isFailure(answer) ? answer.kedro : undefined;
  if (typeof version === 'string') await assertStarts(version, found, projectRoot);
  const why = isFailure(answer)
    ? `${answer.error}: ${answer.message}`
    : (result.shortMessage ?? 'it printed nothing readable');
  throw new KdeployError('configuration', `Kedro cannot load mlflow.yml: ${redactAddresses(firstLine(why))}`, {
    hint: `to see the whole error: ${reproduction(env)} (${reason})`,
    output: result.stderr.split('\n').slice(-10).map(redactAddresses),
  });
}

/** No command of Kedro's own reads mlflow.yml and nothing else: `kedro registry list` loads no configuration at all. */
function reproduction(env: string | undefined): string {
  const session = env === undefined ? '' : `env='${env}'`;
  return `python -c "from pathlib import Path; from kedro.framework.session import KedroSession; from kedro.framework.startup import bootstrap_project; bootstrap_project(Path.cwd()); print(KedroSession.create(${session}).load_context().config_loader['mlflow'])"`;
}

/** Kedro refuses a project of another major version, which is a fault of what was found, not of the project. */
async function assertStarts(version: string, { kedro, origin }: KedroCommand, projectRoot: string): Promise<void> {
  const [{ isRefused, startableVersions }, { parsePyProject, textAt }] = await Promise.all([
    import('./kedro-init-version.js'),
    import('../python/pyproject.js'),
  ]);
  const text = await readFile(path.join(projectRoot, 'pyproject.toml')).catch(() => undefined);
  if (text === undefined) return;
  const { table } = await parsePyProject(text);
  const created =
    textAt(table, 'tool', 'kedro', 'kedro_init_version') ?? textAt(table, 'tool', 'kedro', 'project_version');
  if (created === undefined || !isRefused(created, `==${version}`)) return;
  const name = textAt(table, 'tool', 'kedro', 'project_name') ?? textAt(table, 'tool', 'kedro', 'package_name');
  throw new KdeployError(
    'tool-missing',
    `${kedro} (${origin}) is Kedro ${version}, but the project${name === undefined ? '' : ` ${name}`} needs kedro${startableVersions(created) ?? ''}`,
    { hint: "activate the project's environment, or pass its kedro: --kedro .venv/bin/kedro" },
  );
}

async function locate(reason: string, findKedro: () => Promise<KedroCommand>): Promise<KedroCommand> {
  try {
    return await findKedro();
  } catch (error) {
    if (!(error instanceof KdeployError)) throw error;
    throw new KdeployError(error.code, `${reason}, which only Kedro can read, but ${error.message}`, {
      cause: error,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    });
  }
}

/** The project's code may print while it is imported; the answer is the last line. */
function lastLineAsJson(stdout: string): unknown {
  try {
    return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as unknown;
  } catch {
    return undefined;
  }
}

function isConfig(answer: unknown): answer is KedroConfig {
  if (typeof answer !== 'object' || answer === null) return false;
  return (
    'document' in answer &&
    typeof answer.document === 'object' &&
    answer.document !== null &&
    'files' in answer &&
    Array.isArray(answer.files) &&
    answer.files.every((file) => typeof file === 'string') &&
    'folder' in answer &&
    typeof answer.folder === 'string' &&
    'patterns' in answer &&
    Array.isArray(answer.patterns) &&
    answer.patterns.every((pattern) => typeof pattern === 'string')
  );
}

function isFailure(answer: unknown): answer is { error: string; message: string; kedro?: unknown } {
  if (typeof answer !== 'object' || answer === null) return false;
  return (
    'error' in answer && typeof answer.error === 'string' && 'message' in answer && typeof answer.message === 'string'
  );
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}
