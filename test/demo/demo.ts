/**
 * `npm run demo`: the main job as a user would do it, on a Kedro project made for the purpose, with a real Docker
 * Engine, registry and MLflow server that are started for it and stopped afterwards. With `--airflow`, a real Airflow runs
 * the image as a DAG.
 */
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { startStandaloneAirflow } from '../support/airflow/standalone.js';
import { startEnvironment, type Environment } from '../support/environment/environment.js';
import { createProject } from '../support/environment/project.js';
import { readRun, type RecordedRun } from '../support/mlflow-run.js';
import { runsOf } from '../support/mlflow-runs.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const kdeploy = path.join(root, 'bin', 'run.js');

const { values: options } = parseArgs({ options: { airflow: { type: 'boolean', default: false } } });
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
  const run = commandRunner(project, {
    ...stage.env,
    KDEPLOY_STATE_FOLDER: path.join(folder, 'state'),
    // Empty, as on a machine that has never built an image.
    KDEPLOY_CACHE_FOLDER: path.join(folder, 'cache'),
  });

  await run(kdeploy, ['init', '--image', image]);
  if (options.airflow) await configureDag(project);
  await run(kdeploy, ['check']);
  await run(kdeploy, ['build', '--image', image, '--tag', 'v1', '--base-image', stage.baseImage]);
  const reference = await run(kdeploy, ['push']);

  if (options.airflow) await runInAirflow(stage, project, run);
  else {
    await runHere(stage, `${image}:v1`, reference, run);
    await buildWithoutDocker(stage, project, image, run);
  }
}

async function runHere(stage: Environment, tag: string, reference: string, run: RunCommand): Promise<void> {
  tell('The image as the cluster gets it: removed here, and pulled by its digest.');
  await removeImage(stage, tag);
  await run(stage.docker, ['pull', '--quiet', reference]);
  await run(kdeploy, ['inspect', '--remote', reference]);
  const { mlflowRun } = JSON.parse(await run(kdeploy, ['run', reference, '--json'])) as { mlflowRun: string };
  await removeImage(stage, reference);

  const recorded = await readRun(stage.mlflowUri, mlflowRun);
  tell('What MLflow has:');
  printRun(mlflowRun, recorded);
}

/** The builder layers, which reads the base image from a registry. */
async function buildWithoutDocker(stage: Environment, project: string, image: string, run: RunCommand): Promise<void> {
  const { docker, env, registry, baseImage } = stage;
  const base = `${registry}/team/python:3.11`;
  await execa(docker, ['tag', baseImage, base], { env });
  await execa(docker, ['push', '--quiet', base], { env });
  await removeImage(stage, base);

  const build = async (tag: string): Promise<{ readonly reference: string; readonly seconds: string }> => {
    const began = performance.now();
    const words = ['build', '--builder', 'layers', '--push', '--image', image, '--tag', tag, '--base-image', base];
    const reference = await run(kdeploy, words);
    return { reference, seconds: ((performance.now() - began) / 1000).toFixed(1) };
  };
  tell('The same image without Docker, pushed straight to the registry. The first build, with an empty cache:');
  const first = await build('v2');
  tell('A new dependency:');
  await appendFile(path.join(project, 'requirements.txt'), 'humanize\n');
  print('  requirements.txt: + humanize');
  const second = await build('v3');
  await run(kdeploy, ['inspect', '--diff', first.reference, second.reference]);
  tell('From the edit to the pushed digest:');
  print(`  first build     ${first.seconds} s`);
  print(`  new dependency  ${second.seconds} s`);
}

/** The project's data folder is what the tasks share. */
async function configureDag(project: string): Promise<void> {
  const file = path.join(project, 'conf', 'base', 'kdeploy.yml');
  const docker = [
    'run_config:',
    '  docker:',
    '    network_mode: host',
    `    mounts: ["${project}/data:/home/kedro_docker/data"]`,
  ];
  tell('What the tasks share, in conf/base/kdeploy.yml:');
  for (const line of docker) print(`  ${line}`);
  await writeFile(file, (await readFile(file, 'utf8')).replace(/^run_config:$/m, docker.join('\n')));
}

async function runInAirflow(stage: Environment, project: string, run: RunCommand): Promise<void> {
  const file = await run(kdeploy, ['dag', '--target', 'docker']);
  const text = await readFile(path.join(project, file), 'utf8');
  print(`\n${text.slice(text.indexOf('\nwith DAG('))}`);

  tell('A real Airflow, with this file as its only DAG:');
  const airflow = await startStandaloneAirflow(path.dirname(path.join(project, file)), stage.env);
  try {
    const id = await airflow.trigger('spaceflights');
    const { state, tasks, address } = await airflow.ended('spaceflights', id);
    for (const [task, how] of Object.entries(tasks)) print(`  task        ${task}: ${how ?? 'none'}`);
    print(`  DAG run     ${state}`);

    const runs = (await runsOf(stage.mlflowUri, 'spaceflights')).filter(({ data }) =>
      data.tags.some(({ key, value }) => key === 'kdeploy.run_key' && value === `spaceflights/${id}`),
    );
    const [only] = runs;
    if (state !== 'success' || only === undefined || runs.length > 1)
      throw new Error(`the DAG run is ${state}, with ${runs.length} MLflow runs`);
    const recorded = await readRun(stage.mlflowUri, only.info.run_id);
    tell('What MLflow has: one run, with the marks of all tasks.');
    printRun(only.info.run_id, recorded);
    for (const [name, value] of Object.entries(recorded.tags))
      if (name.startsWith('kdeploy.task.')) print(`  mark        ${name} = ${value}`);
    tell('To look at:');
    print(`  Airflow     ${address}`);
    print(`  MLflow      ${stage.mlflowUri}`);
    if (process.stdin.isTTY && process.stdout.isTTY) {
      print('\nPress Enter to stop everything.');
      await new Promise((resolve) => process.stdin.once('data', resolve));
      process.stdin.unref();
    }
  } finally {
    await airflow.stop();
  }
}

function printRun(id: string, { status, experiment, parameters, metrics }: RecordedRun): void {
  print(`  run         ${id}`);
  print(`  experiment  ${experiment}`);
  print(`  status      ${status}`);
  for (const [name, value] of Object.entries(parameters)) print(`  parameter   ${name} = ${value}`);
  for (const [name, value] of Object.entries(metrics)) print(`  metric      ${name} = ${value}`);
  if (status !== 'FINISHED') throw new Error(`the run is ${status}`);
}

async function removeImage({ docker, env }: Environment, image: string): Promise<void> {
  await execa(docker, ['image', 'rm', '--force', image], { env });
}

type RunCommand = ReturnType<typeof commandRunner>;

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
