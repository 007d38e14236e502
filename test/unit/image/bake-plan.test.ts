import { expect } from 'chai';
import fc from 'fast-check';
import { planBake, RUNTIME_ENTRYPOINT, type BakedTracking, type PlanInput } from '../../../src/image/bake-plan.js';
import { RUNTIME_FOLDER } from '../../../src/image/baked-environment.js';
import { environmentValue, type RunConfiguration } from '../../../src/image/run-configuration.js';

const IMAGE: RunConfiguration = {
  env: ['PATH=/usr/bin', 'PYTHONPATH=/app'],
  entrypoint: ['tini', '--'],
  cmd: ['kedro', 'run'],
  workingDirectory: '/home/kedro_docker',
  user: 'kedro_docker',
  labels: { team: 'a' },
};

const TRACKING: BakedTracking = {
  uri: 'https://mlflow.example.com',
  registryUri: undefined,
  experiment: 'flights',
  authenticationTypes: ['GoogleOAuth2', 'Vars'],
  authentication: '{"types":[]}',
  signsRequests: true,
  runName: undefined,
  onUnreachable: 'fail',
  experimentOptions: undefined,
  mlflowYaml: 'server: {}\n',
  mlflowFiles: ['conf/prod/mlflow.yml'],
  selfTestSubject: 'sha256:subject',
  runtime: [
    { path: 'kdeploy_runtime/__main__.py', content: Buffer.from('main') },
    { path: 'kdeploy_runtime/__init__.py', content: Buffer.from('') },
  ],
};

const input = (changes: Partial<PlanInput> = {}): PlanInput => ({
  image: IMAGE,
  kdeployVersion: '1.0.0',
  env: 'prod',
  tracking: TRACKING,
  imageName: 'registry.example.com/app:v1',
  origin: { created: '2026-01-02T03:04:05Z', revision: 'abc', title: 'Flights' },
  ...changes,
});

