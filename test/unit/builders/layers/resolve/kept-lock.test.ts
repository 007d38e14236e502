import { readdir, readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { findKeptLock, keepLock } from '../../../../../src/builders/layers/resolve/kept-lock.js';
import type { Artifact, LockedPackage } from '../../../../../src/builders/layers/resolve/locked-package.js';
import { FolderCache } from '../../../../../src/cache/file-cache.js';
import { TemporaryFolder } from '../../../temporary-folder.js';

describe('a lock that is kept', () => {
  let folder: TemporaryFolder;
  let cache: FolderCache;

  beforeEach(async () => {
    folder = await TemporaryFolder.create();
    cache = new FolderCache(folder.file('cache'));
  });
  afterEach(async () => folder.remove());

  const from = (artifact: Artifact): LockedPackage[] => [{ name: 'a', version: '1.0', artifact }];
  const git = from({ kind: 'git', url: 'https://example.com/a.git', commit: '0123' });

  it('is found by the same recipe, and by no other', async () => {
    await keepLock(cache, ['a', { b: 1 }], git);
    expect(await findKeptLock(cache, ['a', { b: 1 }])).to.deep.equal(git);
    expect(await findKeptLock(cache, ['a', { b: 2 }])).to.equal(undefined);
  });

  it('is the same with another password', async () => {
    await keepLock(cache, ['https://ada:one@example.com/simple'], git);
    expect(await findKeptLock(cache, ['https://ada:two@example.com/simple'])).to.deep.equal(git);
    expect(await findKeptLock(cache, ['https://example.com/simple'])).to.deep.equal(git);
  });

  for (const [file, text, isFound] of [
    ['pyproject.toml', 'changed', false],
    ['setup.py', 'new', false],
    ['requirements.txt', 'new', false],
    ['module.py', 'new', true],
    ['src/pyproject.toml', 'new', true],
  ] as const) {
    it(`is ${isFound ? 'still' : 'not'} found after ${file} of a folder that is installed was changed`, async () => {
      await folder.write({ 'lib/pyproject.toml': 'first', 'lib/src/a.py': '' });
      await keepLock(cache, ['x'], from({ kind: 'folder', path: folder.file('lib') }));
      expect(await findKeptLock(cache, ['x'])).not.to.equal(undefined);
      await folder.write({ [`lib/${file}`]: text });
      expect((await findKeptLock(cache, ['x'])) !== undefined).to.equal(isFound);
    });
  }

  it('is not found after an archive on this machine was changed', async () => {
    await folder.write({ 'a b.whl': 'one' });
    const common = { filename: 'a b.whl', sha256: undefined, size: undefined, isDirect: true };
    await keepLock(cache, ['x'], from({ kind: 'wheel', url: `file://${folder.path}/a%20b.whl`, ...common }));
    expect(await findKeptLock(cache, ['x'])).not.to.equal(undefined);
    await folder.write({ 'a b.whl': 'two' });
    expect(await findKeptLock(cache, ['x'])).to.equal(undefined);
  });

  it('is thrown away where it is damaged', async () => {
    await keepLock(cache, ['x'], git);
    const [name = ''] = await readdir(folder.file('cache/locks'));
    const text = await readFile(folder.file(`cache/locks/${name}`), 'utf8');
    await folder.write({ [`cache/locks/${name}`]: text.replace('0123', '0124') });
    expect(await findKeptLock(cache, ['x'])).to.equal(undefined);
    expect(await readdir(folder.file('cache/locks'))).to.deep.equal([]);
  });
});
