import { mkdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { readCommits, type Commits } from '../../../../src/git/commits.js';
import { KdeployError } from '../../../../src/errors.js';
import { gitOfFolder } from '../../../../src/git/git.js';
import { affectedProjects, projectsIn } from '../../../../src/hook/push/affected-projects.js';
import { failure } from '../../../support/failure.js';
import { TemporaryRepository } from '../../git/temporary-repository.js';
import { commitAll } from '../projects.js';

const KEDRO = '[tool.kedro]\npackage_name = "demo"\n';

describe('the projects of a monorepo that a push changes', () => {
  let repository: TemporaryRepository;
  let commits: Commits;
  let base: string;

  before(async () => {
    repository = await TemporaryRepository.create();
    commits = readCommits(gitOfFolder(repository.root));
    for (const project of ['churn', 'churn/nested', 'services/fraud'])
      await repository.write(`${project}/pyproject.toml`, KEDRO);
    for (const file of [
      'churn/src/a.py',
      'churn/nested/src/a.py',
      'services/fraud/src/a.py',
      'services/README.md',
      'README.md',
    ])
      await repository.write(file, '');
    await repository.write('churn/lib/pyproject.toml', '[project]\nname = "a library, not of kedro"\n');
    await repository.write('churn/lib/a.py', '');
    base = await commitAll(repository);
  });
  after(async () => {
    await commits.close();
    await repository.remove();
  });
  afterEach(async () => {
    await repository.git('checkout', '--quiet', '--force', 'main');
    await repository.git('reset', '--quiet', '--hard', base);
  });

  const treeOf = async (commit: string) => (await commits.find(commit))!.tree;
  const affected = async (bases: readonly string[] = [base], head?: string) => {
    const tree = await treeOf(head ?? (await commitAll(repository)));
    return affectedProjects(commits, {
      tree,
      bases: await Promise.all(bases.map(treeOf)),
      projectOf: projectsIn(commits, tree),
    });
  };

  const changes: Readonly<Record<string, [string[], string[]]>> = {
    'the one that a changed file is in': [['services/fraud/src/a.py'], ['services/fraud']],
    'several, each once': [
      ['churn/src/a.py', 'churn/src/b.py', 'services/fraud/x'],
      ['churn', 'services/fraud'],
    ],
    'the nested one alone, for a file in it': [['churn/nested/src/a.py'], ['churn/nested']],
    'the one around a library that is none': [['churn/lib/a.py'], ['churn']],
    'none, for files in no project': [['README.md', 'services/README.md', 'docs/a.md'], []],
    'none, for a folder whose name begins with a project’s': [['churn-notes/a.md'], []],
    'a new one': [['new/pyproject.toml'], ['new']],
  };
  for (const [what, [files, projects]] of Object.entries(changes)) {
    it(`are ${what}`, async () => {
      for (const file of files) await repository.write(file, file.endsWith('pyproject.toml') ? KEDRO : 'changed');
      expect(await affected()).to.deep.equal(projects);
    });
  }

  it('are none, where nothing changed', async () => {
    expect(await affected()).to.deep.equal([]);
  });

  it('are all, where the remote has nothing', async () => {
    expect(await affected([])).to.deep.equal(['churn', 'churn/nested', 'services/fraud']);
  });

  it('are not those that the push deletes', async () => {
    await rm(join(repository.root, 'services/fraud'), { recursive: true });
    expect(await affected()).to.deep.equal([]);
  });

  it('are the one around a nested one that is deleted, whose files are its own now', async () => {
    await rm(join(repository.root, 'churn/nested'), { recursive: true });
    expect(await affected()).to.deep.equal(['churn']);
  });

  it('are one whose file was deleted', async () => {
    await rm(join(repository.root, 'churn/src/a.py'));
    expect(await affected()).to.deep.equal(['churn']);
  });

  it('with pyproject.toml that is not TOML are found by its heading, so that the error is told', async () => {
    await repository.write('churn/pyproject.toml', '[tool.kedro]\npackage_name = "demo\n');
    await repository.write('services/pyproject.toml', 'kedro = "\n');
    expect(await affected()).to.deep.equal(['churn']);
  });

  it('are not where pyproject.toml is a link out of the repository, or megabytes large', async () => {
    await mkdir(join(repository.root, 'out'));
    await symlink('/etc/hostname', join(repository.root, 'out/pyproject.toml'));
    await repository.write('large/pyproject.toml', KEDRO + '#'.repeat(6 * 1024 * 1024));
    await repository.write('large/a.py', '');
    expect(await affected()).to.deep.equal([]);
  });

  it('are unknown where git cannot read the repository: that is no property of a project', async () => {
    const tree = await treeOf(base);
    for (const error of [new KdeployError('tool-missing', 'git was stopped'), new TypeError('a bug')]) {
      const projectOf = projectsIn({ ...commits, blob: () => Promise.reject(error) }, tree);
      expect(await failure(projectOf('churn/src'))).to.equal(error);
    }
  });

  it('are not those of main that a merge of main brings, but are those that both sides changed', async () => {
    await repository.write('churn/src/main.py', 'x');
    await repository.write('services/fraud/src/main.py', 'x');
    const main = await commitAll(repository);
    await repository.git('checkout', '--quiet', '-b', 'feature', base);
    await repository.write('churn/src/feature.py', 'x');
    const feature = await commitAll(repository);
    await repository.git('merge', '--quiet', '--no-edit', main);
    const merge = await repository.git('rev-parse', 'HEAD');
    expect(await affected([main, feature], merge)).to.deep.equal(['churn']);
    expect(await affected([feature], merge), 'were main not on the remote').to.deep.equal(['churn', 'services/fraud']);
    await repository.git('checkout', '--quiet', 'main');
    await repository.git('branch', '-D', 'feature');
  });
});
