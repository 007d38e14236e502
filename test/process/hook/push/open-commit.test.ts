import { join } from 'node:path';
import { expect } from 'chai';
import { openCommit, type OpenCommitOptions } from '../../../../src/hook/push/open-commit.js';
import { rejection } from '../../../support/rejection.js';
import { TemporaryRepository } from '../../git/temporary-repository.js';
import { commitAll, commitProject, MLFLOW_YML } from '../projects.js';

describe('a project opened in a commit', () => {
  let repository: TemporaryRepository;

  beforeEach(async () => {
    repository = await TemporaryRepository.create();
    await commitProject(repository, 'churn');
    await repository.write('churn/conf/base/kdeploy.yml', 'image: {name: first}\n');
    await commitAll(repository);
    await repository.write('churn/conf/base/kdeploy.yml', 'image: {name: second}\n');
    await commitAll(repository);
  });
  afterEach(() => repository.remove());

  const open = (revision: string, options: Partial<OpenCommitOptions> = {}) =>
    openCommit({
      ...{ revision, folder: join(repository.root, 'churn/conf'), env: 'local', useWorkTree: true },
      environment: { PATH: process.env.PATH },
      ...options,
    });

  it('has the commit’s files and settings, and flags over them', async () => {
    for (const [revision, name] of [
      ['HEAD', 'second'],
      ['HEAD~1', 'first'],
    ] as const) {
      const opened = await open(revision);
      expect([opened.project.name, opened.settings.image.name]).to.deep.equal(['demo', name]);
      expect(opened.project.root).to.equal(join(repository.root, 'churn'));
      await opened.close();
    }
    const opened = await open('HEAD', { flags: { image: 'flagged' } });
    expect(opened.settings.image.name).to.equal('flagged');
    await opened.close();
  });

  it('has conf/local from disk, unless the disk shall not count', async () => {
    const [local, alone] = [await open('HEAD'), await open('HEAD', { useWorkTree: false })];
    expect((await local.project.source.read('conf/local/mlflow.yml'))?.toString()).to.equal(MLFLOW_YML);
    expect(await alone.project.source.read('conf/local/mlflow.yml')).to.equal(undefined);
    await Promise.all([local.close(), alone.close()]);
  });

  it('must be in the commit', async () => {
    const error = await rejection(open('HEAD', { folder: repository.root }));
    expect([error.code, error.message]).to.deep.equal([
      'not-a-project',
      'the commit HEAD has no Kedro project at the top of the repository',
    ]);
    await repository.write('new/a', '');
    const other = await rejection(open('HEAD', { folder: join(repository.root, 'new') }));
    expect(other.message).to.equal('the commit HEAD has no Kedro project in new');
  });

  it('must be in a commit that git knows', async () => {
    expect((await rejection(open('nowhere'))).code).to.equal('usage');
  });
});
