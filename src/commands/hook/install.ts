import { Flags } from '@oclif/core';
import { carryOut, planInstallation, runningPrograms, type InstalledHook } from '../../hook/install/install-hook.js';
import { BaseCommand } from '../../ui/base-command.js';
import { noteInstalledHook } from '../../ui/notes.js';

export default class HookInstall extends BaseCommand<InstalledHook> {
  static override summary = 'Install a git pre-push hook that checks the commits you push.';

  static override description = [
    'An existing hook is kept and called after the check.',
    'If husky, lefthook or the pre-commit framework manages the hooks,',
    'the command prints the lines to add to its configuration instead.',
  ].join(' ');

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    {
      description: "Use the kdeploy from the repository's own packages",
      command: 'npx <%= config.bin %> <%= command.id %>',
    },
  ];

  static override flags = {
    force: Flags.boolean({
      description:
        'install even if the hook was edited, a tool manages the hooks, or their folder serves other repositories too',
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
    noteInstalledHook(installed, progress);
    this.log(installed.hook);
    return installed;
  }
}
