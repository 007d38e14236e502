import { expect } from 'chai';
import { planOfBuild, type BuiltParts } from '../../../src/builders/plan-of-build.js';
import type { GitRepository } from '../../../src/git/repository.js';
import { RUNTIME_ENTRYPOINT } from '../../../src/image/bake-plan.js';
import { environmentValue, type RunConfiguration } from '../../../src/image/run-configuration.js';
import { rejection } from '../../support/rejection.js';
import { TRACKING } from '../bake/baked-sample.js';
import { modelOf, projectOf, settings } from './projects.js';

const IMAGE: RunConfiguration = {
  ...{ user: '999:0', workingDirectory: '/home/kedro_docker', env: ['PATH=/opt/venv/bin:/usr/bin'] },
  ...{ entrypoint: [], cmd: ['kedro', 'run'], labels: { own: 'label' } },
};
const REPOSITORY: GitRepository = {
  ...{ root: '/project', revision: 'a'.repeat(40), shortRevision: 'a'.repeat(12), branch: 'main', dirty: false },
  remoteUrl: 'https://git.example.com/team/flights',
};
const BUILT: BuiltParts = {
  ...{ image: IMAGE, tracking: TRACKING, repository: REPOSITORY, imageName: 'registry.example.com/app:v1' },
  ...{ isSelfTested: true, baseName: 'python:3.11', baseDigest: `sha256:${'b'.repeat(64)}` },
  created: '2026-11-27T00:00:00.000Z',
};

type Options = Parameters<typeof planOfBuild>[0];

