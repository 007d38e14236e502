import { join } from 'node:path';
import { Flags } from '@oclif/core';
import type { Initialised } from '../config/initialise-project.js';
import { carryOut, planInstallation, type InstalledHook } from '../hook/install-hook.js';
import { BaseCommand } from '../ui/base-command.js';
import { tellOfHook } from '../ui/installed-hook.js';

export interface InitResult extends Initialised {
  /** With --hook: the pre-push hook. */
  readonly hook?: InstalledHook;
}

export default class Init extends BaseCommand<InitResult> {
  static override summary = 'Write conf/base/kdeploy.yml, commented and filled with what the project tells.';

  static override description =
    'What kedro-airflow-k8s has in conf/base/airflow-k8s.yaml is taken over. A file that exists is left as it is.';

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --image europe-docker.pkg.dev/acme/ml/spaceflights',
    '<%= config.bin %> <%= command.id %> --hook',
  ];

  static override flags = {
    image: Flags.string({ description: 'where the image will be pushed: registry, path and name', helpValue: 'NAME' }),
    force: Flags.boolean({ description: 'replace an existing kdeploy.yml' }),
    hook: Flags.boolean({ description: 'install the pre-push hook as well, as `kdeploy hook install` does' }),
  };

  async run(): Promise<InitResult> {
    const { flags } = await this.parse(Init);
    const progress = this.progress(flags);
    const [{ findProject }, { initialiseProject }] = await Promise.all([
      import('../project/project.js'),
      import('../config/initialise-project.js'),
    ]);

    const project = await findProject(flags.project ?? process.cwd());
    // Found out first, so that a hook that cannot be put leaves the project as it was.
    const plan = flags.hook
      ? await planInstallation({
          directory: project.root,
          programs: { node: process.execPath, kdeploy: join(this.config.root, 'bin', 'run.js') },
        })
      : undefined;
    const result = await initialiseProject({ project, force: flags.force, image: flags.image });

    for (const { where, message, remedy } of result.warnings) {
      progress.note(`warning: ${where}: ${message}${remedy === undefined ? '' : ` (${remedy})`}`);
    }
    if (result.takenOverFrom !== null) progress.note(`taken over from ${result.takenOverFrom}`);
    progress.note('next:');
    for (const { text, command } of result.nextSteps)
      progress.note(`  ${command === undefined ? text : `${command}  # ${text}`}`);
    this.log(result.file);
    if (plan === undefined) return result;
    const hook = await carryOut(plan);
    tellOfHook(hook, progress);
    this.log(hook.hook);
    return { ...result, hook };
  }
}
