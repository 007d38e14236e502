import { FolderCache } from '../../cache/file-cache.js';
import { usageOf, type CacheUsage } from '../../cache/usage.js';
import { BaseCommand } from '../../ui/base-command.js';
import { usageText } from '../../ui/cache-text.js';

export interface CacheInfoResult extends CacheUsage {
  readonly folder: string;
}

export default class CacheInfo extends BaseCommand<CacheInfoResult> {
  static override summary = 'Show what the builder layers keeps on this machine, and how much.';

  static override description =
    'The folder is KDEPLOY_CACHE_FOLDER, else $XDG_CACHE_HOME/kdeploy, else ~/.cache/kdeploy.';

  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --json'];

  async run(): Promise<CacheInfoResult> {
    const { flags } = await this.parse(CacheInfo);
    this.progress(flags);
    const cache = FolderCache.ofUser(process.env);
    const usage = usageOf(await cache.entries());
    this.log(cache.root);
    this.log(usageText(usage) ?? '  nothing');
    return { folder: cache.root, ...usage };
  }
}
