import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { initialiseProject, type InitialiseOptions } from '../../../../src/config/init/initialise-project.js';
import { KdeployError } from '../../../../src/errors.js';
import { loadSettings } from '../../../../src/config/settings/load.js';
import { workTree } from '../../../../src/project/sources/work-tree.js';
import { TemporaryRepository, temporaryFolder } from '../../git/temporary-repository.js';
import { errorOf, lines } from '../../../unit/config/settings/project-files.js';

const FILE = 'conf/base/kdeploy.yml';

describe('kdeploy init', () => {
  let root: string;

  beforeEach(async () => {
    root = await temporaryFolder();
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  const initialise = (options: Omit<InitialiseOptions, 'project'> = {}, folder = root) =>
    initialiseProject({
      project: {
        root: folder,
        name: 'Space Flights',
        packageName: 'space_flights',
        sourceFolder: 'src',
        source: workTree(folder),
      },
      ...options,
    });
  const read = (path = FILE) => readFile(join(root, path), 'utf8');
  const write = async (path: string, text: string) => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  };
  const settings = () => loadSettings({ source: workTree(root), env: 'local', environmentVariables: {} });

  it('writes a file that kdeploy reads without a problem or warning', async () => {
    const result = await initialise();
    expect(result).to.deep.include({ file: FILE, replaced: false, takenOverFrom: null, warnings: [] });
    const loaded = await settings();
    expect([loaded.image.name, loaded.image.tags, loaded.warnings]).to.deep.equal([null, ['latest'], []]);
  });

  it('leaves nothing else in the project', async () => {
    await initialise();
    expect(await readdir(join(root, 'conf/base'))).to.deep.equal(['kdeploy.yml']);
  });

  it('explains every key, each example being valid once its comment sign is gone', async () => {
    await initialise();
    // Of the two examples for authentication only one can stand in a file.
    const uncommented = (await read())
      .replace(/ {2}# authentication:\n {2}# {3}type: GoogleOAuth2\n.*\n/, '')
      .replaceAll(/^( *)# ((?: *- )? *\w+:(?: |$))/gm, '$1$2');
    expect(Object.keys((parse(uncommented) as { build: object }).build)).to.deep.equal([
      'uid',
      'gid',
      'args',
      'secrets',
    ]);
    await write(FILE, uncommented);
    const loaded = await settings();
    expect(loaded.image).to.deep.include({ name: 'registry.example.com/team/space_flights', base: 'python:3.11-slim' });
    expect(loaded.runConfig.authentication).to.have.lengthOf(1);
  });

  it('leaves a file that is there as it is, and says how to replace it', async () => {
    await write(FILE, 'mine');
    const error = await errorOf(initialise());
    expect([error.code, error.exitCode]).to.deep.equal(['usage', 2]);
    expect(error.hint).to.contain('kdeploy init --force');
    expect(await read()).to.equal('mine');
  });

  it('finds a file with the other ending as well', async () => {
    await write('conf/base/kdeploy.yaml', 'mine');
    expect((await errorOf(initialise())).code).to.equal('usage');
    expect(await readdir(join(root, 'conf/base'))).to.deep.equal(['kdeploy.yaml']);
  });

  it('replaces the file with force, even one that is no YAML', async () => {
    await write(FILE, 'image: [');
    expect((await initialise({ force: true })).replaced).to.equal(true);
    expect((await settings()).sources).to.deep.equal([FILE]);
  });

  it('writes one whole file when ten run at the same time, and tells nine', async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 10 }, (_, index) => initialise({ image: `acme/app${index}` })),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).to.have.lengthOf(1);
    const winner = results.findIndex(({ status }) => status === 'fulfilled');
    expect((await settings()).image.name).to.equal(`acme/app${winner}`);
    expect(await readdir(join(root, 'conf/base'))).to.deep.equal(['kdeploy.yml']);
  });

  it('writes where Kedro reads, when settings.py renames folder and environments', async () => {
    await write(
      'src/space_flights/settings.py',
      'CONF_SOURCE = "configuration"\nCONFIG_LOADER_ARGS = {"base_env": "default", "default_run_env": "dev"}\n',
    );
    const { file, nextSteps } = await initialise();
    expect(file).to.equal('configuration/default/kdeploy.yml');
    expect(nextSteps).to.deep.include({
      text: 'create configuration/dev/mlflow.yml, and set the MLflow server in it',
      command: 'mkdir -p configuration/dev && kedro mlflow init --env dev',
    });
  });

  it('does not overwrite a file that the project’s source did not show', async () => {
    await write(FILE, 'mine');
    const empty = { read: () => Promise.resolve(undefined), list: () => Promise.resolve([]) };
    const project = { root, name: 'x', packageName: 'x', sourceFolder: 'src', source: empty };
    expect((await errorOf(initialiseProject({ project }))).message).to.contain('already exists');
    expect(await read()).to.equal('mine');
  });

  it('writes nothing through a link out of the project, whether what it leads to exists or not', async () => {
    const outside = await temporaryFolder();
    try {
      for (const [link, target] of [
        ['conf', outside],
        ['conf', `${outside}/new`],
        ['conf/base', outside],
        ['conf/base', `../${relative(root, outside)}/new`],
        ['conf/base/kdeploy.yml', `${outside}/new`],
      ] as const) {
        await rm(join(root, 'conf'), { recursive: true, force: true });
        await mkdir(dirname(join(root, link)), { recursive: true });
        await symlink(target, join(root, link));
        for (const force of [false, true]) {
          await initialise({ force }).catch((error: unknown) => expect(error).to.be.instanceOf(KdeployError));
          expect(await readdir(outside), `${link} ${String(force)}`).to.deep.equal([]);
        }
      }
    } finally {
      await rm(outside, { recursive: true });
    }
  });

  it('writes nothing when it cannot say what to do next', async () => {
    await write('conf/base/.gitkeep', '');
    await symlink('/usr/share', join(root, 'conf/local'));
    expect((await errorOf(initialise())).message).to.contain('points outside the project');
    expect(await readdir(join(root, 'conf/base'))).to.deep.equal(['.gitkeep']);
  });

  it('says why it cannot write, and leaves nothing behind', async () => {
    await write('conf/base', 'a file where the folder should be');
    const error = await errorOf(initialise());
    expect([error.code, error.message]).to.deep.equal([
      'configuration',
      'conf/base is not a folder; nothing was written',
    ]);
    expect(await readdir(join(root, 'conf'))).to.deep.equal(['base']);
  });

  it('takes the image given, with its tag', async () => {
    await initialise({ image: 'ghcr.io/acme/app:v1' });
    const { image } = await settings();
    expect([image.name, image.tags]).to.deep.equal(['ghcr.io/acme/app', ['v1']]);
  });

  it('refuses an image that is none, and writes nothing', async () => {
    expect((await errorOf(initialise({ image: 'Acme/app' }))).code).to.equal('usage');
    expect(await readdir(root)).to.deep.equal([]);
  });

  it('names the schema only where an editor will find it', async () => {
    await initialise();
    expect(await read()).not.to.contain('$schema');
    await write('node_modules/kdeploy/schema/kdeploy.schema.json', '{}');
    await initialise({ force: true });
    expect((await read()).split('\n')[0]).to.equal(
      '# yaml-language-server: $schema=../../node_modules/kdeploy/schema/kdeploy.schema.json',
    );
  });

  it('says what to do next', async () => {
    await write('conf/local/.gitkeep', '');
    const commands = (await initialise()).nextSteps.map(({ text, command }) => command ?? text);
    expect(commands).to.deep.equal([
      `set image.name in ${FILE} to where the image should be pushed`,
      'pip install kedro-mlflow',
      'kedro mlflow init',
      'kdeploy check',
      'kdeploy build',
    ]);
    await write('requirements.txt', 'kedro\nkedro-mlflow\n');
    const installed = (await initialise({ force: true, image: 'acme/app' })).nextSteps.map(({ command }) => command);
    expect(installed).to.deep.equal(['kedro mlflow init', 'kdeploy check', 'kdeploy build']);
    await write('conf/local/mlflow.yml', '');
    const fewer = (await initialise({ force: true, image: 'acme/app' })).nextSteps.map(({ command }) => command);
    expect(fewer).to.deep.equal(['kdeploy check', 'kdeploy build']);
  });

  describe('in a git repository', () => {
    let repository: TemporaryRepository;

    beforeEach(async () => {
      repository = await TemporaryRepository.create();
    });
    afterEach(() => repository.remove());

    const suggestions: readonly [remote: string, folder: string, suggestion: string][] = [
      ['https://github.com/Acme/Space-Flights.git', '', 'ghcr.io/acme/space-flights'],
      ['git@gitlab.com:acme/ml/flights.git', '', 'registry.gitlab.com/acme/ml/flights'],
      ['https://github.com/acme/mono', 'pipelines/flights', 'ghcr.io/acme/mono/space_flights'],
      ['https://git.example.org/acme/flights', '', 'registry.example.com/team/space_flights'],
    ];
    for (const [remote, folder, suggestion] of suggestions) {
      it(`suggests ${suggestion} for ${remote} ${folder}, as a comment`, async () => {
        await repository.git('remote', 'add', 'origin', remote);
        await repository.write(join(folder, 'pyproject.toml'), '');
        await initialise({}, join(repository.root, folder));
        const text = await readFile(join(repository.root, folder, FILE), 'utf8');
        expect(text).to.contain(`\n  # name: ${suggestion}\n`);
        expect((parse(text) as { image: object }).image).to.deep.equal({ tags: ['{git.sha}', 'latest'] });
      });
    }
  });

  it('names commands for the environment that was asked for', async () => {
    const { nextSteps } = await initialise({ env: 'prod' });
    const commands = nextSteps.flatMap(({ command }) => command ?? []);
    expect(commands).to.include.members([
      'mkdir -p conf/prod && kedro mlflow init --env prod',
      'kdeploy check --env prod',
      'kdeploy build --env prod',
    ]);
    for (const command of commands) expect(command).not.to.match(/^kdeploy (?:check|build)$/);
  });

  describe('with a file of kedro-airflow-k8s', () => {
    const LEGACY = 'conf/base/airflow-k8s.yaml';
    const TEXT = `
host: https://airflow.example.com
run_config:
  image: gcr.io/acme/app:\${commit_id|dirty}
  experiment_name: "on"
  run_name: churn
  namespace: airflow
  cron_expression: "@daily"
  resources: {__default__: {limits: {cpu: "1"}}}
  authentication: {type: Vars, params: [MLFLOW_TRACKING_TOKEN]}
`;

    it('takes over what it says: the same settings as before', async () => {
      await write(LEGACY, TEXT);
      const before = await settings();
      const result = await initialise();
      expect(result.takenOverFrom).to.equal(LEGACY);
      // What is said is the same; where it is said is not.
      const { places, ...after } = await settings();
      expect({ ...after, places: before.places }).to.deep.equal({ ...before, sources: [FILE], warnings: [] });
      expect(Object.keys(places)).to.have.members(Object.keys(before.places));
      expect(lines(result.warnings)).to.deep.equal([
        `${LEGACY}:2: host is not used by kdeploy`,
        `${LEGACY}: kedro-airflow-k8s called the DAG churn, after the run; kdeploy calls it space_flights`,
        `${LEGACY}: without volume, kedro-airflow-k8s created one of 1Gi for each run; kdeploy creates none`,
      ]);
      expect(before.image.tags).to.deep.equal(['{git.sha}']);
    });

    it('tells of the environments’ files, which are not read any more', async () => {
      await write(LEGACY, TEXT);
      await write('conf/prod/airflow-k8s.yml', TEXT);
      const [step] = (await initialise()).nextSteps;
      expect(step?.text).to.contain('conf/prod/airflow-k8s.yml to conf/prod/kdeploy.yml');
    });

    it('takes nothing over from a file that is no YAML, and says so', async () => {
      await write(LEGACY, 'run_config: [');
      const result = await initialise();
      expect([result.takenOverFrom, result.file]).to.deep.equal([null, FILE]);
      expect(lines(result.warnings)[0]).to.match(/^conf\/base\/airflow-k8s\.yaml:1: .*no settings were imported/);
    });

    it('keeps a placeholder in the names of experiment and run, with its line, and builds nothing until it is replaced', async () => {
      await write(
        LEGACY,
        'run_config:\n  experiment_name: x-${branch_name|local}\n  run_name: "x:${build|0}-${commit_id}"\n',
      );
      const result = await initialise();
      expect(lines(result.warnings)).to.deep.equal([
        `${LEGACY}:2: run_config.experiment_name contains an interpolation (\${…}), which kdeploy does not resolve`,
        `${LEGACY}:3: run_config.run_name contains an interpolation (\${…}), which kdeploy does not resolve`,
      ]);
      expect(parse(await read())).to.deep.include({
        run_config: { experiment_name: 'x-${branch_name|local}', run_name: 'x:${build|0}-{git.sha}' },
      });
      expect(result.nextSteps.map(({ text }) => text)).to.include(
        `replace the placeholder \${…} in run_config.experiment_name in ${FILE}: kdeploy does not fill it in`,
      );
      const refusal = await settings().then(
        () => undefined,
        (error: unknown) => String(error),
      );
      expect(refusal).to.contain('run_config.experiment_name contains an interpolation');
    });

    it('writes down no default of a placeholder in the image’s name', async () => {
      await write(LEGACY, 'run_config:\n  image: gcr.io/${google_project_id|acme}/app:v1\n');
      const result = await initialise();
      expect(lines(result.warnings)).to.deep.equal([
        `${LEGACY}:2: run_config.image was not migrated: kdeploy.yml does not fill in its placeholders`,
      ]);
      expect(await read()).not.to.contain('acme');
    });

    it('keeps each key or names it with the reason, in the output and in the file', async () => {
      const dropped = [
        'spark: {type: dataproc}',
        'group_spark_nodes: True',
        'namespace: My_NS',
        'secrets: [{secret: s, key: k}]',
      ];
      const template = 'kubernetes_pod_templates: {a: {template: "a: {self._pvc_name}"}}';
      const kept = [
        'startup_timeout: 600',
        'macro_params: [ds, prev_ds]',
        'volume: {storageclass: , size: 1Gi, owner: 0}',
      ];
      await write(
        LEGACY,
        [
          'host: x',
          'output: gs://bucket',
          'run_config:',
          ...[...dropped, template, 'start_time: 600', ...kept].map((line) => `  ${line}`),
        ].join('\n'),
      );
      const { migratedKeys, warnings } = await initialise();
      expect(migratedKeys).to.have.members([
        'run_config.startup_timeout',
        'run_config.macro_params',
        'run_config.volume',
      ]);
      const told = lines(warnings).join('\n');
      const text = await read();
      for (const key of [
        'host',
        'output',
        'start_time',
        'spark',
        'group_spark_nodes',
        'namespace',
        'secrets',
        'kubernetes_pod_templates',
        'cron_expression',
      ]) {
        expect(told).to.match(new RegExp(`\\b${key}\\b`));
        expect(text).to.match(new RegExp(`^  # - .*\\b${key}\\b`, 'm'));
      }
      const migrated = await settings();
      expect([migrated.warnings, migrated.dagProblems]).to.deep.equal([[], []]);
      expect(migrated.runConfig.airflow).to.have.keys('startup_timeout', 'macro_params', 'volume');
    });

    it('names a key of which only a part is wrong, since all of it is left out', async () => {
      await write(
        LEGACY,
        [
          'run_config:',
          '  resources:',
          '    __default__: {node_selectors: {pool/k8s.io_x/y: a}}',
          '    huge: {requests: {cpu: 16}}',
        ].join('\n'),
      );
      const { warnings } = await initialise();
      expect(lines(warnings)).to.include(
        `${LEGACY}:3: run_config.resources was not migrated: a key of run_config.resources.__default__.node_selectors is not a key that Kubernetes accepts`,
      );
      expect(await read()).to.match(/^ {2}# - run_config\.resources was not migrated: /m);
    });

    for (const [what, names, told] of [
      ['had another name', 'experiment_name: e\n  run_name: prices', true],
      ['had the name of its experiment', 'experiment_name: prices', true],
      ['had the same name', 'experiment_name: prices\n  run_name: space_flights', false],
      ['had a name for each commit', 'run_name: "prices:${commit_id}"', false],
    ] as const) {
      it(`${told ? 'says how to keep' : 'has nothing to say of'} the history of a DAG that ${what}`, async () => {
        await write(LEGACY, `run_config:\n  namespace: ml\n  ${names}\n`);
        const remedies = (await initialise()).warnings.map(({ remedy }) => remedy);
        expect(remedies.includes('to keep its history in Airflow, set dag.id: prices')).to.equal(told);
      });
    }

    for (const [written, told] of [
      ['namespace: ml', true],
      ['cron_expression: null', false],
      ['cron_expression: "@hourly"', false],
    ] as const) {
      it(`${told ? 'tells of' : 'has nothing to say of'} the plugin's own schedule with ${written}`, async () => {
        await write(LEGACY, `run_config:\n  macro_params: [ds]\n  ${written}\n`);
        expect(lines((await initialise()).warnings).some((line) => line.includes('ran the DAG @daily'))).to.equal(told);
      });
    }

    it('reads every file that the plugin read', async () => {
      await write('conf/base/airflow-k8s-run.yaml', TEXT.replace(/^host.*$/m, ''));
      await write(LEGACY, 'host: x');
      expect((await initialise()).takenOverFrom).to.equal(`conf/base/airflow-k8s-run.yaml and ${LEGACY}`);
    });

    it('writes down no variable’s value of today', async () => {
      await write(LEGACY, TEXT);
      process.env.KEDRO_CONFIG_COMMIT_ID = 'today';
      try {
        await initialise();
      } finally {
        delete process.env.KEDRO_CONFIG_COMMIT_ID;
      }
      expect(await read()).not.to.contain('today');
    });
  });
});
