import { randomBytes } from 'node:crypto';
import { chmod, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { gitOfFolder, type Git } from '../../../src/git/git.js';
import { ObjectReader } from '../../../src/git/object-reader.js';
import { rejection } from '../../support/rejection.js';
import { TemporaryRepository, temporaryFolder } from './temporary-repository.js';

describe('reading objects', () => {
  let repository: TemporaryRepository;
  let reader: ObjectReader;

  beforeEach(async () => {
    repository = await TemporaryRepository.create();
    reader = new ObjectReader(gitOfFolder(repository.root));
  });
  afterEach(async () => {
    await reader.close();
    await repository.remove();
  });

  const blob = async (text: string): Promise<string> => {
    await repository.write('content', text);
    return repository.git('hash-object', '-w', 'content');
  };

  it('gives their content, and undefined for what the repository lacks', async () => {
    const id = await blob('hello\n');
    expect(await reader.read(id, 100)).to.deep.equal({ id, type: 'blob', size: 6, content: Buffer.from('hello\n') });
    expect(await reader.read('12'.repeat(20), 100)).to.equal(undefined);
  });

  it('peels a tag', async () => {
    const commit = await repository.commit('a.txt');
    await repository.git('tag', '-a', '-m', 'v1', 'v1');
    const tag = await repository.git('rev-parse', 'v1');
    expect(tag).to.not.equal(commit);
    expect((await reader.read(`${tag}^{}`, 10_000))?.id).to.equal(commit);
  });

  it('answers overlapping questions, each with its own object', async () => {
    const ids: string[] = [];
    for (let index = 0; index < 20; index++) ids.push(await blob(`content ${index}`));
    const read = await Promise.all([...ids, ...ids].map((id) => reader.read(id, 100)));
    const texts = Array.from({ length: 20 }, (_, index) => `content ${index}`);
    expect(read.map((object) => object?.content?.toString())).to.deep.equal([...texts, ...texts]);
  });

  it('gives the size alone of one above the limit, and goes on with those that were asked for after it', async () => {
    const [large, small] = [await blob('x'.repeat(300_000)), await blob('small')];
    const read = await Promise.all([small, large, small, large, small].map((id) => reader.read(id, 1000)));
    expect(read.map((object) => object?.content?.toString() ?? object?.size)).to.deep.equal([
      'small',
      300_000,
      'small',
      300_000,
      'small',
    ]);
  });

  it('starts one process, at the first question, and ends it', async () => {
    const folder = await temporaryFolder();
    const log = join(folder, 'log');
    const git: Git = gitOfFolder(repository.root);
    await writeFile(log, '');
    await writeFile(
      join(folder, 'git'),
      `#!/bin/sh\necho start "$@" >> "${log}"\n"${await which()}" "$@"\necho end >> "${log}"\n`,
    );
    await chmod(join(folder, 'git'), 0o755);
    const own = new ObjectReader({
      ...git,
      environment: { ...git.environment, PATH: `${folder}:${process.env.PATH ?? ''}` },
    });
    try {
      const ids = [await blob('a'), await blob('b')];
      expect(await readFile(log, 'utf8')).to.equal('');
      for (const id of [...ids, ...ids]) await own.read(id, 100);
      await own.close();
      expect(await readFile(log, 'utf8')).to.match(/^start .* cat-file --batch\nend\n$/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('carries what git says when it cannot go on', async () => {
    const id = await blob(randomBytes(50_000).toString('hex'));
    const file = join(repository.root, '.git/objects', id.slice(0, 2), id.slice(2));
    await chmod(file, 0o644);
    await truncate(file, 20_000);
    const error = await rejection(reader.read(id, 1_000_000));
    expect(error.code).to.equal('configuration');
    expect(error.output.join('\n')).to.contain(id);
    expect(error.hint).to.contain('git fsck');
  });

  it('fails outside of a repository, with git’s words', async () => {
    const folder = await temporaryFolder();
    try {
      const error = await rejection(new ObjectReader(gitOfFolder(folder)).read('12'.repeat(20), 1));
      expect(error.message).to.contain('not a git repository');
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('says that git is missing', async () => {
    const git = { directory: repository.root, environment: { PATH: '/nonexistent' } };
    const error = await rejection(new ObjectReader(git).read('12'.repeat(20), 1));
    expect(error.code).to.equal('tool-missing');
    expect(error.message).to.equal('git was not found');
  });

  it('takes ids only, since a line break in a name would be another question', async () => {
    for (const name of ['HEAD', `${'1'.repeat(40)}\nHEAD`, '-x', '']) {
      const error: unknown = await reader.read(name, 1).catch((caught: unknown) => caught);
      expect(error, name).to.be.instanceOf(Error);
    }
  });
});

async function which(): Promise<string> {
  for (const folder of (process.env.PATH ?? '').split(':')) {
    const file = join(folder, 'git');
    if (
      await readFile(file).then(
        () => true,
        () => false,
      )
    )
      return file;
  }
  throw new Error('git is not on PATH');
}
