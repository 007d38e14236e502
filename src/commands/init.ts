import { Flags } from '@oclif/core';
import type { InitialisedWithPipeline } from '../config/init/ci/initialise-pipeline.js';
import { CI_SERVICE_NAMES } from '../config/init/ci/service-names.js';
import type { Initialised } from '../config/init/initialise-project.js';
import { carryOut, planInstallation, runningPrograms, type InstalledHook } from '../hook/install/install-hook.js';
import { BaseCommand } from '../ui/base-command.js';
import { environmentFlag } from '../ui/flags.js';
import { nextStepText } from '../ui/next-step-text.js';
import { noteInstalledHook } from '../ui/notes.js';

/** `file` is null where only the pipeline was written; `hook`, with --hook, is the pre-push hook. */
export type InitResult = (Initialised | InitialisedWithPipeline) & { readonly hook?: InstalledHook };

export default class Init extends BaseCommand<InitResult> {
  static override summary = 'Create conf/base/kdeploy.yml, commented and pre-filled from your project.';

  static override description = `Migrates the settings of kedro-airflow-k8s in conf/base/airflow-k8s*.yaml. Existing files are kept.

With --ci, it also writes a pipeline that checks, builds and pushes the image, at the root of the git repository. An
existing kdeploy.yml is then kept, and --force applies to the pipeline file.`;

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --image europe-docker.pkg.dev/acme/ml/spaceflights',
    '<%= config.bin %> <%= command.id %> --hook',
    {
      description: 'Create a GitHub Actions workflow for the environment production',
      command: '<%= config.bin %> <%= command.id %> --ci github --env production',
    },
  ];

  static override flags = {
    image: Flags.string({ description: 'where to push the image: registry, path and name', helpValue: 'NAME' }),
    ci: Flags.option({
      options: CI_SERVICE_NAMES,
      description: 'also write a pipeline for GitHub Actions, GitLab CI or Cloud Build',
    })(),
    'kdeploy-package': Flags.string({
      description:
        'what the pipeline installs with pip: the URL of a wheel with its hash, or the path of a committed one',
      helpValue: 'FILE',
      dependsOn: ['ci'],
    }),
    ...environmentFlag,
    force: Flags.boolean({ description: 'overwrite an existing kdeploy.yml; with --ci, an existing pipeline' }),
    hook: Flags.boolean({ description: 'also install the pre-push hook, as `kdeploy hook install` does' }),
  };

  async run(): Promise<InitResult> {
    const { flags } = await this.parse(Init);
    const progress = this.progress(flags);
    const [{ findProject }, { initialiseProject }] = await Promise.all([
      import('../project/project.js'),
      import('../config/init/initialise-project.js'),
    ]);

    const project = await findProject(flags.project ?? process.cwd());
    // Planned first, so that a hook that cannot be installed leaves the project unchanged.
    const plan = flags.hook
      ? await planInstallation({
          directory: project.root,
          programs: runningPrograms(this.config.root),
        })
      : undefined;
    const { image, force, env, ci } = flags;
    const result: InitResult =
      ci === undefined
        ? await initialiseProject({ project, force, image, env })
        : await (
            await import('../config/init/ci/initialise-pipeline.js')
          ).initialiseWithPipeline({
            ...{ project, force, image, env },
            platform: ci,
            kdeployVersion: this.config.version,
            kdeployPackage: flags['kdeploy-package'],
          });

    for (const { where, message, remedy } of result.warnings) {
      progress.note(`warning: ${where}: ${message}${remedy === undefined ? '' : ` (${remedy})`}`);
    }
    if (result.takenOverFrom !== null)
      progress.note(`migrated from ${result.takenOverFrom}: ${result.migratedKeys.join(', ') || 'nothing'}`);
    progress.note('next:');
    for (const step of result.nextSteps) progress.note(nextStepText(step));
    if (result.file !== null) this.log(result.file);
    if ('pipeline' in result) this.log(result.pipeline.file);
    if (plan === undefined) return result;
    const hook = await carryOut(plan);
    noteInstalledHook(hook, progress);
    this.log(hook.hook);
    return { ...result, hook };
  }
}
