import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { cached, recipeKey } from './cache.js';
import { run } from './commands.js';
import type { Environment } from './environment.js';
import { spaceflightsTables } from './spaceflights-data.js';

const overlay = fileURLToPath(new URL('../../fixtures/spaceflights', import.meta.url));

export interface ProjectOptions {
  readonly environment: Environment;
  /** Made by this function; the project's root. */
  readonly directory: string;
  /** Written into conf/local/mlflow.yml; the environment's own MLflow when left out, `null` to leave Kedro-MLflow's default. */
  readonly trackingUri?: string | null;
  readonly experiment?: string;
}

/** A Kedro project as a data scientist has it after an afternoon: `kedro new`, two pipelines, `kedro mlflow init`, one commit. */
export async function createProject(options: ProjectOptions): Promise<string> {
  const { environment, directory, trackingUri = environment.mlflowUri, experiment = 'spaceflights' } = options;
  await cp(await skeleton(environment), directory, { recursive: true });
  await cp(overlay, directory, { recursive: true, filter: (file) => path.basename(file) !== 'README.md' });
  await writeRawData(directory);
  await configureTracking(path.join(directory, 'conf', 'local', 'mlflow.yml'), trackingUri, experiment);
  // The container's user, 999, writes into these folders when they are mounted from a machine where root owns them.
  await run(['chmod', '--recursive', 'a+rwX', path.join(directory, 'data')]);
  await commitAll(directory, 'Predict the price of a spaceflight');
  return directory;
}

/** Commits everything Git does not ignore, under a name that needs no configuration of Git. */
export async function commitAll(directory: string, message: string): Promise<void> {
  const git = [
    'git',
    '-C',
    directory,
    '-c',
    'user.name=Test',
    '-c',
    'user.email=test@example.com',
    '-c',
    'commit.gpgsign=false',
  ];
  await run([...git, 'init', '--quiet', '--initial-branch', 'main']);
  await run([...git, 'add', '--all']);
  await run([...git, 'commit', '--quiet', '--no-verify', '--message', message]);
}

/** What Kedro itself writes. Each of its commands takes seconds to start, so the result is kept for the next project. */
async function skeleton({ kedro, virtualEnvironment, env }: Environment): Promise<string> {
  return cached(`skeleton-${recipeKey(virtualEnvironment, 'mlflow init')}`, async (folder) => {
    const answers = ['--name', 'spaceflights', '--tools', 'none', '--example', 'no', '--telemetry', 'no'];
    await run([kedro, 'new', ...answers], { cwd: folder, env });
    const project = path.join(folder, 'spaceflights');
    await run([kedro, 'mlflow', 'init'], { cwd: project, env });
  }).then((folder) => path.join(folder, 'spaceflights'));
}

async function writeRawData(directory: string): Promise<void> {
  const layers = ['01_raw', '02_intermediate', '03_primary', '06_models'].map((layer) =>
    path.join(directory, 'data', layer),
  );
  for (const layer of layers) {
    await mkdir(layer, { recursive: true });
    await writeFile(path.join(layer, '.gitkeep'), '');
  }
  for (const [file, content] of Object.entries(spaceflightsTables())) {
    await writeFile(path.join(directory, 'data', '01_raw', file), content);
  }
}

/** Edited as text, as a person would: the comments of Kedro-MLflow's template stay, which a reader of this file has to cope with. */
async function configureTracking(file: string, trackingUri: string | null, experiment: string): Promise<void> {
  const template = await readFile(file, 'utf8');
  const uri = trackingUri === null ? 'null' : JSON.stringify(trackingUri);
  const edited = template
    .replace(/^( *mlflow_tracking_uri:) null/m, (_, key: string) => `${key} ${uri}`)
    .replace(/^( *experiment:\n *name:) .*$/m, (_, key: string) => `${key} ${experiment}`);
  await writeFile(file, edited);
}
