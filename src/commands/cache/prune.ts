import { Flags } from '@oclif/core';
import { FolderCache, MAXIMUM_CACHE_BYTES } from '../../cache/file-cache.js';
import { bytesOf } from '../../cache/size.js';
import { usageOf, type CacheUsage } from '../../cache/usage.js';
import { KdeployError } from '../../errors.js';
import { BaseCommand } from '../../ui/base-command.js';
import { usageText } from '../../ui/cache-text.js';

export interface CachePruneResult {
  readonly folder: string;
  readonly removed: CacheUsage;
  readonly kept: CacheUsage;
}

export default class CachePrune extends BaseCommand<CachePruneResult> {
  static override summary = 'Remove what the builder layers keeps on this machine and has not used for longest.';

  static override description = `Removes as much as is needed to keep the rest below --max-size. Nothing of it is needed for the next build, which
downloads or makes again what it misses. Builds do the same by themselves once a day, with the default size.`;

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    {
      description: 'Keep what was used last, up to 2 GB',
      command: '<%= config.bin %> <%= command.id %> --max-size 2GB',
    },
    { description: 'Remove all of it', command: '<%= config.bin %> <%= command.id %> --all' },
  ];

  static override flags = {
    'max-size': Flags.string({
      description: 'how much may stay: 5GB, 500MB (default: 10GB)',
      helpValue: 'SIZE',
      exclusive: ['all'],
    }),
    all: Flags.boolean({ description: 'remove all of it' }),
  };

  async run(): Promise<CachePruneResult> {
    const { flags } = await this.parse(CachePrune);
    this.progress(flags);
    const maximum = flags.all ? 0 : sizeOf(flags['max-size']);
    const cache = FolderCache.ofUser(process.env);
    const removed = usageOf(await cache.prune(maximum, this.signal));
    const kept = usageOf(await cache.entries());
    const [removedText, keptText] = [usageText(removed), usageText(kept)];
    this.log(cache.root);
    this.log(removedText === undefined ? 'removed: nothing' : `removed\n${removedText}`);
    this.log(keptText === undefined ? 'kept: nothing' : `kept\n${keptText}`);
    return { folder: cache.root, removed, kept };
  }
}

function sizeOf(text: string | undefined): number {
  if (text === undefined) return MAXIMUM_CACHE_BYTES;
  const bytes = bytesOf(text);
  if (bytes !== undefined) return bytes;
  throw new KdeployError('usage', `--max-size must be a size, not ${text}`, {
    hint: 'give a number of bytes or a unit: 5GB, 500MB',
  });
}
