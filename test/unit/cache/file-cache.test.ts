import { link, mkdir, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import { FolderCache } from '../../../src/cache/file-cache.js';
import { rejection } from '../../support/rejection.js';
import { TemporaryFolder } from '../temporary-folder.js';

describe('a folder in the cache', () => {
  let folder: TemporaryFolder;
  let cache: FolderCache;

  beforeEach(async () => {
    folder = await TemporaryFolder.create();
    cache = new FolderCache(folder.file('cache'));
  });

  afterEach(async () => folder.remove());

  const fill =
    (content: string, file = 'lib/one.py') =>
    async (scratch: string): Promise<void> => {
      await mkdir(path.dirname(path.join(scratch, file)), { recursive: true });
      await writeFile(path.join(scratch, file), content);
    };
  const unexpected = (): Promise<void> => Promise.reject(new Error('it was made a second time'));
  /** As if it was last used then. */
  const usedOn = async (kept: string, day: string): Promise<void> => {
    const then = new Date(`${day}T00:00:00Z`);
    await utimes(kept, then, then);
  };

  it('is made once, and found again', async () => {
    const kept = await cache.folder('environments', 'a', fill('first'));
    expect(kept).to.equal(folder.file('cache/environments/a'));
    expect(await cache.folder('environments', 'a', unexpected)).to.equal(kept);
    expect(await readFile(path.join(kept, 'lib/one.py'), 'utf8')).to.equal('first');
    expect(await readdir(folder.file('cache/scratch'))).to.deep.equal([]);
  });

  it('is not there when making it failed, and nothing is left of the attempt', async () => {
    const failing = async (scratch: string): Promise<void> => {
      await fill('half')(scratch);
      throw new Error('no more');
    };
    const error: unknown = await cache.folder('environments', 'a', failing).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(Error).with.property('message', 'no more');
    expect(await readdir(folder.file('cache'))).to.deep.equal(['scratch']);
    expect(await readdir(folder.file('cache/scratch'))).to.deep.equal([]);
    await cache.folder('environments', 'a', fill('second'));
  });

  it('is that of whoever was done first, where two make it at once', async () => {
    let release: () => void = () => undefined;
    const waiting = new Promise<void>((resolve) => (release = resolve));
    const slow = cache.folder('environments', 'a', async (scratch) => {
      await fill('slow')(scratch);
      await waiting;
    });
    const other = new FolderCache(cache.root);
    const kept = await other.folder('environments', 'a', fill('fast'));
    release();
    expect(await slow).to.equal(kept);
    expect(await readFile(path.join(kept, 'lib/one.py'), 'utf8')).to.equal('fast');
    expect(await readdir(folder.file('cache/scratch'))).to.deep.equal([]);
  });

  it('says what is in its way', async () => {
    await folder.write({ 'cache/environments': 'a file' });
    const error = await rejection(cache.folder('environments', 'a', fill('')));
    expect([error.code, error.message]).to.deep.equal([
      'configuration',
      `${folder.file('cache/environments/a')} cannot be written: it already exists`,
    ]);
  });

  it('is counted as one, and used when it was last asked for', async () => {
    const kept = await cache.folder('environments', 'a', fill('12345'));
    await fill('678', 'lib/deep/two.py')(kept);
    await usedOn(kept, '2025-01-01');
    await cache.keep('wheels', 'w', 'wheel');
    await utimes(folder.file('cache/wheels/w'), new Date('2025-06-01T00:00:00Z'), new Date());
    const entries = async () => (await cache.entries()).map(({ kind, key, bytes }) => `${kind}/${key} ${bytes}`);
    expect(await entries()).to.deep.equal(['environments/a 8', 'wheels/w 5']);
    // Counting lists it, which is not using it.
    expect(await entries()).to.deep.equal(['environments/a 8', 'wheels/w 5']);
    await cache.folder('environments', 'a', unexpected);
    expect(await entries()).to.deep.equal(['wheels/w 5', 'environments/a 8']);
  });

  it('bears its share of a file that has several names', async () => {
    const one = await cache.folder('uv', '1', fill('123456'));
    await cache.folder('environments', 'a', (scratch) =>
      link(path.join(one, 'lib/one.py'), path.join(scratch, 'x.py')),
    );
    expect((await cache.entries()).map(({ bytes }) => bytes)).to.deep.equal([3, 3]);
  });

  it('is removed as one, the longest unused first', async () => {
    const [old, recent] = [
      await cache.folder('environments', 'old', fill('12345')),
      await cache.folder('environments', 'recent', fill('12345')),
    ];
    await usedOn(old, '2025-01-01');
    await usedOn(recent, '2025-06-01');
    expect((await cache.prune(9)).map(({ key }) => key)).to.deep.equal(['old']);
    expect(await readdir(folder.file('cache/environments'))).to.deep.equal(['recent']);
    expect(await readdir(folder.file('cache/scratch'))).to.deep.equal([]);
  });

  it('is discarded whole, and may be gone already', async () => {
    const kept = await cache.folder('environments', 'a', fill(''));
    await cache.discard('environments', 'a');
    expect(await stat(kept).catch(() => undefined)).to.equal(undefined);
    await cache.discard('environments', 'a');
    await rm(cache.root, { recursive: true });
    await cache.discard('environments', 'a');
  });

  it('is not found as a file', async () => {
    await cache.folder('environments', 'a', fill(''));
    expect(await cache.find('environments', 'a')).to.equal(undefined);
  });
});

describe('a file in the cache', () => {
  let folder: TemporaryFolder;
  let cache: FolderCache;

  beforeEach(async () => {
    folder = await TemporaryFolder.create();
    cache = new FolderCache(folder.file('cache'));
  });

  afterEach(async () => folder.remove());

  const names = async (): Promise<string[]> => (await cache.entries()).map(({ kind, key }) => `${kind}/${key}`);
  const usedOn = (name: string, day: string): Promise<void> =>
    utimes(folder.file(`cache/${name}`), new Date(`${day}T00:00:00Z`), new Date());
  async function* pieces(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
    for (const text of texts) yield await Promise.resolve(Buffer.from(text));
  }

  it('is found under its kind and key, however its content comes', async () => {
    expect(await cache.find('wheels', 'a')).to.equal(undefined);
    for (const content of ['text', Buffer.from('text'), pieces('te', 'xt')]) {
      const file = await cache.keep('wheels', 'a', content);
      expect(file).to.equal(folder.file('cache/wheels/a'));
      expect(await cache.find('wheels', 'a')).to.equal(file);
      expect(await readFile(file, 'utf8')).to.equal('text');
    }
    expect(await cache.find('wheels', 'b')).to.equal(undefined);
    expect(await cache.find('layers', 'a')).to.equal(undefined);
    expect(await readdir(folder.file('cache/wheels'))).to.deep.equal(['a']);
  });

  it('is its owner’s alone, whatever the umask', async () => {
    const file = await cache.keep('wheels', 'a', 'x');
    expect((await stat(file)).mode & 0o777).to.equal(0o600);
  });

  it('is what it was, or is not there, where writing it failed', async () => {
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield* pieces('half');
      throw new Error('no more');
    }
    const write = (): Promise<string> => cache.keep('wheels', 'a', failing()).catch(String);
    expect(await write()).to.equal('Error: no more');
    expect(await cache.find('wheels', 'a')).to.equal(undefined);
    await cache.keep('wheels', 'a', 'whole');
    expect(await write()).to.equal('Error: no more');
    expect(await readFile(folder.file('cache/wheels/a'), 'utf8')).to.equal('whole');
    expect(await readdir(folder.file('cache/wheels'))).to.deep.equal(['a']);
  });

  it('is not there before it is whole, and whole for those who read it while it is written again', async () => {
    let release: () => void = () => undefined;
    const waiting = new Promise<void>((resolve) => (release = resolve));
    async function* slow(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('a');
      await waiting;
      yield Buffer.from('b');
    }
    const writing = cache.keep('wheels', 'a', slow());
    expect(await cache.find('wheels', 'a')).to.equal(undefined);
    await cache.keep('wheels', 'a', 'other');
    expect(await readFile(folder.file('cache/wheels/a'), 'utf8')).to.equal('other');
    release();
    expect(await readFile(await writing, 'utf8')).to.equal('ab');
  });

  it('is used when it is found, and what was longest unused goes first', async () => {
    for (const key of ['a', 'b', 'c']) await cache.keep('wheels', key, '12345');
    for (const [index, key] of ['a', 'b', 'c'].entries()) await usedOn(`wheels/${key}`, `2025-0${index + 1}-01`);
    expect(await names()).to.deep.equal(['wheels/a', 'wheels/b', 'wheels/c']);
    await cache.find('wheels', 'a');
    expect(await names()).to.deep.equal(['wheels/b', 'wheels/c', 'wheels/a']);
    expect((await cache.prune(15)).map(({ key }) => key)).to.deep.equal([]);
    expect((await cache.prune(14)).map(({ key }) => key)).to.deep.equal(['b']);
    expect((await cache.prune(5)).map(({ key, bytes }) => [key, bytes])).to.deep.equal([['c', 5]]);
    expect((await cache.prune(0)).map(({ key }) => key)).to.deep.equal(['a']);
    expect(await names()).to.deep.equal([]);
    expect(await cache.prune(0)).to.deep.equal([]);
  });

  it('is discarded, and may be gone already', async () => {
    await cache.keep('wheels', 'a', 'x');
    await cache.discard('wheels', 'a');
    expect(await cache.find('wheels', 'a')).to.equal(undefined);
    await cache.discard('wheels', 'a');
    await cache.discard('nowhere', 'a');
  });

  it('is none of the cache’s where it is a link', async () => {
    await folder.write({ 'elsewhere/a': 'not ours', 'cache/wheels/b': '' });
    await symlink(folder.file('elsewhere/a'), folder.file('cache/wheels/a'));
    expect(await cache.find('wheels', 'a')).to.equal(undefined);
    await cache.keep('wheels', 'a', 'ours');
    expect(await readFile(folder.file('elsewhere/a'), 'utf8')).to.equal('not ours');
    expect(await readFile(folder.file('cache/wheels/a'), 'utf8')).to.equal('ours');
    await symlink(folder.file('elsewhere'), folder.file('cache/layers'));
    expect((await rejection(cache.keep('layers', 'a', 'ours'))).code).to.equal('configuration');
    expect(await readFile(folder.file('elsewhere/a'), 'utf8')).to.equal('not ours');
  });

  it('says what is in its way', async () => {
    await folder.write({ 'cache/wheels': 'a file' });
    const error = await rejection(cache.keep('wheels', 'a', 'x'));
    expect(error.code).to.equal('configuration');
    expect(error.message).to.contain('wheels is not a folder');
    expect(await cache.find('wheels', 'a')).to.equal(undefined);
    expect(await cache.entries()).to.deep.equal([]);
  });

  it('that a killed command did not finish is no entry, and is swept up when nobody can be writing it', async () => {
    await cache.keep('wheels', 'a', 'x');
    await folder.write({ 'cache/wheels/.kdeploy-old.tmp': 'half', 'cache/wheels/.kdeploy-new.tmp': 'half' });
    const longAgo = new Date(Date.now() - 25 * 3_600_000);
    await utimes(folder.file('cache/wheels/.kdeploy-old.tmp'), longAgo, longAgo);
    expect(await names()).to.deep.equal(['wheels/a']);
    expect((await cache.prune(0)).map(({ key }) => key)).to.deep.equal(['a']);
    expect(await readdir(folder.file('cache/wheels'))).to.deep.equal(['.kdeploy-new.tmp']);
  });
});

