import { readFile, symlink, mkdir } from 'node:fs/promises';
import { expect } from 'chai';
import type { Dataset } from '../../../src/graph/structure.js';
import { StateFolder } from '../../../src/state-folder.js';
import { dataset, IN_MEMORY, structure } from '../graph/sample.js';
import { FakeClock } from '../places/registry/fake-clock.js';
import { FakeRegistry } from '../places/registry/fake-registry.js';
import { TemporaryFolder } from '../temporary-folder.js';
import { runIsolated } from './isolated-command.js';

const PROJECT =
  '[tool.kedro]\npackage_name = "flights"\nproject_name = "Flights"\nkedro_init_version = "1.7.0"\nsource_dir = "src"\n';
const LABELS = {
  'io.kdeploy.version': '0.1.0',
  'io.kdeploy.plan': 'sha256:p',
  'io.kdeploy.tracking-uri': 'https://mlflow.example.com',
};
const KDEPLOY_YML = 'conf/base/kdeploy.yml';
const DAG = 'dags/flights.py';

/** As `describe --json` prints it. */
function described(
  pipelines: Readonly<Record<string, readonly string[]>>,
  datasets: Readonly<Record<string, Dataset>> = {},
): object {
  const all = structure(Object.values(pipelines).flat(), datasets);
  return {
    schema_version: 1,
    package: 'flights',
    kedro_version: '1.7.0',
    kedro_env: null,
    folder: '/home/kedro_docker',
    pipelines: Object.fromEntries(
      Object.entries(pipelines).map(([name, nodes]) => [name, structure(nodes).pipelines.__default__]),
    ),
    datasets: Object.fromEntries(
      Object.entries(all.datasets).map(([name, one]) => {
        const { definedBy, localPaths, ...others } = one;
        return [name, { ...others, defined_by: definedBy, local_paths: localPaths }];
      }),
    ),
  };
}

const TWO_NODES = ['clean: raw -> tidy', 'train: tidy -> model'];
const PIPELINES = { __default__: TWO_NODES, training: ['train: tidy -> model'], empty: [] };

