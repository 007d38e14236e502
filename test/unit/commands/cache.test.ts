import { expect } from 'chai';
import { FolderCache } from '../../../src/cache/file-cache.js';
import CacheInfo from '../../../src/commands/cache/info.js';
import CachePrune from '../../../src/commands/cache/prune.js';
import { TemporaryFolder } from '../temporary-folder.js';
import { runIsolated } from './isolated-command.js';

describe('the commands of the cache', () => {
  let folder: TemporaryFolder;

  beforeEach(async () => (folder = await TemporaryFolder.create()));
  afterEach(async () => folder.remove());

  const keep = async (): Promise<void> => {
    const cache = new FolderCache(folder.path);
    await cache.keep('layers', 'a', '12345');
    await cache.keep('wheels', 'a', '123');
    await cache.keep('wheels', 'b', '1234');
  };
  const info = (...argv: string[]) => runIsolated(CacheInfo, argv, { KDEPLOY_CACHE_FOLDER: folder.path });
  const prune = (...argv: string[]) => runIsolated(CachePrune, argv, { KDEPLOY_CACHE_FOLDER: folder.path });

  it('tell what is kept, by kind', async () => {
    await keep();
    const lines = [
      folder.path,
      '  layers  5 B in 1 entry',
      '  wheels  7 B in 2 entries',
      '  in all  12 B in 3 entries',
      '',
    ];
    expect(await info()).to.deep.equal({ stdout: lines.join('\n'), stderr: '', exitCode: undefined });
  });

  it('leave what fits, which is 10 GB where no size is given', async () => {
    await keep();
    const { stdout } = await prune();
    expect(stdout.split('\n')).to.include.members(['removed: nothing', 'kept', '  in all  12 B in 3 entries']);
  });

  it('remove until the rest fits', async () => {
    await keep();
    const { stdout } = await prune('--max-size', '5B', '--json');
    const { version, removed, kept } = JSON.parse(stdout) as Record<'version' | 'removed' | 'kept', { bytes: number }>;
    expect([version, removed.bytes + kept.bytes]).to.deep.equal([1, 12]);
    expect(kept.bytes).to.be.at.most(5);
  });

  it('remove all of it', async () => {
    await keep();
    const { stdout } = await prune('--all');
    expect(stdout.split('\n').slice(-2)).to.deep.equal(['kept: nothing', '']);
    expect(await new FolderCache(folder.path).entries()).to.deep.equal([]);
  });

  it('take it as it is that there is nothing', async () => {
    for (const where of [folder.path, folder.file('no-such-folder')]) {
      const variables = { KDEPLOY_CACHE_FOLDER: where };
      const pruned = await runIsolated(CachePrune, [], variables);
      expect(pruned).to.deep.equal({
        stdout: `${where}\nremoved: nothing\nkept: nothing\n`,
        ...{ stderr: '', exitCode: undefined },
      });
      expect((await runIsolated(CacheInfo, [], variables)).stdout).to.equal(`${where}\n  nothing\n`);
    }
  });

  it('refuse what is not a size, and a size beside --all', async () => {
    const { stderr, exitCode } = await prune('--max-size', 'much');
    expect(exitCode).to.equal(2);
    expect(stderr).to.contain('--max-size must be a size, not much').and.to.contain('500MB');
    expect((await prune('--max-size', '5GB', '--all')).exitCode).to.equal(2);
  });
});
