/**
 * The builder layers, held against what a Kedro developer does without kdeploy. Nobody's build cache is cleared for it, since the
 * engine may be the developer's own: `--no-cache` makes `docker build` do what it does on a cold engine that has the base image.
 */
import { appendFile, mkdir } from 'node:fs/promises';
import path from 'node:path';

import { run } from '../support/environment/commands.js';
import {
  coldMachines,
  emptyRegistries,
  layersBuildAndPush,
  layersBuildArguments,
  layersStage,
  type LayersStage,
} from './layers-stage.js';
import { startCacheableIndex } from './package-index.js';
import { memoryRowOf, peaksOf } from './peak-memory.js';
import { editNode, kedroDockerBuildAndPush, type Stage } from './stage.js';
import { medianTimes } from './stopwatch.js';
import { ratioRow, type Row } from './table.js';

const KEDRO_DOCKER = 'kedro docker build && docker push';
const MEMORY_TARGET_MEGABYTES = 250;
/** How often a build that starts with nothing is measured; its packages come over the network. */
const COLD_TIMES = 3;

/** The loop of a developer: a line is changed in a node, and the new image is to be in the registry. */
export async function layersEditRows(stage: Stage): Promise<Row[]> {
  const ready = await layersStage(stage);
  const prepare = () => editNode(ready.project);
  const times = await medianTimes(
    {
      layers: { prepare, work: () => layersBuildAndPush(ready, ready.byLayers) },
      kedro: { prepare, work: () => kedroDockerBuildAndPush(ready, ready.byKedro) },
      docker: { prepare, work: () => dockerBuildAndPush(ready, `${ready.workspace.prefix}/by-docker:v1`) },
    },
    5,
  );
  const what = 'edit a node -> pushed digest, builder layers';
  return [
    ratioRow(what, times.layers, [KEDRO_DOCKER, times.kedro], 1 / 5),
    ratioRow(what, times.layers, ['docker build && docker push', times.docker], 1),
  ];
}

/** What kedro-docker does, without the seconds that Kedro takes to start. */
async function dockerBuildAndPush({ environment, workspace, project }: Stage, image: string): Promise<void> {
  const variables = [`BASE_IMAGE=${environment.baseImage}`, 'KEDRO_UID=999', 'KEDRO_GID=0'];
  const options = { cwd: project, env: workspace.env };
  await run(
    ['docker', 'build', ...variables.flatMap((each) => ['--build-arg', each]), '--tag', image, project],
    options,
  );
  await run(['docker', 'push', '--quiet', image], options);
}

/** Small wheels of Python alone that need nothing else, and that nothing of the project needs: one for each build. */
const DEPENDENCIES = [
  ...['iniconfig', 'toolz', 'tabulate', 'humanize', 'sortedcontainers', 'boltons', 'natsort', 'inflection'],
  ...['xmltodict', 'bidict', 'shortuuid', 'funcy', 'addict', 'webcolors'],
];

/** Each way has a project and a repository of its own, so that one line of requirements.txt is new in each build and no more. */
export async function layersDependencyRows(stage: Stage): Promise<Row[]> {
  const ready = await layersStage(stage);
  const { workspace, byKedro } = ready;
  const unused = [...DEPENDENCIES];
  const own = async (): Promise<{ readonly there: LayersStage; readonly prepare: () => Promise<void> }> => {
    const project = await workspace.copyOf(ready.project);
    const prepare = (): Promise<void> => {
      const name = unused.shift();
      if (name === undefined) throw new Error('there are more builds than small wheels to add');
      return appendFile(path.join(project, 'requirements.txt'), `${name}\n`);
    };
    return { there: { ...ready, project }, prepare };
  };
  const [tested, untested, kedro] = [await own(), await own(), await own()];
  // pip in a Dockerfile keeps no page, so it is spared the way over another server.
  const index = await startCacheableIndex();
  const machine = { UV_DEFAULT_INDEX: index.url };
  const times = await medianTimes(
    {
      tested: {
        prepare: tested.prepare,
        work: () => layersBuildAndPush(tested.there, `${workspace.prefix}/tested`, { machine }),
      },
      untested: {
        prepare: untested.prepare,
        work: () => layersBuildAndPush(untested.there, `${workspace.prefix}/untested`, { selfTest: 'never', machine }),
      },
      // It installs everything again.
      kedro: {
        prepare: kedro.prepare,
        work: () => kedroDockerBuildAndPush(kedro.there, withTag(byKedro, 'dependency')),
        times: 1,
      },
    },
    5,
  ).finally(() => index.stop());
  await removeImage(ready, withTag(byKedro, 'dependency'));
  const what = 'add a dependency -> pushed digest, builder layers';
  return [
    ratioRow(what, times.tested, [KEDRO_DOCKER, times.kedro], 1 / 8),
    ratioRow(`${what}, without self-test`, times.untested, [KEDRO_DOCKER, times.kedro], 1 / 20),
  ];
}