describe('a folder that the cache lends', () => {
  let folder: TemporaryFolder;
  let cache: FolderCache;

  beforeEach(async () => {
    folder = await TemporaryFolder.create();
    cache = new FolderCache(folder.file('cache'));
  });

  afterEach(async () => folder.remove());

  it('is empty, its borrower’s alone, and gone afterwards, also after a failure', async () => {
    let lent = '';
    const result = await cache.withFolder(async (scratch) => {
      lent = scratch;
      expect(await readdir(scratch)).to.deep.equal([]);
      expect((await stat(scratch)).mode & 0o777).to.equal(0o700);
      await writeFile(path.join(scratch, 'a'), 'x');
      expect(await cache.entries()).to.deep.equal([]);
      return 1;
    });
    expect(result).to.equal(1);
    const failed = cache.withFolder((scratch) => {
      lent = scratch;
      return Promise.reject(new Error('no more'));
    });
    expect(await failed.catch(String)).to.equal('Error: no more');
    expect(await stat(lent).catch(() => 'gone')).to.equal('gone');
    expect(await readdir(folder.file('cache/scratch'))).to.deep.equal([]);
  });

  it('of a killed command is swept up a day later', async () => {
    await folder.write({ 'cache/scratch/old/a': 'x', 'cache/scratch/new/a': 'x' });
    const longAgo = new Date(Date.now() - 25 * 3_600_000);
    await utimes(folder.file('cache/scratch/old'), longAgo, longAgo);
    await cache.prune(1_000_000);
    expect(await readdir(folder.file('cache/scratch'))).to.deep.equal(['new']);
  });
});

