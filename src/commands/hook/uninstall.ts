import { Flags } from '@oclif/core';
import { uninstallHook, type UninstalledHook } from '../../hook/install/uninstall-hook.js';
import { BaseCommand } from '../../ui/base-command.js';

export default class HookUninstall extends BaseCommand<UninstalledHook> {
  static override summary = "Remove kdeploy's pre-push hook and restore the previous one.";

  static override description = 'A hook that kdeploy did not write, or that was edited since, is kept.';

  static override examples = ['<%= config.bin %> <%= command.id %>'];

  static override flags = {
    force: Flags.boolean({ description: 'remove the hook even if it was edited' }),
  };

  async run(): Promise<UninstalledHook> {
    const { flags } = await this.parse(HookUninstall);
    const progress = this.progress(flags);
    const result = await uninstallHook({ directory: flags.project ?? process.cwd(), force: flags.force });
    progress.note(SENTENCES[result.action]);
    this.log(result.hook);
    return result;
  }
}

const SENTENCES: Readonly<Record<UninstalledHook['action'], string>> = {
  removed: 'hook removed; pushes are no longer checked',
  restored: 'hook removed and the previous one restored; pushes are no longer checked',
  none: 'no hook is installed; nothing to do',
};