describe('the bake plan', () => {
  it('adds the runtime and mlflow.yml, sorted by path', () => {
    expect(planBake(input()).files.map(({ path, content }) => [path, content.toString()])).to.deep.equal([
      ['/home/kedro_docker/conf/prod/mlflow.yml', 'server: {}\n'],
      ['/opt/kdeploy/lib/kdeploy_runtime/__init__.py', ''],
      ['/opt/kdeploy/lib/kdeploy_runtime/__main__.py', 'main'],
    ]);
  });

  it('leaves user, folder and command as they were, and starts the runtime before the image’s own entrypoint', () => {
    const { configuration } = planBake(input());
    expect(configuration).to.deep.include({
      user: 'kedro_docker',
      workingDirectory: '/home/kedro_docker',
      cmd: IMAGE.cmd,
    });
    expect(configuration.entrypoint).to.deep.equal(['python', '-m', 'kdeploy_runtime', 'tini', '--']);
  });

  it('sets what MLflow, Kedro and the runtime read', () => {
    expect(planBake(input()).configuration.env).to.deep.equal([
      'PATH=/usr/bin',
      'PYTHONPATH=/opt/kdeploy/lib:/app',
      'MLFLOW_TRACKING_URI=https://mlflow.example.com',
      'MLFLOW_EXPERIMENT_NAME=flights',
      'MLFLOW_TRACKING_AUTH=kdeploy',
      'KEDRO_ENV=prod',
      'KDEPLOY_AUTH={"types":[]}',
      'KDEPLOY_IMAGE=registry.example.com/app:v1',
      'KDEPLOY_GIT_REVISION=abc',
      'KDEPLOY_VERSION=1.0.0',
    ]);
  });

  it('takes the file for the image’s Python along, as a part of what decides about the plan', () => {
    const pathFile = { path: 'kdeploy.pth', content: Buffer.from('/opt/kdeploy/lib\n') };
    const plan = planBake(input({ tracking: { ...TRACKING, pathFile } }));
    expect(plan.pathFile).to.deep.equal(pathFile);
    expect(plan.files).to.deep.equal(planBake(input()).files);
    expect(plan.digest).not.to.equal(planBake(input()).digest);
    expect(planBake(input({ tracking: undefined }))).not.to.have.property('pathFile');
  });

  it('writes the configuration to the first of its files, and empties those that Kedro would read beside it', () => {
    const mlflowFiles = ['conf/prod/mlflow.yml', 'conf/prod/mlflow_ui.yml', 'conf/prod/mlflow/server.json'];
    const { files } = planBake(input({ tracking: { ...TRACKING, mlflowFiles } }));
    const configuration = files.filter(({ path }) => path.startsWith('/home/'));
    expect(configuration.map(({ path, content }) => [path, content.toString()])).to.deep.equal([
      ['/home/kedro_docker/conf/prod/mlflow.yml', 'server: {}\n'],
      ['/home/kedro_docker/conf/prod/mlflow/server.json', '{}\n'],
      ['/home/kedro_docker/conf/prod/mlflow_ui.yml', '# Written by kdeploy: see conf/prod/mlflow.yml.\n'],
    ]);
  });

  it('brings the folder of the environment along where mlflow.yml lies elsewhere, since Kedro refuses one without', () => {
    const { files } = planBake(input({ tracking: { ...TRACKING, mlflowFiles: ['conf/base/mlflow.yml'] } }));
    expect(files.map(({ path }) => path)).to.include('/home/kedro_docker/conf/prod/.kdeploy');
    expect(planBake(input()).files.map(({ path }) => path)).not.to.include('/home/kedro_docker/conf/prod/.kdeploy');
  });

  it('needs the folder of configuration that settings.py names', () => {
    const { needs } = planBake(input({ confSource: 'configuration' }));
    expect(needs).to.deep.equal([
      {
        folder: '/home/kedro_docker/configuration',
        otherwise:
          'the image has no configuration/ folder in its working directory /home/kedro_docker, so it does not contain a Kedro project',
      },
    ]);
  });

  describe('KEDRO_ENV', () => {
    const cases: [name: string, changes: Partial<PlanInput>, expected: string[]][] = [
      ['is not needed for the environment that is the default', { env: 'dev', isDefaultEnv: true }, []],
      ['is needed for local where another is the default', { env: 'local', isDefaultEnv: false }, ['KEDRO_ENV=local']],
    ];
    for (const [name, changes, expected] of cases) {
      it(name, () => {
        const { env } = planBake(input(changes)).configuration;
        expect(env.filter((entry) => entry.startsWith('KEDRO_ENV='))).to.deep.equal(expected);
      });
    }
  });

  it('sets nothing that is not needed', () => {
    const tracking = {
      ...TRACKING,
      authentication: undefined,
      signsRequests: false,
      registryUri: 'https://registry.example.com',
    };
    const { configuration } = planBake(
      input({
        env: 'local',
        tracking,
        imageName: undefined,
        origin: { created: 'now' },
        image: { ...IMAGE, env: ['PYTHONPATH='] },
      }),
    );
    expect(configuration.env).to.deep.equal([
      'PYTHONPATH=/opt/kdeploy/lib',
      'MLFLOW_TRACKING_URI=https://mlflow.example.com',
      'MLFLOW_REGISTRY_URI=https://registry.example.com',
      'MLFLOW_EXPERIMENT_NAME=flights',
      'KDEPLOY_VERSION=1.0.0',
    ]);
  });

  it('labels the image with what was baked and where it comes from, over what it was labelled before', () => {
    const image = { ...IMAGE, labels: { team: 'a', 'org.opencontainers.image.title': 'python' } };
    const { configuration, digest } = planBake(input({ image }));
    expect(configuration.labels).to.deep.equal({
      team: 'a',
      'org.opencontainers.image.created': '2026-01-02T03:04:05Z',
      'org.opencontainers.image.revision': 'abc',
      'org.opencontainers.image.title': 'Flights',
      'io.kdeploy.format': '1',
      'io.kdeploy.version': '1.0.0',
      'io.kdeploy.env': 'prod',
      'io.kdeploy.plan': digest,
      'io.kdeploy.tracking-uri': 'https://mlflow.example.com',
      'io.kdeploy.experiment': 'flights',
      'io.kdeploy.authentication': 'GoogleOAuth2,Vars',
    });
  });

  it('needs the project’s conf/ folder in the image', () => {
    expect(planBake(input()).needs).to.deep.equal([
      {
        folder: '/home/kedro_docker/conf',
        otherwise:
          'the image has no conf/ folder in its working directory /home/kedro_docker, so it does not contain a Kedro project',
      },
    ]);
    expect(planBake(input({ image: { ...IMAGE, workingDirectory: '/' } })).needs[0]?.folder).to.equal('/conf');
  });

  it('without tracking brings the runtime along, and changes nothing that the image runs or sets', () => {
    const pathFile = { path: 'kdeploy.pth', content: Buffer.from('/opt/kdeploy/lib\n') };
    const untracked = { runtime: TRACKING.runtime, pathFile };
    const plan = planBake(input({ tracking: undefined, untracked }));
    expect(plan.files.map(({ path }) => path)).to.deep.equal([
      '/opt/kdeploy/lib/kdeploy_runtime/__init__.py',
      '/opt/kdeploy/lib/kdeploy_runtime/__main__.py',
    ]);
    expect([plan.pathFile, plan.needs]).to.deep.equal([pathFile, []]);
    expect(plan.configuration).to.deep.include({ env: IMAGE.env, entrypoint: IMAGE.entrypoint, cmd: IMAGE.cmd });
    expect(plan.digest).not.to.equal(planBake(input({ tracking: undefined })).digest);
    // What is tracked has its own.
    expect(planBake(input({ untracked }))).to.deep.equal(planBake(input()));
  });

  it('without tracking labels the image, and does not say where it logs', () => {
    const plan = planBake(input({ tracking: undefined }));
    expect([plan.files, plan.needs]).to.deep.equal([[], []]);
    expect(plan.configuration).to.deep.include({ env: IMAGE.env, entrypoint: IMAGE.entrypoint, cmd: IMAGE.cmd });
    expect(plan.configuration.labels)
      .to.include({ 'io.kdeploy.plan': plan.digest })
      .and.not.to.have.property('io.kdeploy.tracking-uri');
  });

  describe('has a digest', () => {
    const { digest } = planBake(input());

    it('of its own form, that does not depend on times, revisions and labels', () => {
      expect(digest).to.match(/^sha256:[0-9a-f]{64}$/);
      expect(planBake(input({ origin: { created: 'later' }, imageName: 'other:v2' })).digest).to.equal(digest);
      expect(planBake(input({ image: { ...IMAGE, labels: {} } })).digest).to.equal(digest);
      expect(planBake(input({ tracking: { ...TRACKING, runtime: TRACKING.runtime.toReversed() } })).digest).to.equal(
        digest,
      );
    });

    const different: readonly [what: string, changes: Partial<PlanInput>][] = [
      ['the address', { tracking: { ...TRACKING, uri: 'https://mlflow.example.co' } }],
      ['the experiment', { tracking: { ...TRACKING, experiment: 'flight' } }],
      ['mlflow.yml', { tracking: { ...TRACKING, mlflowYaml: 'server: {} \n' } }],
      ['the runtime', { tracking: { ...TRACKING, runtime: TRACKING.runtime.slice(1) } }],
      ['the run’s name', { tracking: { ...TRACKING, runName: 'x' } }],
      ['what happens without the server', { tracking: { ...TRACKING, onUnreachable: 'warn' } }],
      ['authentication', { tracking: { ...TRACKING, authentication: undefined } }],
      ['the environment', { env: 'staging' }],
      ['kdeploy', { kdeployVersion: '1.0.1' }],
      ['the command', { image: { ...IMAGE, cmd: ['kedro run'] } }],
      ['the image’s entrypoint', { image: { ...IMAGE, entrypoint: [] } }],
      ['tracking at all', { tracking: undefined }],
    ];
    for (const [what, changes] of different) {
      it(`that is another one with another ${what}`, () => {
        expect(planBake(input(changes)).digest).not.to.equal(digest);
      });
    }
  });

  it('says that the image passed its self-test only where it is discarded unless it does', () => {
    const label = (changes: Partial<PlanInput>) =>
      planBake(input(changes)).configuration.labels['io.kdeploy.self-test'];
    expect(label({ isSelfTested: true })).to.equal('sha256:subject');
    expect(label({ isSelfTested: false })).to.equal(undefined);
    expect(label({})).to.equal(undefined);
    expect(label({ isSelfTested: true, tracking: undefined })).to.equal(undefined);
  });

  describe('for an image that is baked already', () => {
    const rebake = (first: PlanInput, second: Partial<PlanInput> = {}) =>
      planBake({ ...first, ...second, image: planBake(first).configuration });
    const words = fc.array(fc.constantFrom('tini', '--', 'python', '-m', 'kdeploy_runtime', 'sh'), { maxLength: 4 });
    const variable = fc.tuple(
      fc.constantFrom('PATH', 'A', 'PYTHONPATH', 'MLFLOW_HTTP_REQUEST_TIMEOUT', 'constructor'),
      fc.constantFrom('', '/app', '/app:/lib', ':', 'x=y'),
    );
    const image = fc.record({
      env: fc.uniqueArray(
        variable.map((pair) => pair.join('=')),
        { selector: (entry) => entry.split('=')[0] },
      ),
      entrypoint: words,
      cmd: words,
      workingDirectory: fc.constantFrom('/', '/home/kedro_docker'),
      user: fc.constantFrom('', 'u'),
      labels: fc.dictionary(fc.constantFrom('a', 'org.opencontainers.image.title', 'constructor'), fc.string()),
    });
    const tracking = fc.record({
      uri: fc.constantFrom('https://a', 'https://b'),
      registryUri: fc.constantFrom(undefined, 'https://r'),
      experiment: fc.string(),
      authenticationTypes: fc.constantFrom([], ['Vars']),
      authentication: fc.constantFrom(undefined, '{}'),
      signsRequests: fc.boolean(),
      runName: fc.constantFrom(undefined, 'flights-{dag.run_id}'),
      onUnreachable: fc.constantFrom('fail', 'warn'),
      experimentOptions: fc.constantFrom(undefined, '{"tags":{}}'),
      mlflowYaml: fc.string(),
      mlflowFiles: fc.constantFrom(['conf/local/mlflow.yml'], ['conf/prod/m.json', 'conf/prod/mlflow.yml']),
      selfTestSubject: fc.constant('sha256:subject'),
      runtime: fc.constant(TRACKING.runtime),
    }) satisfies fc.Arbitrary<BakedTracking>;
    const env = fc.constantFrom('local', 'prod', 'staging');

    it('is the plan of a fresh bake, whatever was baked before', () => {
      fc.assert(
        fc.property(image, tracking, env, tracking, env, (own, first, firstEnv, second, secondEnv) => {
          const fresh = planBake(input({ image: own, tracking: second, env: secondEnv }));
          const again = rebake(input({ image: own, tracking: first, env: firstEnv }), {
            tracking: second,
            env: secondEnv,
          });
          expect(again).to.deep.equal(fresh);
        }),
      );
    });

    it('is the plan of a fresh bake after one without tracking too, which changed nothing', () => {
      fc.assert(
        fc.property(image, env, fc.option(tracking, { nil: undefined }), (own, firstEnv, second) => {
          const fresh = planBake(input({ image: own, tracking: second }));
          expect(
            rebake(input({ image: own, tracking: undefined, env: firstEnv }), { env: 'prod', tracking: second }),
          ).to.deep.equal(fresh);
        }),
      );
    });

    it('without tracking takes everything of the earlier bake out', () => {
      const { configuration } = rebake(input(), { tracking: undefined });
      expect(configuration.entrypoint).to.deep.equal(IMAGE.entrypoint);
      expect(configuration.env).to.have.members(IMAGE.env);
      expect(Object.keys(configuration.labels)).not.to.include('io.kdeploy.tracking-uri');
    });

    it('never chains or prepends anything twice', () => {
      const { configuration } = rebake(input());
      expect(configuration.entrypoint).to.deep.equal([...RUNTIME_ENTRYPOINT, ...IMAGE.entrypoint]);
      expect(environmentValue(configuration.env, 'PYTHONPATH')).to.equal(`${RUNTIME_FOLDER}:/app`);
    });
  });

  it('never changes what it is given', () => {
    const frozen = Object.freeze({
      ...IMAGE,
      env: Object.freeze([...IMAGE.env]),
      labels: Object.freeze({ ...IMAGE.labels }),
    });
    const runtime = Object.freeze([...TRACKING.runtime]);
    expect(() => planBake(input({ image: frozen, tracking: Object.freeze({ ...TRACKING, runtime }) }))).not.to.throw();
    expect(runtime).to.deep.equal(TRACKING.runtime);
  });
});