describe('where the cache is', () => {
  for (const [what, environment, root] of [
    ['at home without any setting', {}, '/home/me/.cache/kdeploy'],
    ['where the desktop’s caches are', { XDG_CACHE_HOME: '/caches' }, '/caches/kdeploy'],
    ['at home where that is empty', { XDG_CACHE_HOME: '' }, '/home/me/.cache/kdeploy'],
    ['at home where that is relative, as its specification has it', { XDG_CACHE_HOME: 'x' }, '/home/me/.cache/kdeploy'],
    ['where kdeploy’s own setting says', { KDEPLOY_CACHE_FOLDER: '/own', XDG_CACHE_HOME: '/caches' }, '/own'],
    ['in this folder where that is relative', { KDEPLOY_CACHE_FOLDER: 'own' }, path.resolve('own')],
    ['elsewhere where that is empty', { KDEPLOY_CACHE_FOLDER: '', XDG_CACHE_HOME: '/caches' }, '/caches/kdeploy'],
  ] as const)
    it(what, () => {
      expect(FolderCache.ofUser(environment, '/home/me').root).to.equal(root);
    });
});

describe('what is removed from the cache', () => {
  let folder: TemporaryFolder;
  let cache: FolderCache;

  beforeEach(async () => {
    folder = await TemporaryFolder.create();
    cache = new FolderCache(folder.file('cache'));
    await cache.keep('wheels', 'one', '12345');
    await cache.keep('marks', 'empty', '');
  });

  afterEach(async () => folder.remove());

  it('is nothing where all of it fits', async () => {
    expect(await cache.prune(5)).to.deep.equal([]);
  });

  it('is all of it where no byte may stay, what has none as well', async () => {
    expect((await cache.prune(0)).map(({ key }) => key).sort()).to.deep.equal(['empty', 'one']);
    expect(await cache.entries()).to.deep.equal([]);
  });

  it('is nothing more once the command is told to stop', async () => {
    const stopped = AbortSignal.abort(new Error('stopped'));
    const error: unknown = await cache.prune(0, stopped).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(Error).with.property('message', 'stopped');
    expect(await cache.entries()).to.have.length(2);
  });

  it('is looked for by builds once a day, in no entry of its own', async () => {
    expect(await cache.pruneDaily(5)).to.deep.equal([]);
    await cache.keep('wheels', 'two', '67890');
    expect(await cache.pruneDaily(5)).to.deep.equal([]);
    expect(await cache.entries()).to.have.length(3);
    const yesterday = new Date(Date.now() - 25 * 3_600_000);
    await utimes(folder.file('cache/pruned'), yesterday, yesterday);
    expect(await cache.pruneDaily(5)).to.not.deep.equal([]);
    expect((await cache.entries()).reduce((sum, { bytes }) => sum + bytes, 0)).to.equal(5);
  });
});
