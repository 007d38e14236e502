/**
 * Measures what the design sets targets for, as ratios within one run: `npm run bench`. A number on its own says more about the
 * machine than about the program. It ends with 0 whatever it finds; tests are never timed.
 */
import { appendFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { execa } from 'execa';

import { run } from '../support/environment/commands.js';
import { startEnvironment } from '../support/environment/environment.js';
import { report } from '../support/environment/progress.js';
import { startRegistry } from '../support/environment/registry.js';
import { createWorkspace } from '../support/workspace.js';
import { bakeRows, copyRows } from './images.js';
import {
  layersColdMachineRow,
  layersColdRows,
  layersDependencyRows,
  layersEditRows,
  layersMemoryRow,
  layersStartRow,
} from './layers.js';
import { createMonorepo } from './monorepo.js';
import { memoryRowOf, peakOf } from './peak-memory.js';
import { pythonPackageRows } from './python-package.js';
import { editNode, kedroDockerBuild, kedroDockerBuildAndPush, succeeded, type Stage } from './stage.js';
import { median, medianTimes } from './stopwatch.js';
import { ratioRow, table, time, type Row } from './table.js';

const ENTRYPOINT_TARGET_MILLISECONDS = 60;
const MONOREPO_TARGET_MILLISECONDS = 2000;
const DAG_TARGET_MILLISECONDS = 1000;

async function checkRows({ environment, workspace, project }: Stage): Promise<Row[]> {
  const times = await medianTimes(
    {
      check: { work: async () => succeeded(await workspace.kdeploy(['check'], { cwd: project })) },
      node: { work: () => execa(process.execPath, ['-e', '0']) },
      kedro: { work: () => execa(environment.kedro, ['--version'], { cwd: project, env: workspace.env }) },
    },
    5,
  );
  return [
    ratioRow('kdeploy check', times.check, ['kedro --version, in the project', times.kedro], 1 / 20),
    ratioRow('kdeploy check', times.check, ['node -e 0', times.node], 3),
  ];
}

/** The hook as git calls it for the first push of a branch: with the git processes that it starts, without git's own push. */
async function hookRows({ workspace, project }: Stage): Promise<Row[]> {
  const push = await firstPush(project);
  const times = await medianTimes(
    {
      hook: {
        work: async () => succeeded(await workspace.kdeploy(['hook', 'run', 'origin'], { cwd: project, ...push })),
      },
      node: { work: () => execa(process.execPath, ['-e', '0']) },
    },
    5,
  );
  return [ratioRow('kdeploy hook run, one project', times.hook, ['node -e 0', times.node], 3)];
}

/** What git writes to the hook. */
async function firstPush(repository: string): Promise<{ input: string }> {
  const commit = (await run(['git', 'rev-parse', 'HEAD'], { cwd: repository })).trim();
  return { input: `refs/heads/main ${commit} refs/heads/main ${'0'.repeat(commit.length)}\n` };
}

/** A process's own word for its peak, in megabytes, as its last line on stderr. */
const REPORT_PEAK = `data:text/javascript,${encodeURIComponent(
  'process.on("exit", () => process.stderr.write(`\\n${process.resourceUsage().maxRSS / 1024}`))',
)}`;

async function checkMemoryRow({ workspace, project }: Stage): Promise<Row> {
  const env = { ...workspace.env, NODE_OPTIONS: `--import=${REPORT_PEAK}` };
  const peakIn = (stderr: string): number => Number(stderr.trim().split('\n').at(-1));
  const check = peakIn((await workspace.kdeploy(['check'], { cwd: project, env })).stderr);
  const node = peakIn((await execa(process.execPath, ['-e', '0'], { env })).stderr);
  return {
    what: 'memory of kdeploy check',
    measured: `${check.toFixed(0)} MB RSS`,
    against: `node -e 0: ${node.toFixed(0)} MB RSS`,
    result: `${(check / node).toFixed(2)}x`,
    target: '',
  };
}

/** A repository of 100 projects and 10,000 files: one of them checked by hand, and all of them in one push. */
async function monorepoRows({ workspace, project }: Stage): Promise<Row[]> {
  const directory = path.join(workspace.folder, 'monorepo');
  const folders = await createMonorepo({ template: project, directory, projects: 100, files: 10_000 });
  const [first = directory] = folders;
  const times = await medianTimes(
    {
      check: { work: async () => succeeded(await workspace.kdeploy(['check'], { cwd: first })) },
      node: { work: () => execa(process.execPath, ['-e', '0']) },
    },
    5,
  );
  const push = await firstPush(directory);
  const { hook } = await medianTimes(
    {
      hook: {
        work: async () => succeeded(await workspace.kdeploy(['hook', 'run', 'origin'], { cwd: directory, ...push })),
      },
    },
    3,
  );
  return [
    ratioRow('kdeploy check of one project of 100', times.check, ['node -e 0', times.node], 3.5),
    {
      what: 'kdeploy hook run, first push of 100 projects with 10,000 files',
      measured: time(hook),
      against: '',
      result: '',
      target: `<= ${time(MONOREPO_TARGET_MILLISECONDS)}`,
      isMet: hook <= MONOREPO_TARGET_MILLISECONDS,
    },
  ];
}

/** The loop of a developer: a line is changed in a node, and the new image is to be in the registry. */
async function editRow(stage: Stage): Promise<Row> {
  const { environment, workspace, project } = stage;
  const edit = (): Promise<void> => editNode(project);
  const image = `${workspace.prefix}/edited`;
  const plain = `${workspace.prefix}/plain:v1`;
  const times = await medianTimes(
    {
      kdeploy: {
        prepare: edit,
        work: async () =>
          succeeded(
            await workspace.kdeploy(
              [
                ...['build', '--builder', 'engine', '--base-image', environment.baseImage],
                '--image',
                image,
                '--tag',
                'v1',
                '--push',
              ],
              { cwd: project },
            ),
          ),
      },
      plain: { prepare: edit, work: () => kedroDockerBuildAndPush(stage, plain) },
    },
    5,
  );
  return ratioRow(
    'edit a node -> pushed digest, builder engine',
    times.kdeploy,
    ['kedro docker build && docker push', times.plain],
    1 / 6,
  );
}

async function wrappingRow(stage: Stage): Promise<Row> {
  const { environment, workspace, project } = stage;
  const args = ['build', '--builder', 'kedro', '--self-test', 'never', '--base-image', environment.baseImage];
  const times = await medianTimes(
    {
      kdeploy: {
        work: async () =>
          succeeded(
            await workspace.kdeploy([...args, '--image', `${workspace.prefix}/wrapped`, '--tag', 'v1'], {
              cwd: project,
            }),
          ),
      },
      plain: { work: () => kedroDockerBuild(stage, `${workspace.prefix}/plain:v1`) },
    },
    5,
  );
  return ratioRow(
    'kdeploy build, builder kedro, without self-test',
    times.kdeploy,
    ['kedro docker build', times.plain],
    1.15,
  );
}

/** Within one container, so that the time it takes to start one, which varies more, is not in it. */
async function entrypointRow({ workspace }: Stage): Promise<Row> {
  const script = `
import json, subprocess, time
def once(command):
    begin = time.perf_counter(); subprocess.run(command, check=True); return (time.perf_counter() - begin) * 1000
print(json.dumps([[once(["python", "-m", "kdeploy_runtime", "true"]), once(["true"])] for _ in range(25)]))`;
  const command = ['docker', 'run', '--rm', '--entrypoint', 'python', `${workspace.prefix}/edited:v1`, '-c', script];
  const pairs = JSON.parse(await run(command, { env: workspace.env })) as [number, number][];
  const [runtime, plain] = [median(pairs.map(([first]) => first)), median(pairs.map(([, second]) => second))];
  return {
    what: 'entrypoint in the container, no authentication',
    measured: time(runtime),
    against: `the command without it: ${time(plain)}`,
    result: `+${time(runtime - plain)}`,
    target: `<= +${ENTRYPOINT_TARGET_MILLISECONDS} ms`,
    isMet: runtime - plain <= ENTRYPOINT_TARGET_MILLISECONDS,
  };
}

/** One task of a DAG, which joins the run of its DAG run, next to the same nodes in kedro-docker's image. */
async function taskRow({ environment, workspace, project }: Stage): Promise<Row> {
  const local = 'conf/local/mlflow.yml';
  const inImage = '/home/kedro_docker';
  const container = (image: string, ...options: string[]) => {
    const data = ['--volume', `${project}/data:${inImage}/data`];
    const command = ['kedro', 'run', '--nodes', 'preprocess_companies_node'];
    return run(
      [
        environment.docker,
        'run',
        '--rm',
        '--network',
        'host',
        ...data,
        ...options,
        `${workspace.prefix}/${image}`,
        ...command,
      ],
      { env: workspace.env },
    );
  };
  const times = await medianTimes(
    {
      task: {
        work: () =>
          container(
            'edited:v1',
            ...['KDEPLOY_RUN_KEY=bench/run', 'KDEPLOY_TASK_KEY=preprocess', 'KDEPLOY_EXPECTED=1'].flatMap((each) => [
              '--env',
              each,
            ]),
          ),
      },
      plain: { work: () => container('plain:v1', '--volume', `${project}/${local}:${inImage}/${local}:ro`) },
    },
    5,
  );
  return {
    what: 'one task of a DAG, in its container',
    measured: time(times.task),
    against: `kedro run in kedro-docker's image: ${time(times.plain)}`,
    result: `${times.task < times.plain ? '-' : '+'}${time(Math.abs(times.task - times.plain))}`,
    target: '',
  };
}

/** Once the image has said what its pipelines are. */
async function dagRow({ environment, workspace, project }: Stage): Promise<Row> {
  const large = await workspace.copyOf(project);
  await writeFile(path.join(large, 'src/spaceflights/pipeline_registry.py'), LARGE_PIPELINE);
  await appendFile(
    path.join(large, 'conf/base/catalog.yml'),
    '\n"kept_{n}":\n  type: pickle.PickleDataset\n  filepath: s3://bench/{n}.pkl\n',
  );
  const image = `${workspace.prefix}/large-pipeline`;
  const build = ['build', '--builder', 'engine', '--base-image', environment.baseImage, '--self-test', 'never'];
  succeeded(await workspace.kdeploy([...build, '--image', image, '--tag', 'v1', '--push'], { cwd: large }));
  const write = async (): Promise<void> => succeeded(await workspace.kdeploy(['dag', `${image}:v1`], { cwd: large }));
  await write();
  const { dag } = await medianTimes({ dag: { work: write } }, 5);
  return {
    what: 'kdeploy dag of 500 nodes, structure known',
    measured: time(dag),
    against: '',
    result: '',
    target: `<= ${time(DAG_TARGET_MILLISECONDS)}`,
    isMet: dag <= DAG_TARGET_MILLISECONDS,
  };
}

/** Each node needs two of those before it; each third one passes its data in memory. */
const LARGE_PIPELINE = `
from kedro.pipeline import node, pipeline

def join(*given):
    return 1

def name(n):
    return f"memory_{n}" if n % 3 == 0 else f"kept_{n}"

def register_pipelines():
    nodes = [node(join, sorted({name(n // 2), name(n - 1)}) if n else None, name(n), name=f"node_{n}") for n in range(500)]
    return {"__default__": pipeline(nodes)}
`;

/** To a registry that has nothing of it yet. */
async function memoryRow({ workspace, project }: Stage): Promise<Row> {
  const registry = await startRegistry({ parent: workspace.folder });
  try {
    const image = `${workspace.prefixAt(registry.address)}/large`;
    await workspace.docker.getImage(`${workspace.prefix}/edited:v1`).tag({ repo: image, tag: 'v1' });
    const { Size } = await workspace.docker.getImage(`${image}:v1`).inspect();
    const peak = await peakOf(workspace.start(['push', `${image}:v1`], { cwd: project }));
    return memoryRowOf(`a push of ${(Size / 1e6).toFixed(0)} MB`, peak);
  } finally {
    await registry.stop();
  }
}

const MEASURES = [
  ...[checkRows, checkMemoryRow, hookRows, monorepoRows, pythonPackageRows],
  ...[editRow, wrappingRow, entrypointRow, taskRow, dagRow, memoryRow, bakeRows, copyRows],
  ...[layersEditRows, layersDependencyRows, layersColdRows, layersColdMachineRow, layersStartRow, layersMemoryRow],
];

/** Those whose names begin with this word, and are more than that. */
const FAMILY = 'layers';

function nameOf(measure: (typeof MEASURES)[number]): string {
  return measure.name.replace(/Rows?$/, '');
}

/** All measurements, or those named on the command line; a family's name is that of all in it. */
function measuresOf(wanted: readonly string[]): typeof MEASURES {
  const isCalled = (measure: (typeof MEASURES)[number], name: string): boolean =>
    nameOf(measure) === name || (name === FAMILY && nameOf(measure).startsWith(FAMILY));
  const unknown = wanted.find((name) => !MEASURES.some((measure) => isCalled(measure, name)));
  if (unknown !== undefined) {
    throw new Error(`there is no measurement ${unknown}; there are: ${[FAMILY, ...MEASURES.map(nameOf)].join(', ')}`);
  }
  return MEASURES.filter((measure) => wanted.length === 0 || wanted.some((name) => isCalled(measure, name)));
}

/** Measures all rows, or those named on the command line: `npm run bench check monorepo`. */
async function main(wanted: readonly string[]): Promise<void> {
  const measures = measuresOf(wanted);
  await run(['npm', 'run', '--silent', 'build'], { cwd: fileURLToPath(new URL('../..', import.meta.url)) });
  const environment = await startEnvironment();
  const workspace = await createWorkspace(environment);
  try {
    const stage = { environment, workspace, project: await workspace.project('spaceflights') };
    const rows: Row[] = [];
    for (const measure of measures) {
      report(`measuring: ${nameOf(measure)}`);
      rows.push(...[await measure(stage)].flat());
    }
    process.stdout.write(`${table(rows)}\n`);
  } finally {
    await workspace.remove();
    await environment.stop();
  }
}

await main(process.argv.slice(2)).catch((error: unknown) => {
  report(error instanceof Error ? error.message : String(error));
});
