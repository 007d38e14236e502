import { Flags } from '@oclif/core';
import { carryOut, planInstallation, runningPrograms, type InstalledHook } from '../../hook/install/install-hook.js';
import { BaseCommand } from '../../ui/base-command.js';
import { tellOfHook } from '../../ui/installed-hook.js';

export default class HookInstall extends BaseCommand<InstalledHook> {
  static override summary = "Let git check the commits of each push: write the repository's pre-push hook.";

  static override description = [
    'A hook that is there already is kept, and called first.',
    'Where husky, lefthook or the pre-commit framework manages the hooks,',
    'the command tells which lines to add to its file instead.',
  ].join(' ');

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    {
      description: 'With the kdeploy that is among the packages of the repository',
      command: 'npx <%= config.bin %> <%= command.id %>',
    },
  ];

  static override flags = {
    force: Flags.boolean({
      description:
        'go on although the hook was edited, a tool manages the hooks, or their folder belongs to other repositories too',
    }),
  };

  async run(): Promise<InstalledHook> {
    const { flags } = await this.parse(HookInstall);
    const progress = this.progress(flags);
    const plan = await planInstallation({
      directory: flags.project ?? process.cwd(),
      programs: runningPrograms(this.config.root),
      force: flags.force,
    });
    const installed = await carryOut(plan);
    tellOfHook(installed, progress);
    this.log(installed.hook);
    return installed;
  }
}
