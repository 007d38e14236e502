import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { readCommits, type Commits } from '../../../../src/git/commits.js';
import { gitOfFolder } from '../../../../src/git/git.js';
import { checkPush, type PushCheckOptions } from '../../../../src/hook/push/check-push.js';
import { FakeServer } from '../../../support/fake-server.js';
import { TemporaryRepository } from '../../git/temporary-repository.js';
import { commitAll, commitProject } from '../projects.js';

const SECRET = 'hunter2-do-not-print';

describe('the check of a push', () => {
  let repository: TemporaryRepository;
  let commits: Commits;

  beforeEach(async () => {
    repository = await TemporaryRepository.create();
    commits = readCommits(gitOfFolder(repository.root));
  });
  afterEach(async () => {
    await commits.close();
    await repository.remove();
  });

  const check = (revisions: readonly string[], options: Partial<PushCheckOptions> = {}) =>
    checkPush({
      git: gitOfFolder(repository.root),
      commits,
      workTreeTop: repository.root,
      env: 'local',
      environment: {},
      remote: 'origin',
      updates: revisions.map((localId, index) => ({
        localRef: 'HEAD',
        localId,
        remoteRef: `refs/heads/b${index}`,
        remoteId: undefined,
      })),
      ...options,
    });
  /** `churn: churn/requirements.txt:3 error kedro-mlflow-required`. */
  const told = async (...given: Parameters<typeof check>) =>
    (await check(...given)).flatMap(({ folder, findings }) => [
      ...findings.map(({ rule, severity, place }) => {
        const where = place === undefined ? '' : ` ${place.file}${place.line === undefined ? '' : `:${place.line}`}`;
        return `${folder}:${where} ${severity} ${rule}`;
      }),
      ...(findings.length === 0 ? [`${folder}: fine`] : []),
    ]);

  it('finds nothing in a project that is set up, with conf/local from disk', async () => {
    expect(await told([await commitProject(repository)])).to.deep.equal([': fine']);
  });

  it('starts nothing of a commit where that is excluded, and warns of what only Kedro can tell', async () => {
    const ran = join(repository.root, 'ran');
    await commitProject(repository);
    await repository.write('conf/local/mlflow.yml', 'server: {mlflow_tracking_uri: "${custom:uri}"}\n');
    await repository.write(
      'src/demo/settings.py',
      `open(${JSON.stringify(ran)}, "w")\nCONFIG_LOADER_ARGS = {"custom_resolvers": {"custom": str}}\n`,
    );
    const commit = await commitAll(repository);
    expect(await told([commit], { execute: false })).to.include(': warning mlflow-config-valid');
    expect(existsSync(ran)).to.equal(false);
  });

  it('misses conf/local/mlflow.yml, where it is not on disk, or the disk shall not count', async () => {
    const commit = await commitProject(repository, 'churn');
    const missing = ['churn: churn/conf/local/mlflow.yml error mlflow-config-exists'];
    expect(await told([commit], { workTreeTop: undefined })).to.deep.equal(missing);
    await rm(join(repository.root, 'churn/conf/local/mlflow.yml'));
    expect(await told([commit])).to.deep.equal(missing);
    const [checked] = await check([commit]);
    expect(checked?.findings[0]?.remedy).to.match(/kedro mlflow init/);
  });

  it('is about the commit and not the disk, whichever of them is right', async () => {
    await commitProject(repository);
    await repository.write('requirements.txt', 'kedro~=1.0\n');
    const broken = await commitAll(repository);
    await repository.write('requirements.txt', 'kedro~=1.0\nkedro-mlflow~=2.0\nkedro-datasets~=9.0\n');
    expect(await told([broken])).to.include(': requirements.txt error kedro-mlflow-required');
    const fixed = await commitAll(repository);
    await repository.write('requirements.txt', 'kedro~=1.0\n');
    expect(await told([fixed])).to.deep.equal([': fine']);
  });

  it('takes kedro’s and kdeploy’s own settings from the commit', async () => {
    await commitProject(repository);
    await repository.write('conf/base/kdeploy.yml', 'mlflow: {enabled: false}\n');
    const off = await commitAll(repository);
    await repository.write('conf/base/kdeploy.yml', 'mlflow: {enabled: true}\n');
    expect(await told([off], { workTreeTop: undefined })).to.deep.equal([': fine']);
  });

  it('takes a committed mlflow.yml from the commit, and says of one that was forgotten how to commit it', async () => {
    await commitProject(repository, 'churn');
    await repository.write('churn/conf/prod/mlflow.yml', 'server:\n  mlflow_tracking_uri: null\n');
    const forgotten = await repository.git('rev-parse', 'HEAD');
    const [checked] = await check([forgotten], { env: 'prod' });
    expect(checked?.findings.map(({ rule, remedy }) => [rule, remedy])).to.deep.include([
      'mlflow-config-exists',
      'git add churn/conf/prod/mlflow.yml, and commit it: it is on disk, but not in the commit',
    ]);
    const committed = await commitAll(repository);
    await repository.write(
      'churn/conf/prod/mlflow.yml',
      'server:\n  mlflow_tracking_uri: https://mlflow.example.com\n',
    );
    expect(await told([committed], { env: 'prod' })).to.deep.equal([
      'churn: churn/conf/prod/mlflow.yml:2 error tracking-uri-usable',
    ]);
  });

  it('checks a project once, however many commits and refs bring the same of it', async () => {
    await commitProject(repository, 'churn');
    const one = await repository.commit('docs/a.md');
    await repository.git('checkout', '--quiet', '--orphan', 'other');
    const two = await repository.commit('docs/b.md');
    const checked = await check([one, one, two]);
    expect(checked.map(({ folder, commit, refs }) => [folder, commit, ...refs])).to.deep.equal([
      ['churn', one, 'refs/heads/b0', 'refs/heads/b1', 'refs/heads/b2'],
    ]);
  });

  it('checks it for each commit that has something else of it', async () => {
    const fine = await commitProject(repository, 'churn');
    await repository.write('churn/requirements.txt', 'kedro~=1.0\nkedro-datasets~=9.0\n');
    const broken = await commitAll(repository);
    expect((await check([fine, broken])).map(({ commit, findings }) => [commit, findings.length > 0])).to.deep.equal([
      [fine, false],
      [broken, true],
    ]);
  });

  it('checks of a monorepo what lies below a folder, when that is asked for', async () => {
    await commitProject(repository, 'churn', 'churn');
    const head = await commitProject(repository, 'services/fraud', 'fraud');
    expect(await told([head])).to.deep.equal(['churn: fine', 'services/fraud: fine']);
    for (const below of ['services', 'services/fraud', 'services/fraud/conf'])
      expect(await told([head], { below }), below).to.deep.equal(['services/fraud: fine']);
  });

  it('tells what is wrong with kdeploy.yml and pyproject.toml of one project, and checks the others', async () => {
    await commitProject(repository, 'a');
    await commitProject(repository, 'b');
    await repository.write('a/conf/base/kdeploy.yml', 'image:\n  builder: kedor\nimge: {}\n');
    await repository.write('b/pyproject.toml', '[tool.kedro]\npackage_name = "x"\n');
    expect(await told([await commitProject(repository, 'c')])).to.deep.equal([
      'a: a/conf/base/kdeploy.yml:2 error configuration',
      'a: a/conf/base/kdeploy.yml:3 error configuration',
      'b: b/pyproject.toml error not-a-project',
      'c: fine',
    ]);
  });

  it('asks the MLflow server only with hook.online', async () => {
    const server = await FakeServer.start(() => ({ status: 401 }));
    const { asked } = server;
    try {
      await commitProject(repository);
      await repository.write('conf/local/mlflow.yml', `server:\n  mlflow_tracking_uri: https://mlflow.example.com\n`);
      await repository.write('conf/base/kdeploy.yml', `mlflow: {tracking_uri: ${server.url}}\n`);
      await told([await commitAll(repository)]);
      expect(asked).to.deep.equal([]);
      await repository.write('conf/base/kdeploy.yml', `mlflow: {tracking_uri: ${server.url}}\nhook: {online: true}\n`);
      expect(await told([await commitAll(repository)])).to.include(': error mlflow-online');
      expect(asked).to.not.deep.equal([]);
    } finally {
      await server.stop();
    }
  });

  it('ends before the next project when it is interrupted', async () => {
    const reason = new Error('interrupted');
    const commit = await commitProject(repository);
    const ended: unknown = await check([commit], { signal: AbortSignal.abort(reason) }).catch(
      (error: unknown) => error,
    );
    expect(ended).to.equal(reason);
  });

  it('prints no secret of the work tree or of the commit', async () => {
    await commitProject(repository);
    await repository.write('conf/local/credentials.yml', `password: ${SECRET}\n`);
    await repository.write(
      'conf/local/mlflow.yml',
      `server:\n  mlflow_tracking_uri: https://me:${SECRET}@example.com\n`,
    );
    await repository.write('.env', `PASSWORD=${SECRET}\n`);
    const checked = await check([await commitAll(repository)]);
    expect(checked[0]?.findings.map(({ rule }) => rule)).to.include.members([
      'tracking-uri-has-no-credentials',
      'build-context-has-no-credentials',
    ]);
    expect(JSON.stringify(checked)).to.not.contain(SECRET);
  });
});
