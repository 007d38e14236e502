import { join } from 'node:path';
import { expect } from 'chai';
import { gitOfFolder } from '../../../../src/git/git.js';
import { uncommittedConfiguration } from '../../../../src/hook/push/uncommitted-configuration.js';
import { readProject } from '../../../../src/project/project.js';
import { workTree } from '../../../../src/project/sources/work-tree.js';
import { TemporaryRepository } from '../../git/temporary-repository.js';
import { commitProject } from '../projects.js';

describe('configuration that a commit lacks on purpose', () => {
  let repository: TemporaryRepository;

  beforeEach(async () => {
    repository = await TemporaryRepository.create();
    await commitProject(repository, 'app');
  });
  afterEach(() => repository.remove());

  const ask = async (env: string, folders = ['app']) => {
    const projects = await Promise.all(
      folders.map(async (folder) => {
        const root = join(repository.root, folder);
        return { folder, project: await readProject(root, workTree(root)) };
      }),
    );
    const found = await uncommittedConfiguration(gitOfFolder(repository.root), projects, env);
    return Object.fromEntries(found);
  };

  it('is that of conf/local, which git ignores', async () => {
    await repository.write('app/conf/local/deep/globals.yaml', '');
    expect(await ask('local')).to.deep.equal({ app: ['conf/local/deep/globals.yaml', 'conf/local/mlflow.yml'] });
  });

  it('is not credentials, keys and data, nor anything in other folders', async () => {
    for (const file of [
      'conf/local/credentials.yml',
      'conf/local/my_secrets.yml',
      'conf/local/key.json',
      'conf/local/a.csv',
      '.env',
      'conf/prod/mlflow.yml',
    ])
      await repository.write(`app/${file}`, '');
    await repository.write('app/conf/local/mlflow_extra.json', '{}');
    expect(await ask('local')).to.deep.equal({ app: ['conf/local/mlflow.yml', 'conf/local/mlflow_extra.json'] });
  });

  it('is also in conf/local where nobody told git to ignore it', async () => {
    await repository.write('app/.gitignore', '');
    expect(await ask('local')).to.deep.equal({ app: ['conf/local/mlflow.yml'] });
  });

  it('is in another environment only what git ignores: a file that is not committed was forgotten', async () => {
    await repository.write('app/conf/prod/mlflow.yml', '');
    expect(await ask('prod')).to.deep.equal({ app: [] });
    await repository.write('app/.gitignore', 'conf/prod/mlflow.yml\n');
    expect(await ask('prod')).to.deep.equal({ app: ['conf/prod/mlflow.yml'] });
  });

  it('is where settings.py says that configuration is', async () => {
    await repository.write(
      'app/src/demo/settings.py',
      'CONF_SOURCE = "config"\nCONFIG_LOADER_ARGS = {"base_env": "base", "default_run_env": "dev"}\n',
    );
    await repository.write('app/config/dev/mlflow.yml', '');
    expect(await ask('dev')).to.deep.equal({ app: ['config/dev/mlflow.yml'] });
  });

  it('is told of several projects at once, each its own', async () => {
    await commitProject(repository, 'services/fraud', 'fraud');
    await commitProject(repository, '', 'top');
    expect(await ask('local', ['app', 'services/fraud', ''])).to.deep.equal({
      app: ['conf/local/mlflow.yml'],
      'services/fraud': ['conf/local/mlflow.yml'],
      '': ['conf/local/mlflow.yml'],
    });
  });

  it('is none for a name that no environment can have, which is refused later', async () => {
    for (const env of ['../..', '', '-x', 'a/b']) expect(await ask(env), env).to.deep.equal({});
  });
});
