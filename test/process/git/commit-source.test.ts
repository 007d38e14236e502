import { mkdir, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { commitSource } from '../../../src/git/commit-source.js';
import { KdeployError } from '../../../src/errors.js';
import { readCommits, type Commits } from '../../../src/git/commits.js';
import { gitOfFolder } from '../../../src/git/git.js';
import type { ProjectSource } from '../../../src/project/sources/source.js';
import { workTree } from '../../../src/project/sources/work-tree.js';
import { failure } from '../../support/failure.js';
import { rejection } from '../../support/rejection.js';
import { gitBomb, TemporaryRepository } from './temporary-repository.js';

describe('a project in a commit', () => {
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

  const link = async (path: string, target: string): Promise<void> => {
    await mkdir(dirname(join(repository.root, path)), { recursive: true });
    await symlink(target, join(repository.root, path));
  };
  /** The project `app` of what is in the work tree now, committed. */
  const committed = async (
    options: Parameters<typeof commitSource>[3] = {},
    folder = 'app',
  ): Promise<ProjectSource> => {
    await repository.git('add', '--all', '--force', '.');
    await repository.git('commit', '--quiet', '--allow-empty', '-m', 'x');
    return commitSource(commits, await repository.git('rev-parse', 'HEAD^{tree}'), folder, options);
  };
  const textOf = async (source: ProjectSource, path: string) => (await source.read(path))?.toString();

  it('has the files of the commit, whatever is in the work tree', async () => {
    await repository.write('app/a.txt', 'committed');
    await repository.write('app/gone.txt', 'committed');
    const source = await committed();
    await repository.write('app/a.txt', 'changed');
    await repository.write('app/new.txt', 'new');
    await rm(join(repository.root, 'app/gone.txt'));
    expect(await textOf(source, 'a.txt')).to.equal('committed');
    expect(await textOf(source, 'gone.txt')).to.equal('committed');
    expect(await textOf(source, 'new.txt')).to.equal(undefined);
    expect(await source.list('')).to.deep.equal(['a.txt', 'gone.txt']);
  });

  it('is the whole repository where that is the project', async () => {
    await repository.write('app/a.txt', 'a');
    expect(await (await committed({}, '')).list('')).to.deep.equal(['app/a.txt']);
  });

  it('lists nothing in a folder that leads out of it, but passes on what git says', async () => {
    await link('app/out', '/etc');
    await link('app/up', '../other');
    await repository.write('other/a.txt', 'a');
    await committed();
    const tree = await repository.git('rev-parse', 'HEAD^{tree}');
    for (const folder of ['out', 'up']) expect(await commitSource(commits, tree, 'app').list(folder)).to.deep.equal([]);
    for (const error of [new KdeployError('tool-missing', 'git was stopped'), new TypeError('a bug')]) {
      const source = commitSource({ ...commits, tree: () => Promise.reject(error) }, tree, 'app');
      expect(await failure(source.list('out'))).to.equal(error);
    }
  });

  it('lists a folder without what is to be skipped, and nothing for one that is not there', async () => {
    for (const file of ['conf/base/a.yml', 'conf/local/b.yml', 'data/c.csv', 'd'])
      await repository.write(`app/${file}`, '');
    const source = await committed();
    expect(await source.list('', (folder) => folder === 'data' || folder === 'conf/local')).to.deep.equal([
      'conf/base/a.yml',
      'd',
    ]);
    expect(await source.list('conf/')).to.deep.equal(['conf/base/a.yml', 'conf/local/b.yml']);
    for (const folder of ['nowhere', 'd', '..', '../app']) expect(await source.list(folder), folder).to.deep.equal([]);
  });

  it('has files whose names git would quote', async () => {
    const names = ['a b.yml', 'ü.yml', 'new\nline.yml', '"quoted".yml', 'back\\slash.yml', '-dash.yml'];
    for (const name of names) await repository.write(`app/${name}`, name);
    const source = await committed();
    expect(await source.list('')).to.deep.equal(names.sort());
    for (const name of names) expect(await textOf(source, name)).to.equal(name);
  });

  it('refuses a file above the limit, in the words of the work tree', async () => {
    await repository.write('app/large.csv', 'x'.repeat(50));
    await repository.write('app/small.csv', 'x');
    const source = await committed({ maximumBytes: 20 });
    const error = await rejection(source.read('large.csv'));
    const same = await rejection(workTree(join(repository.root, 'app'), { maximumBytes: 20 }).read('large.csv'));
    expect([error.message, error.hint, error.place]).to.deep.equal([same.message, same.hint, same.place]);
    expect(await textOf(source, 'small.csv')).to.equal('x');
  });

  it('lists links, and follows them only inside the project', async () => {
    await repository.write('secret.txt', 'of another project');
    await repository.write('app/conf/base/a.yml', 'a');
    await link('app/conf/link.yml', 'base/a.yml');
    await link('app/conf/prod', 'base');
    await link('app/back-in.yml', '../app/conf/base/a.yml');
    await link('app/up.txt', '../secret.txt');
    await link('app/outside.txt', '../../x');
    await link('app/absolute.txt', '/etc/passwd');
    await link('app/broken.txt', 'nowhere');
    await link('app/loop', 'loop');
    await link('app/up', '..');
    const source = await committed();
    expect(await source.list('conf')).to.deep.equal(['conf/base/a.yml', 'conf/link.yml', 'conf/prod']);
    expect(await source.list('conf/prod')).to.deep.equal(['conf/prod/a.yml']);
    for (const path of ['conf/link.yml', 'conf/prod/a.yml', 'back-in.yml', 'up/app/conf/base/a.yml'])
      expect(await textOf(source, path), path).to.equal('a');
    for (const path of ['broken.txt', 'loop', 'loop/below', 'conf/prod'])
      expect(await textOf(source, path), path).to.equal(undefined);
    for (const path of [
      'up.txt',
      'outside.txt',
      'absolute.txt',
      'up/secret.txt',
      '../secret.txt',
      '/etc/passwd',
      'conf/../../secret.txt',
    ]) {
      const error = await rejection(source.read(path));
      expect(error.message).to.equal(`${path} points outside the project`);
    }
    expect(await source.list('up')).to.deep.equal([]);
  });

  it('has nothing of a submodule, whose content is in another repository', async () => {
    const other = await TemporaryRepository.create();
    try {
      await other.commit('conf/base/a.yml');
      await repository.write('app/a.txt', 'a');
      await repository.git('-c', 'protocol.file.allow=always', 'submodule', 'add', '--quiet', other.root, 'app/lib');
      const source = await committed();
      expect(await source.list('')).to.deep.equal(['a.txt']);
      expect(await source.read('lib')).to.equal(undefined);
      expect(await source.read('lib/conf/base/a.yml')).to.equal(undefined);
      expect(await source.list('lib')).to.deep.equal([]);
    } finally {
      await other.remove();
    }
  });

  it('has of a file in Git LFS what git has: a few lines that name it', async () => {
    const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n';
    await repository.write('app/data.csv', pointer);
    expect(await textOf(await committed(), 'data.csv')).to.equal(pointer);
  });

  it('does not list without end what a few objects stand for', async () => {
    const id = await gitBomb(repository);
    const error = await rejection(commitSource(commits, id, '', { maximumFiles: 10_000 }).list(''));
    expect(error.message).to.equal('the project has more than 10000 files in the commit');
  });

  it('works in a repository with SHA-256', async () => {
    const other = await TemporaryRepository.create('--object-format=sha256');
    const own = readCommits(gitOfFolder(other.root));
    try {
      const id = await other.commit('app/conf/a.yml', 'a');
      expect(id).to.have.length(64);
      const source = commitSource(own, (await own.find(id))!.tree, 'app');
      expect(await source.list('')).to.deep.equal(['conf/a.yml']);
      expect(await textOf(source, 'conf/a.yml')).to.equal('a');
    } finally {
      await own.close();
      await other.remove();
    }
  });

  it('reads as the work tree does, for any files and links', async function () {
    this.timeout(60_000);
    const name = fc.constantFrom('a', 'b', 'c');
    const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
    const target = fc
      .array(fc.constantFrom('a', 'b', 'c', '..', '.'), { minLength: 1, maxLength: 4 })
      .map((parts) => parts.join('/'));
    const files = fc.dictionary(path, fc.oneof(fc.constant(undefined), target), { maxKeys: 8, noNullPrototype: true });
    const asked = ['a', 'b', 'c'].flatMap((one) => [
      one,
      ...['a', 'b', 'c'].flatMap((two) => [`${one}/${two}`, `${one}/${two}/a`, `${one}/${two}/../b`]),
    ]);
    await fc.assert(
      fc.asyncProperty(files, async (given) => {
        await repository.git('rm', '-r', '--quiet', '--force', '--ignore-unmatch', '.');
        await rm(join(repository.root, 'app'), { recursive: true, force: true });
        for (const [file, to] of Object.entries(given)) {
          // A file may stand where another one needs a folder; then the other one is left out.
          const made = to === undefined ? repository.write(`app/${file}`, file) : link(`app/${file}`, to);
          await made.catch(() => undefined);
        }
        await repository.write('app/z', 'z');
        const source = await committed();
        const disk = workTree(join(repository.root, 'app'));
        expect(await source.list('')).to.deep.equal(await disk.list(''));
        for (const each of asked) {
          const [inCommit, onDisk] = [await told(source, each), await told(disk, each)];
          // What lies outside of the repository, and whether there is anything, only the disk knows.
          if (onDisk === undefined)
            expect(inCommit, each).to.be.oneOf([undefined, `${each} points outside the project`]);
          else expect(inCommit, each).to.equal(onDisk);
        }
      }),
      { numRuns: 40 },
    );
  });
});

/** The text, or the error's words. */
async function told(source: ProjectSource, path: string): Promise<string | undefined> {
  try {
    return (await source.read(path))?.toString();
  } catch (error) {
    return (error as Error).message;
  }
}
