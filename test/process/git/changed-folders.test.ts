import { rm } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { changedFolders } from '../../../src/git/changed-folders.js';
import { readCommits, type Commits } from '../../../src/git/commits.js';
import { gitOfFolder } from '../../../src/git/git.js';
import { rejection } from '../../support/rejection.js';
import { gitBomb, TemporaryRepository } from './temporary-repository.js';

describe('the folders that differ between two commits', () => {
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

  /** The root folder of a commit with just these files. */
  const treeOf = async (files: Readonly<Record<string, string>>): Promise<string> => {
    await repository.git('rm', '-r', '--quiet', '--force', '--ignore-unmatch', '.');
    for (const [path, text] of Object.entries(files)) await repository.write(path, text);
    await repository.git('add', '--all', '.');
    return repository.git('write-tree');
  };
  const between = async (
    before: Readonly<Record<string, string>> | undefined,
    after: Readonly<Record<string, string>>,
  ) => {
    const old = before === undefined ? undefined : await treeOf(before);
    return [...(await changedFolders(commits, old, await treeOf(after)))].sort();
  };

  const cases: Readonly<
    Record<string, [Readonly<Record<string, string>>, Readonly<Record<string, string>>, string[]]>
  > = {
    'none, where both are the same': [{ 'a/b': '1' }, { 'a/b': '1' }, []],
    'that of a changed file, and none above it': [{ 'a/b/c': '1', d: '1' }, { 'a/b/c': '2', d: '1' }, ['a/b']],
    'the root, for a file in it': [{ a: '1', 'b/c': '1' }, { a: '2', 'b/c': '1' }, ['']],
    'that of a new file': [{ 'a/b': '1' }, { 'a/b': '1', 'a/c': '1' }, ['a']],
    'that of a deleted file': [{ 'a/b': '1', 'a/c': '1' }, { 'a/b': '1' }, ['a']],
    'both, of a file that moved': [
      { 'a/x': '1', 'a/y': '1', 'b/y': '1' },
      { 'a/y': '1', 'b/x': '1', 'b/y': '1' },
      ['a', 'b'],
    ],
    'all of a new folder that have files': [{ x: '1' }, { x: '1', 'a/b/c': '1', 'a/d/e': '1' }, ['a/b', 'a/d']],
    'the one that a deleted folder was in': [{ 'a/b/c': '1', 'a/d': '1' }, { 'a/d': '1' }, ['a']],
    'both, where a file became a folder': [{ 'a/b': '1' }, { 'a/b/c': '1' }, ['a', 'a/b']],
    'one, where a folder became a file': [{ 'a/b/c': '1' }, { 'a/b': '1' }, ['a']],
  };
  for (const [what, [before, after, expected]] of Object.entries(cases)) {
    it(`are ${what}`, async () => {
      expect(await between(before, after)).to.deep.equal(expected);
    });
  }

  it('are all that have files, where there is no first commit', async () => {
    expect(await between(undefined, { a: '1', 'b/c/d': '1' })).to.deep.equal(['', 'b/c']);
  });

  it('are none where a file was only made executable, which no check looks at', async () => {
    const before = await treeOf({ 'a/run': '1' });
    await repository.git('update-index', '--chmod=+x', 'a/run');
    expect([...(await changedFolders(commits, before, await repository.git('write-tree')))]).to.deep.equal([]);
  });

  it('are not looked for without end in what a few objects stand for', async () => {
    const id = await gitBomb(repository);
    const error = await rejection(changedFolders(commits, undefined, id, { maximumFolders: 10_000 }));
    expect(error.message).to.equal('the commit changes more than 10000 folders');
  });

  it('hold each file that git diff-tree names and that is still there', async function () {
    this.timeout(60_000);
    const name = fc.constantFrom('a', 'b', 'c');
    const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
    const files = fc
      .dictionary(path, fc.constantFrom('1', '2'), { maxKeys: 6, noNullPrototype: true })
      .map(withoutClashes);
    await fc.assert(
      fc.asyncProperty(files, files, async (before, after) => {
        await rm(join(repository.root, 'a'), { recursive: true, force: true });
        const [old, current] = [await treeOf({ ...before, z: '' }), await treeOf({ ...after, z: '' })];
        const named = await repository.git(
          'diff-tree',
          '-r',
          '--name-only',
          '--no-renames',
          '--diff-filter=d',
          old,
          current,
        );
        const folders = named
          .split('\n')
          .filter((file) => file !== '')
          .map((file) => posix.dirname(file).replace(/^\.$/, ''));
        const found = await changedFolders(commits, old, current);
        expect([...found]).to.include.members(folders);
        if (old === current) expect([...found]).to.deep.equal([]);
      }),
      { numRuns: 25 },
    );
  });
});

/** A name cannot be a file and a folder at once. */
function withoutClashes(files: Readonly<Record<string, string>>): Record<string, string> {
  const paths = Object.keys(files);
  return Object.fromEntries(
    Object.entries(files).filter(([path]) => !paths.some((other) => other.startsWith(`${path}/`))),
  );
}