describe('kdeploy dag', () => {
  let folder: TemporaryFolder;
  let state: TemporaryFolder;
  let registry: FakeRegistry;
  let image: string;
  let Dag: Parameters<typeof runIsolated>[0];

  // As the modules that it loads late: mocha's own way to load a file would give it errors of another class.
  before(async () => {
    ({ default: Dag } = await import('../../../src/commands/dag.js'));
  });

  beforeEach(async () => {
    [folder, state, registry] = await Promise.all([
      TemporaryFolder.create(),
      TemporaryFolder.create(),
      FakeRegistry.start(new FakeClock()),
    ]);
    await folder.write({ 'pyproject.toml': PROJECT, 'src/flights/settings.py': '' });
    image = `${registry.host}/team/flights:v1`;
    await push(described(PIPELINES));
  });
  afterEach(() => Promise.all([folder.remove(), state.remove(), registry.stop()]));

  /** An image with the pipelines, which it has told before. */
  async function push(
    document: object,
    options: { tag?: string; labels?: Record<string, string>; env?: string[] } = {},
  ) {
    const { digest } = registry.addImage('team/flights', { tag: 'v1', labels: LABELS, ...options });
    await new StateFolder(state.path).write('pipelines', digest, document);
    return digest;
  }
  const runDag = (...argv: string[]) =>
    runIsolated(Dag, ['--project', folder.path, ...argv], {
      KDEPLOY_STATE_FOLDER: state.path,
      DOCKER_HOST: `unix://${state.file('no-engine.sock')}`,
      DOCKER_CONFIG: state.path,
    });
  const text = (file = DAG) => readFile(folder.file(file), 'utf8').catch(() => undefined);

  it('writes the DAG of the image, named by its digest, and says so once', async () => {
    const { stdout, stderr, exitCode } = await runDag(image);
    expect([stdout, exitCode], stderr).to.deep.equal([`${DAG}\n`, undefined]);
    expect(await text()).to.match(/^IMAGE = "127\.0\.0\.1:\d+\/team\/flights@sha256:[0-9a-f]{64}"$/m);
  });

  it('warns of an image that was built for another environment than that of its settings', async () => {
    await push(described(PIPELINES), { labels: { ...LABELS, 'io.kdeploy.env': 'prod' } });
    await folder.write({ 'conf/prod/kdeploy.yml': 'run_config: {namespace: production}' });
    expect((await runDag(image)).stderr).to.contain('--env prod');
    const { stderr } = await runDag(image, '--env', 'prod', '--force');
    expect(stderr).not.to.contain('warning');
    expect(await text()).to.contain('"namespace": "production"');
  });

  it('writes the same bytes again, and reports what became of the file', async () => {
    const states = async () => {
      const { dags } = JSON.parse((await runDag(image, '--json')).stdout) as { dags: { state: string }[] };
      return dags.map((dag) => dag.state);
    };
    expect(await states()).to.deep.equal(['created']);
    const before = await text();
    expect(await states()).to.deep.equal(['unchanged']);
    expect(await text()).to.equal(before);
    await folder.write({ [DAG]: `${before}# edited\n` });
    expect(await states()).to.deep.equal(['changed']);
    expect(await text()).to.equal(before);
  });

  it('takes what kdeploy.yml configures, and lets flags win', async () => {
    await folder.write({
      [KDEPLOY_YML]:
        'dag: {target: docker, pipelines: [__default__, training], output: "airflow/{pipeline}.py", id: "{project}.{pipeline}"}\n',
    });
    expect((await runDag(image)).stdout).to.equal('airflow/__default__.py\nairflow/training.py\n');
    expect(await text('airflow/training.py'))
      .to.contain('DockerOperator')
      .and.contain('dag_id="flights.training"');
    const { stdout } = await runDag(image, '--pipeline', 'training', '--target', 'kubernetes', '-o', './k.py');
    expect(stdout).to.equal('k.py\n');
    expect(await text('k.py')).to.contain('KubernetesPodOperator');
  });

  it('prints a drawing, and keeps one that is committed up to date', async () => {
    for (const [format, start] of [
      ['mermaid', 'flowchart TB\n'],
      ['svg', '<svg '],
    ] as const) {
      expect((await runDag(image, '--format', format)).stdout.startsWith(start), format).to.equal(true);
      const file = `docs/pipeline.${format}`;
      for (const nodes of [TWO_NODES, ['clean: raw -> tidy']]) {
        await push(described({ __default__: nodes }));
        expect((await runDag(image, '--format', format, '--output', file)).stderr).not.to.contain('Error');
        expect((await text(file))?.includes('train')).to.equal(nodes === TWO_NODES);
      }
      await push(described(PIPELINES));
    }
  });

  it('prints all pipelines with --output -, and writes nothing', async () => {
    const { stdout } = await runDag(image, '-p', '__default__', '-p', 'training', '-o', '-');
    expect(stdout.match(/^with DAG\(/gm)).to.have.lengthOf(2);
    expect(await text()).to.equal(undefined);
  });

  describe('with --check', () => {
    const check = (...argv: string[]) => runDag('--check', ...argv);

    it('asks nobody else than the image that the file names, and is content', async () => {
      await runDag(image);
      await push(described({ __default__: ['other: raw -> tidy'] }), { env: ['B=2'] });
      const { stdout, exitCode } = await check();
      expect([stdout, exitCode]).to.deep.equal([`${DAG}\n`, undefined]);
    });

    for (const [what, edit] of [
      ['edited by hand', (before: string) => before.replace('catchup=False', 'catchup=True')],
      ['cut off', (before: string) => before.slice(0, -1)],
    ] as const) {
      it(`finds a file that was ${what}, shows how, and leaves it`, async () => {
        await runDag(image);
        const edited = edit((await text()) ?? '');
        await folder.write({ [DAG]: edited });
        const { stderr, exitCode } = await check();
        expect(exitCode).to.equal(1);
        expect(stderr)
          .to.contain(`${DAG}: error: ${DAG} is not as it would be written [dag-current]`)
          .and.match(/^[+-]/m);
        expect(await text()).to.equal(edited);
      });
    }

    it('finds what kdeploy.yml says since then', async () => {
      await runDag(image);
      await folder.write({ [KDEPLOY_YML]: 'run_config: {retries: 3}\n' });
      expect((await check()).exitCode).to.equal(1);
      expect((await check(image)).exitCode).to.equal(1);
    });

    it('has nothing against line ends that git changed', async () => {
      await runDag(image);
      await folder.write({ [DAG]: ((await text()) ?? '').replaceAll('\n', '\r\n') });
      expect((await check()).exitCode).to.equal(undefined);
    });

    it('finds a file that is missing, or that somebody else wrote, without a build on this machine', async () => {
      await folder.write({ [KDEPLOY_YML]: 'dag: {pipelines: [__default__, training]}', [DAG]: '# mine\n' });
      const { stderr, exitCode } = await check();
      expect(exitCode).to.equal(1);
      expect(stderr)
        .to.contain('dags/flights-training.py does not exist')
        .and.contain(`${DAG} was not written by kdeploy`);
      const { error } = JSON.parse((await check('--json')).stdout) as { error: { findings: { place: object }[] } };
      expect(error.findings.map(({ place }) => place)).to.deep.equal([
        { file: DAG },
        { file: 'dags/flights-training.py' },
      ]);
    });

    it('compares each file with the image that it names', async () => {
      await runDag(image);
      await push(described({ __default__: ['other: raw -> tidy'], training: ['fit: tidy -> model'] }), {
        env: ['B=2'],
      });
      await runDag(image, '-p', 'training');
      expect((await check('-p', '__default__', '-p', 'training')).exitCode).to.equal(undefined);
    });

    it('cannot compare with stdout', async () => {
      expect((await check('-o', '-')).exitCode).to.equal(2);
    });
  });

  describe('writes and changes nothing', () => {
    const mistakes: readonly [
      what: string,
      given: { yml?: string; argv?: string[]; pushed?: () => Promise<unknown> },
      exitCode: number,
      stderr: string | RegExp,
    ][] = [
      [
        'for a pipeline that does not exist, with those that do',
        { argv: ['-p', 'traning'] },
        2,
        'error: the image has no pipeline traning [unknown-pipeline]\n    next: did you mean training? the image has __default__ and training\n',
      ],
      [
        'for a pipeline that kdeploy.yml misspells, with its line',
        { yml: 'image:\ndag:\n  pipelines: [traning]\n' },
        2,
        `${KDEPLOY_YML}:3: error: the image has no pipeline traning [unknown-pipeline]`,
      ],
      ['for a pipeline without nodes', { argv: ['-p', 'empty'] }, 1, 'error: the pipeline empty has no nodes'],
      ['for no pipelines', { yml: 'dag: {pipelines: []}\n' }, 2, `${KDEPLOY_YML}:1: dag.pipelines`],
      [
        'if one of several pipelines is wrong',
        { argv: ['-p', '__default__', '-p', 'lost'] },
        2,
        'the image has no pipeline lost',
      ],
      [
        'for several pipelines in one file',
        { argv: ['-p', '__default__', '-p', 'training', '-o', 'dags/one.py'] },
        2,
        'the DAGs of __default__ and training would be written to the same file, dags/one.py [dag-file]',
      ],
      [
        'for several pipelines with one ID',
        { yml: 'dag:\n  id: flights\n', argv: ['-p', '__default__', '-p', 'training'] },
        2,
        `${KDEPLOY_YML}:2: error: the DAGs of __default__ and training would have the same ID, flights [dag-id]`,
      ],
      [
        'for an ID that Airflow refuses',
        {
          yml: 'dag:\n  id: "{pipeline}"\n',
          argv: ['-p', 'data science'],
          pushed: () => push(described({ __default__: TWO_NODES, 'data science': TWO_NODES })),
        },
        2,
        `${KDEPLOY_YML}:2: error: "data science", for the pipeline data science, is not an ID that Airflow accepts`,
      ],
      [
        'for a key that is for the other target, with its line',
        { yml: 'run_config:\n  retries: 1\n  namespace: ml\ndag: {target: docker}\n' },
        2,
        `${KDEPLOY_YML}:3: error: run_config.namespace is for the target kubernetes, not docker: Docker has no namespaces [unused-key]`,
      ],
      [
        'for a variable from a secret that the target cannot read, with its line',
        { yml: 'run_config:\n  env_vars: {X: {from_secret: {name: a, key: b}}}\ndag: {target: docker}\n' },
        2,
        `${KDEPLOY_YML}:2: error: run_config.env_vars takes X from a Kubernetes secret, which the target docker cannot read`,
      ],
      [
        'for a key that no target knows',
        { yml: 'run_config: {namspace: ml}\n' },
        2,
        `${KDEPLOY_YML}:1: unknown key "namspace" in run_config; did you mean "namespace"?`,
      ],
      [
        'for data that would get lost, with the line that keeps them',
        {
          argv: ['--group-by', 'none'],
          pushed: () => push(described({ __default__: TWO_NODES }, { tidy: IN_MEMORY })),
        },
        1,
        /tidy is a MemoryDataset and stays in memory.*\[in-memory\]\n {4}next: replace the entry in the catalog by: tidy: \{type: pickle/,
      ],
      [
        'for a file that the other containers do not have, with the setting that shares it',
        {
          argv: ['--group-by', 'none', '--target', 'docker'],
          pushed: () =>
            push(
              described({ __default__: TWO_NODES }, { tidy: dataset({ localPaths: ['/home/kedro_docker/data/t'] }) }),
            ),
        },
        1,
        'next: give the tasks shared storage (run_config.docker.mounts: ["/shared:/home/kedro_docker/data"]), or change the entry tidy',
      ],
      [
        'for the same on Kubernetes',
        {
          argv: ['--group-by', 'none'],
          pushed: () =>
            push(
              described({ __default__: TWO_NODES }, { tidy: dataset({ localPaths: ['/home/kedro_docker/data/t'] }) }),
            ),
        },
        1,
        'next: give the tasks shared storage (run_config.volume), or change the entry tidy',
      ],
      [
        'for an image that kdeploy did not build',
        { pushed: () => push(described(PIPELINES), { labels: {} }) },
        2,
        /the image 127.0.0.1:\d+\/team\/flights:v1 was not built by kdeploy/,
      ],
      [
        'for an image of another project',
        { pushed: () => push({ ...described(PIPELINES), package: 'trains' }) },
        2,
        'the image contains the project trains, not flights',
      ],
      ['for an output outside of the project', { argv: ['-o', '../dag.py'] }, 2, '--output points outside the project'],
      ['for an absolute output elsewhere', { argv: ['-o', '/tmp/dag.py'] }, 2, '--output points outside the project'],
      ['for a tag that no grouping goes by', { argv: ['--group-tag', 'x'] }, 2, '--group-tag has no effect without'],
      [
        'for an output that is no name',
        { argv: ['-o', `${'x'.repeat(300)}.py`] },
        2,
        '--output is not the name of a file',
      ],
      ['for an output that is no Python file', { argv: ['-o', 'dags/x.txt'] }, 2, '--output is not a Python file'],
      [
        'for a placeholder that does not exist, in a flag',
        { argv: ['-o', 'dags/{dag}.py'] },
        2,
        'Error: --output has an unknown placeholder\n  next: supported placeholders: {dag_id}, {pipeline}\n',
      ],
      [
        'for a placeholder that does not exist, in kdeploy.yml',
        { yml: 'dag: {output: "dags/{dag}.py"}\n' },
        2,
        `${KDEPLOY_YML}:1: dag.output has an unknown placeholder`,
      ],
      [
        'where the legacy file has a mistake',
        { yml: 'legacy' },
        2,
        'conf/base/airflow-k8s.yaml:2: run_config.startup_timeout',
      ],
    ];
    for (const [what, { yml, argv = [], pushed }, exitCode, stderr] of mistakes) {
      it(what, async () => {
        const files =
          yml === 'legacy'
            ? { 'conf/base/airflow-k8s.yaml': 'run_config:\n  startup_timeout: soon\n' }
            : yml === undefined
              ? {}
              : { [KDEPLOY_YML]: yml };
        await folder.write({ ...files, [DAG]: '# The Kedro pipeline "x", generated by kdeploy.\n' });
        await pushed?.();
        const ended = await runDag(image, ...argv);
        expect(ended.stdout).to.equal('');
        if (typeof stderr === 'string') expect(ended.stderr).to.contain(stderr);
        else expect(ended.stderr).to.match(stderr);
        expect(ended.exitCode).to.equal(exitCode);
        expect(await text()).to.equal('# The Kedro pipeline "x", generated by kdeploy.\n');
      });
    }

    it('over a file that kdeploy did not write, unless told so', async () => {
      await folder.write({ [DAG]: '# mine\n' });
      const { stderr, exitCode } = await runDag(image);
      expect([exitCode, await text()]).to.deep.equal([2, '# mine\n']);
      expect(stderr).to.contain(
        `Error: ${DAG}: ${DAG} was not written by kdeploy\n  next: choose another file with --output`,
      );
      expect((await runDag(image, '--force')).exitCode).to.equal(undefined);
      expect(await text()).to.contain('generated by kdeploy');
    });

    it('of several files if one of them is somebody else’s', async () => {
      await folder.write({ 'dags/flights-training.py': '# mine\n' });
      expect((await runDag(image, '-p', '__default__', '-p', 'training')).exitCode).to.equal(2);
      expect(await text()).to.equal(undefined);
    });

    it('through a link, or where a folder is', async () => {
      await mkdir(folder.file('dags'));
      await folder.write({ 'elsewhere.py': '# The Kedro pipeline "x", generated by kdeploy.\n' });
      await symlink('../elsewhere.py', folder.file(DAG));
      const linked = await runDag(image);
      expect(linked.exitCode).to.equal(2);
      expect(linked.stderr)
        .to.contain(`${DAG} is a symbolic link, and kdeploy does not write through links`)
        .and.contain('next: choose another file with --output');
      expect(await text('elsewhere.py')).to.equal('# The Kedro pipeline "x", generated by kdeploy.\n');
      await mkdir(folder.file('folder.py'));
      const inTheWay = await runDag(image, '-o', 'folder.py');
      expect([inTheWay.exitCode, inTheWay.stdout]).to.deep.equal([2, '']);
      expect(inTheWay.stderr).to.contain('folder.py');
    });

    it('for an image that its registry does not have, by tag or by digest', async () => {
      for (const name of ['lost:v1', `team/flights@sha256:${'0'.repeat(64)}`]) {
        const { stderr, exitCode } = await runDag(`${registry.host}/${name}`);
        expect([exitCode, stderr.includes(name)]).to.deep.equal([2, true], stderr);
      }
      expect(await text()).to.equal(undefined);
    });

    it('for a project that was never built here', async () => {
      const { stderr, exitCode } = await runDag();
      expect(exitCode).to.equal(2);
      expect(stderr).to.contain('this project has not been built on this machine yet');
    });
  });

  it('lists what it found as data with --json, warnings with the result and errors with the error', async () => {
    await folder.write({ [KDEPLOY_YML]: 'run_config:\n  resources: {trian: {requests: {cpu: 1}}}\n' });
    const found = JSON.parse((await runDag(image, '--json')).stdout) as { findings: object[] };
    expect(found.findings).to.deep.equal([
      {
        rule: 'unused-key',
        severity: 'warning',
        message: 'run_config.resources.trian is for no task: no node has this name or the tag resources:trian',
        remedy: 'did you mean train?',
        place: { file: KDEPLOY_YML, line: 2 },
      },
    ]);
    const failed = await runDag(image, '--json', '-p', 'lost');
    const { error } = JSON.parse(failed.stdout) as { error: { code: string; findings: { rule: string }[] } };
    expect([error.code, error.findings[0]?.rule, failed.exitCode]).to.deep.equal(['usage', 'unknown-pipeline', 2]);
  });
});
