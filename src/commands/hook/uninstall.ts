import { Flags } from '@oclif/core';
import { uninstallHook, type UninstalledHook } from '../../hook/install/uninstall-hook.js';
import { BaseCommand } from '../../ui/base-command.js';

export default class HookUninstall extends BaseCommand<UninstalledHook> {
  static override summary = "Take kdeploy's pre-push hook away, and put back the one that was there before.";

  static override description = 'A hook that kdeploy did not write, or that was edited since, is left as it is.';

  static override examples = ['<%= config.bin %> <%= command.id %>'];

  static override flags = {
    force: Flags.boolean({ description: 'take it away although it was edited' }),
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
  removed: 'the hook is gone; pushes are not checked any more',
  restored: 'the hook that was there before is back; pushes are not checked any more',
  none: 'there was no hook; nothing was changed',
};