/** A machine, an engine and a registry that have nothing of it yet. */
export async function layersColdRows(stage: Stage): Promise<Row[]> {
  const ready = await layersStage(stage);
  const { workspace, byKedro } = ready;
  const withoutBytecode = { ...ready, project: await projectWithoutBytecode(ready) };
  const [machines, registries] = [coldMachines(workspace), emptyRegistries(workspace)];
  const built: string[] = [];
  const prepare = async (): Promise<void> => {
    await machines.next();
    await registries.next();
  };
  const build = (there: LayersStage) => () =>
    layersBuildAndPush(there, registries.named('cold'), { machine: machines.variables() });
  const buildByKedro = async (): Promise<void> => {
    const image = registries.named('cold:by-kedro');
    await kedroDockerBuildAndPush(ready, image, '--no-cache');
    built.push(image);
  };
  try {
    const times = await medianTimes(
      {
        layers: { prepare, work: build(ready), times: COLD_TIMES },
        smaller: { prepare, work: build(withoutBytecode), times: COLD_TIMES },
        kedro: { prepare, work: buildByKedro, times: 1 },
      },
      COLD_TIMES,
    );
    for (const image of built) await removeImage(ready, image);
    const { Size } = await workspace.docker.getImage(byKedro).inspect();
    const what = `cold, image of ${(Size / 1e9).toFixed(1)} GB -> pushed digest, builder layers`;
    return [
      ratioRow(what, times.layers, [KEDRO_DOCKER, times.kedro], 1 / 3),
      ratioRow(`${what}, without bytecode`, times.smaller, [KEDRO_DOCKER, times.kedro], 1 / 6),
    ];
  } finally {
    await machines.remove();
    await registries.remove();
  }
}

async function projectWithoutBytecode({ workspace, project }: Stage): Promise<string> {
  const copy = await workspace.copyOf(project);
  const file = path.join(copy, 'conf/base/kdeploy.yml');
  await mkdir(path.dirname(file), { recursive: true });
  await appendFile(file, '\nimage:\n  bytecode: false\n');
  return copy;
}

/** Each job of a CI: the image of the commit before is in the registry, and the machine has nothing. */
export async function layersColdMachineRow(stage: Stage): Promise<Row> {
  const ready = await layersStage(stage);
  const { workspace, byKedro, byLayers, project } = ready;
  const machines = coldMachines(workspace);
  const prepare = async (): Promise<void> => {
    await machines.next();
    await editNode(project);
  };
  try {
    const times = await medianTimes(
      {
        layers: {
          prepare,
          work: () => layersBuildAndPush(ready, byLayers, { machine: machines.variables() }),
          times: COLD_TIMES,
        },
        kedro: {
          prepare,
          work: () => kedroDockerBuildAndPush(ready, withTag(byKedro, 'cold'), '--no-cache'),
          times: 1,
        },
      },
      COLD_TIMES,
    );
    await removeImage(ready, withTag(byKedro, 'cold'));
    return ratioRow(
      'cold machine, edit a node -> pushed digest, builder layers',
      times.layers,
      [KEDRO_DOCKER, times.kedro],
      1 / 15,
    );
  } finally {
    await machines.remove();
  }
}

/** Each as a task of a DAG starts it, so with the entrypoint of kdeploy in its image. */
export async function layersStartRow(stage: Stage): Promise<Row> {
  const { workspace, byLayers, byKedro } = await layersStage(stage);
  const { env } = workspace;
  const start = (image: string) => () => run(['docker', 'run', '--rm', image, 'kedro', '--version'], { env });
  await run(['docker', 'pull', '--quiet', `${byLayers}:v1`], { env });
  const times = await medianTimes({ layers: { work: start(`${byLayers}:v1`) }, kedro: { work: start(byKedro) } }, 3);
  return ratioRow(
    'container start -> kedro --version, builder layers',
    times.layers,
    ["kedro-docker's image", times.kedro],
    1 / 2,
  );
}

/** Of a build that has everything to do. */
export async function layersMemoryRow(stage: Stage): Promise<Row> {
  const ready = await layersStage(stage);
  const [machines, registries] = [coldMachines(ready.workspace), emptyRegistries(ready.workspace)];
  try {
    await machines.next();
    await registries.next();
    const args = layersBuildArguments(ready, registries.named('cold'));
    const command = ready.workspace.start(args, { cwd: ready.project, env: machines.variables() });
    const { own, programs } = await peaksOf(command);
    return memoryRowOf('a cold build, builder layers', own, { target: MEMORY_TARGET_MEGABYTES, programs });
  } finally {
    await machines.remove();
    await registries.remove();
  }
}

function withTag(image: string, tag: string): string {
  return image.replace(/:[^:/]+$/, `:${tag}`);
}

/** At once, with the gigabyte below it that no other image has. */
async function removeImage({ workspace }: Stage, image: string): Promise<void> {
  await workspace.docker.getImage(image).remove({ force: true });
}
