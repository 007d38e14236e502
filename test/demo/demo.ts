/**
 * `npm run demo`: the main job as a user would do it, on a Kedro project made for the purpose, with a real Docker
 * Engine, registry and MLflow server that are started for it and stopped afterwards.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { startEnvironment, type Environment } from '../support/environment/environment.js';
import { createProject } from '../support/environment/project.js';
import { readRun } from '../support/mlflow-run.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const kdeploy = path.join(root, 'bin', 'run.js');

const environment = await startEnvironment();
const folder = await mkdtemp(path.join(tmpdir(), 'kdeploy-demo-'));
try {
  await demonstrate(environment, path.join(folder, 'spaceflights'));
} finally {
  await rm(folder, { recursive: true, force: true });
  await environment.stop();
}

async function demonstrate(stage: Environment, directory: string): Promise<void> {
  tell('A Kedro project: `kedro new`, two pipelines, kedro-mlflow in its requirements, `kedro mlflow init`.');
  const project = await createProject({ environment: stage, directory });
  const image = `${stage.registry}/team/spaceflights`;
  const run = commandRunner(project, { ...stage.env, KDEPLOY_STATE_FOLDER: path.join(folder, 'state') });

  await run(kdeploy, ['init', '--image', image]);
  await run(kdeploy, ['check']);
  await run(kdeploy, ['build', '--image', image, '--tag', 'v1', '--base-image', stage.baseImage]);
  const reference = await run(kdeploy, ['push']);

  tell('The image as the cluster gets it: removed here, and pulled by its digest.');
  await removeImage(stage, `${image}:v1`);
  await run(stage.docker, ['pull', '--quiet', reference]);
  await run(kdeploy, ['inspect', '--remote', reference]);
  const { mlflowRun } = JSON.parse(await run(kdeploy, ['run', reference, '--json'])) as { mlflowRun: string };
  await removeImage(stage, reference);

  const { status, experiment, parameters, metrics } = await readRun(stage.mlflowUri, mlflowRun);
  tell('What MLflow has:');
  print(`  image       ${reference}`);
  print(`  run         ${mlflowRun}`);
  print(`  experiment  ${experiment}`);
  print(`  status      ${status}`);
  for (const [name, value] of Object.entries(parameters)) print(`  parameter   ${name} = ${value}`);
  for (const [name, value] of Object.entries(metrics)) print(`  metric      ${name} = ${value}`);
  if (status !== 'FINISHED') throw new Error(`the run is ${status}`);
}

async function removeImage({ docker, env }: Environment, image: string): Promise<void> {
  await execa(docker, ['image', 'rm', '--force', image], { env });
}

/** Shows a command as it would be typed, runs it, shows what it prints, and gives back its result. */
function commandRunner(cwd: string, env: Readonly<Record<string, string>>) {
  return async (command: string, words: readonly string[]): Promise<string> => {
    print(`\n$ ${[path.basename(command) === 'run.js' ? 'kdeploy' : 'docker', ...words].join(' ')}`);
    const isScript = command.endsWith('.js');
    const { stdout } = await execa(isScript ? process.execPath : command, isScript ? [command, ...words] : words, {
      cwd,
      env,
      stdin: 'ignore',
      stdout: ['pipe', 'inherit'],
      stderr: 'inherit',
    });
    return stdout.trim();
  };
}

function tell(sentence: string): void {
  print(`\n# ${sentence}`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
