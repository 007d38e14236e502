import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

import { requireCommand, run } from '../support/environment/commands.js';
import { ensurePackages, needCommand } from '../support/environment/packages.js';
import { startRegistry, type Registry } from '../support/environment/registry.js';
import { ensureProgram } from '../support/registries/programs.js';
import { memoryRowOf, peakOf } from './peak-memory.js';
import { kedroDockerBuildAndPush, succeeded, type Stage } from './stage.js';
import { medianTimes, type Contender } from './stopwatch.js';
import { ratioRow, type Row } from './table.js';

/**
 * From staging to production: the image is there, and only where it logs changes. crane does what can be done without knowing
 * what is in the image, a small layer and variables; kedro-docker builds it again.
 */
export async function bakeRows(stage: Stage): Promise<Row[]> {
  const { environment, workspace } = stage;
  const project = await workspace.copyOf(stage.project);
  const crane = await ensureProgram('crane');
  const image = `${workspace.prefix}/baked`;
  const plain = `${workspace.prefix}/plain:prod`;
  const base = ['--builder', 'engine', '--base-image', environment.baseImage];
  succeeded(await workspace.kdeploy(['build', ...base, '--image', image, '--tag', 'v1', '--push'], { cwd: project }));
  const configuration = await readFile(path.join(project, 'conf/local/mlflow.yml'), 'utf8');
  const production = path.join(project, 'conf/prod/mlflow.yml');
  await mkdir(path.dirname(production), { recursive: true });
  const experiment = /^( {2}experiment:\n {4}name: ).*$/m;
  const change = (): Promise<void> =>
    writeFile(production, configuration.replace(experiment, `$1production-${randomBytes(4).toString('hex')}`));
  const layer = path.join(workspace.folder, 'layer.tar');
  const env = workspace.env;
  const times = await medianTimes(
    {
      kdeploy: {
        prepare: change,
        work: async () => {
          const args = ['bake', `${image}:v1`, '--remote', '--env', 'prod', '--tag', 'prod', '--push'];
          succeeded(await workspace.kdeploy(args, { cwd: project }));
        },
      },
      crane: {
        prepare: async () => {
          await change();
          await run(['tar', '--create', '--file', layer, '--directory', project, 'conf/prod/mlflow.yml']);
        },
        work: async (round) => {
          await run([crane, 'append', '--base', `${image}:v1`, '--new_layer', layer, '--new_tag', `${image}:crane`], {
            env,
          });
          const variable = `MLFLOW_EXPERIMENT_NAME=production-${round}-${Math.random()}`;
          await run([crane, 'mutate', `${image}:crane`, '--env', variable, '--tag', `${image}:crane`], { env });
        },
      },
      plain: { prepare: change, work: () => kedroDockerBuildAndPush({ ...stage, project }, plain) },
    },
    7,
  );
  const what = 'change mlflow.yml -> pushed digest, kdeploy bake';
  return [
    ratioRow(what, times.kdeploy, ['crane append && crane mutate', times.crane], 3),
    ratioRow(what, times.kdeploy, ['kedro docker build && docker push', times.plain], 1 / 6),
  ];
}

const GIGABYTE = 1_000_000_000;

/** From one registry to another, which has nothing of it: in one layer, and in four that travel side by side. */
export async function copyRows(stage: Stage): Promise<Row[]> {
  const rows: Row[] = [];
  for (const layers of [1, 4]) rows.push(...(await rowsForLayers(stage, layers)));
  return rows;
}

async function rowsForLayers({ workspace, project }: Stage, layers: number): Promise<Row[]> {
  await ensurePackages([needCommand('skopeo', 'skopeo')]);
  const [crane, skopeo] = [await ensureProgram('crane'), requireCommand('skopeo')];
  const { env, folder: parent } = workspace;
  const source = await startRegistry({ parent });
  let target: Registry | undefined;
  try {
    const from = `${source.address}/large:v1`;
    const files = await randomLayers(parent, layers, GIGABYTE / layers);
    await run([crane, 'append', ...files.flatMap((file) => ['--new_layer', file]), '--new_tag', from], { env });
    const to = () => `${target!.address}/large:v1`;
    const push = () => ['push', `docker://${from}`, '--to', to(), '--allow-unbaked'];
    const fresh = async (): Promise<void> => {
      await target?.stop();
      target = await startRegistry({ parent });
    };
    const intoEmpty = (work: () => Promise<unknown>): Contender => ({ prepare: fresh, work });
    const contenders = {
      kdeploy: intoEmpty(async () => succeeded(await workspace.kdeploy(push(), { cwd: project }))),
      crane: intoEmpty(() => run([crane, 'copy', from, to()], { env })),
      skopeo: intoEmpty(() =>
        run(
          [skopeo, 'copy', '--src-tls-verify=false', '--dest-tls-verify=false', `docker://${from}`, `docker://${to()}`],
          { env },
        ),
      ),
    };
    const times = await medianTimes(contenders, 5);
    // By itself, for looking takes time.
    await fresh();
    const peak = await peakOf(workspace.start(push(), { cwd: project }));
    const what = `copy of 1 GB in ${layers === 1 ? 'one layer' : `${layers} layers`} to another registry`;
    return [
      ratioRow(what, times.kdeploy, ['crane copy', times.crane], 1),
      ratioRow(what, times.kdeploy, ['skopeo copy', times.skopeo], 1),
      memoryRowOf(`the ${what}`, peak),
    ];
  } finally {
    await target?.stop();
    await source.stop();
  }
}

/** Compressed already, as far as that goes: crane sends them as they are. */
async function randomLayers(folder: string, count: number, bytes: number): Promise<string[]> {
  const files = Array.from({ length: count }, (_, index) => path.join(folder, `random-${count}-${index}.tar.gz`));
  for (const name of files) {
    const file = await open(name, 'w');
    const piece = 1_000_000;
    // Several gzip files in a row are one.
    for (let written = 0; written < bytes; written += piece)
      await file.write(gzipSync(randomBytes(piece), { level: 0 }));
    await file.close();
  }
  return files;
}