describe('the plan of a build', () => {
  const project = projectOf('/project', undefined, { projectVersion: '1.2' });
  const model = modelOf(project, settings());
  const plan = (parts: Partial<BuiltParts> = {}, options: Partial<Options> = {}) =>
    planOfBuild({ model, env: 'local', kdeployVersion: '1.2.3', ...options }, { ...BUILT, ...parts });

  it('says where the image comes from, and what it was built of', async () => {
    const { labels } = (await plan()).configuration;
    expect(labels).to.include({
      own: 'label',
      'org.opencontainers.image.title': 'Flights',
      'org.opencontainers.image.version': '1.2',
      'org.opencontainers.image.created': BUILT.created,
      'org.opencontainers.image.revision': REPOSITORY.revision,
      'org.opencontainers.image.source': REPOSITORY.remoteUrl,
      'org.opencontainers.image.base.name': 'docker.io/library/python:3.11',
      'org.opencontainers.image.base.digest': BUILT.baseDigest,
      'io.kdeploy.version': '1.2.3',
      'io.kdeploy.env': 'local',
      'io.kdeploy.tracking-uri': TRACKING.uri,
    });
  });

  it('says nothing that is not known', async () => {
    const parts = { repository: undefined, baseName: undefined, baseDigest: undefined, imageName: undefined };
    const { configuration } = await plan(parts);
    for (const name of ['revision', 'source', 'base.name', 'base.digest'])
      expect(configuration.labels).not.to.have.property(`org.opencontainers.image.${name}`);
    expect(environmentValue(configuration.env, 'KDEPLOY_IMAGE')).to.equal(undefined);
    expect(environmentValue(configuration.env, 'KDEPLOY_GIT_REVISION')).to.equal(undefined);
    expect(configuration.env.join('\n')).not.to.contain('undefined');
  });

  it('is that of a commit with changes where there are some', async () => {
    const { configuration } = await plan({ repository: { ...REPOSITORY, dirty: true } });
    const revision = `${'a'.repeat(40)}-dirty`;
    expect(configuration.labels['org.opencontainers.image.revision']).to.equal(revision);
    expect(environmentValue(configuration.env, 'KDEPLOY_GIT_REVISION')).to.equal(revision);
  });

  it('tells the runs in a container which image and which kdeploy they are of', async () => {
    const { env } = (await plan()).configuration;
    expect(environmentValue(env, 'KDEPLOY_IMAGE')).to.equal(BUILT.imageName);
    expect(environmentValue(env, 'KDEPLOY_VERSION')).to.equal('1.2.3');
  });

  it('starts the runtime before what the image starts, with tracking', async () => {
    const { configuration, files, needs } = await plan({ image: { ...IMAGE, entrypoint: ['tini', '--'] } });
    expect(configuration.entrypoint).to.deep.equal([...RUNTIME_ENTRYPOINT, 'tini', '--']);
    expect(configuration.cmd).to.deep.equal(IMAGE.cmd);
    expect([configuration.user, configuration.workingDirectory]).to.deep.equal([IMAGE.user, IMAGE.workingDirectory]);
    expect(files.map(({ path }) => path)).to.include('/home/kedro_docker/conf/local/mlflow.yml');
    expect(needs.map(({ folder }) => folder)).to.deep.equal(['/home/kedro_docker/conf']);
  });

  it('leaves entrypoint and environment as they are without tracking, and brings the runtime all the same', async () => {
    const { configuration, files, needs, pathFile } = await plan({ tracking: undefined });
    expect([configuration.entrypoint, configuration.env]).to.deep.equal([[], IMAGE.env]);
    expect(files).not.to.deep.equal([]);
    expect(files.every(({ path }) => path.startsWith('/opt/kdeploy/'))).to.equal(true);
    expect([needs, pathFile === undefined]).to.deep.equal([[], false]);
    expect(configuration.labels).not.to.have.any.keys('io.kdeploy.tracking-uri', 'io.kdeploy.self-test');
  });

  it('says that it was tested only where it is, and has tracking to be tested', async () => {
    const label = async (parts: Partial<BuiltParts>) =>
      (await plan(parts)).configuration.labels['io.kdeploy.self-test'];
    expect(await label({})).to.equal(TRACKING.selfTestSubject);
    expect(await label({ isSelfTested: false })).to.equal(undefined);
    expect(await label({ tracking: undefined })).to.equal(undefined);
  });

  it('bakes the environment where Kedro would use another one', async () => {
    const baked = async (env: string, isDefaultEnv?: boolean) => {
      const { configuration } = await plan({}, { env, ...(isDefaultEnv !== undefined && { isDefaultEnv }) });
      return environmentValue(configuration.env, 'KEDRO_ENV');
    };
    expect(await baked('local')).to.equal(undefined);
    expect(await baked('production')).to.equal('production');
    expect(await baked('production', true)).to.equal(undefined);
    expect(await baked('local', false)).to.equal('local');
  });

  it('needs the folder of configuration that the project has', async () => {
    const { needs, files } = await plan({}, { confSource: 'settings', env: 'prod' });
    expect(needs.map(({ folder }) => folder)).to.deep.equal(['/home/kedro_docker/settings']);
    expect(files.map(({ path }) => path)).to.include('/home/kedro_docker/settings/prod/.kdeploy');
  });

  it('has the same digest whatever image, commit and time it is for: it says what is baked', async () => {
    const { digest } = await plan();
    const { repository, baseName, baseDigest } = {
      repository: undefined,
      baseName: 'debian:12',
      baseDigest: undefined,
    };
    const other = { repository, baseName, baseDigest, imageName: 'app:v2', created: '2027-01-01T00:00:00.000Z' };
    expect((await plan(other)).digest).to.equal(digest);
    expect((await plan({ isSelfTested: false })).digest).to.equal(digest);
    for (const changed of [
      plan({}, { env: 'prod' }),
      plan({}, { kdeployVersion: '1.2.4' }),
      plan({ tracking: undefined }),
    ])
      expect((await changed).digest).not.to.equal(digest);
    const cmd = await plan({ image: { ...IMAGE, cmd: ['kedro', 'run', '--pipeline', 'x'] } });
    expect(cmd.digest).not.to.equal(digest);
  });

  it('is the same for an image that is baked already', async () => {
    const first = await plan();
    const again = await plan({ image: first.configuration });
    expect(again).to.deep.equal(first);
    const untracked = await plan({ tracking: undefined });
    expect(await plan({ tracking: undefined, image: untracked.configuration })).to.deep.equal(untracked);
  });

  it('knows a base that was made from nothing', async () => {
    const { labels } = (await plan({ baseName: 'scratch', baseDigest: undefined })).configuration;
    expect(labels).not.to.have.property('org.opencontainers.image.base.name');
  });

  it('is refused where the base’s name is none', async () => {
    expect((await rejection(plan({ baseName: 'Not A Name' }))).code).to.equal('usage');
  });
});
