import { link, mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
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
