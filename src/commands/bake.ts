import { Args, Flags } from '@oclif/core';
import { lastBuild } from '../builders/last-build.js';
import { checkProject } from '../checks/check.js';
import { isTolerated } from '../checks/grading.js';
import { BAKE_RULES } from '../checks/rules.js';
import { KdeployError } from '../errors.js';
import { parseRepositoryName } from '../image/reference.js';
import type { ImageDifference } from '../inspect/image-difference.js';
import { projectModel } from '../project/model.js';
import { findProject } from '../project/project.js';
import type { BakedProject } from '../rebake/bake-project.js';
import { StateFolder } from '../state-folder.js';
import { BaseCommand } from '../ui/base-command.js';
import { findingsText, summaryText } from '../ui/findings-text.js';
import { environmentFlag, IMAGE_NAMES, kedroFlag, OUTPUTS, registryFlags, trackingFlags } from '../ui/flags.js';
import { noteSwitchedOff } from '../ui/notes.js';
import { openProjectOf } from '../ui/open-project.js';
import { wrapped } from '../ui/terminal.js';

export interface BakeResult {
  /** The image that was baked again, as it was named. */
  readonly image: string;
  /** Of its manifest or index, before and after; equal where it was baked so already. */
  readonly from: string;
  readonly digest: string;
  readonly platforms: readonly BakedPlatformResult[];
  /** Where the result is; `null` after a dry run. `waiting`: on this machine, for a push. */
  readonly place: 'engine' | 'waiting' | 'layout' | 'registry' | null;
  /** The result's ID on the engine; `null` elsewhere. */
  readonly id: string | null;
  /** By which the result is found. */
  readonly names: readonly string[];
  /** `name@sha256:…`; only with --push. */
  readonly pushed?: readonly string[];
}

export interface BakedPlatformResult {
  /** `linux/amd64`. */
  readonly platform: string;
  readonly difference: ImageDifference;
}

export default class Bake extends BaseCommand<BakeResult> {
  static override summary = 'Change where a built image logs and how it authenticates, without building it again.';

  static override description = `Takes an image that \`kdeploy build\` made, and gives it the tracking URI, the experiment and the authentication of this
project's configuration, for another environment or after a change. Only the configuration and one small layer of the
image are exchanged: its code, its packages and its other layers stay. An image in a registry is baked there, without
Docker and without downloading its layers, and so is every platform of it.

The result stays where the image came from. One from a registry waits on this machine until \`kdeploy push\` pushes it under
its new tag, unless you pass --push.`;

  static override examples = [
    {
      description: 'From staging to production: the same image, another MLflow server',
      command: '<%= config.bin %> <%= command.id %> registry.example.com/team/app:v1 --env prod --tag v1-prod --push',
    },
    {
      description: 'Show what would change, without writing anything',
      command: '<%= config.bin %> <%= command.id %> registry.example.com/team/app:v1 --env prod --dry-run',
    },
    {
      description: 'Bake an OCI image layout in place',
      command: '<%= config.bin %> <%= command.id %> oci:dist:v1 --env prod --tag v1-prod',
    },
    {
      description: 'Write the result into one file',
      command:
        '<%= config.bin %> <%= command.id %> registry.example.com/team/app:v1 --env prod --output oci-archive:app.tar:v1-prod',
    },
  ];

  static override args = {
    image: Args.string({ description: `the image: ${IMAGE_NAMES} (default: that of the last build)` }),
  };

  static override flags = {
    ...environmentFlag,
    ...trackingFlags,
    ...kedroFlag,
    tag: Flags.string({
      char: 't',
      description: 'a tag for the result; can be repeated; {env} and {git.sha} are filled in',
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'TAG',
    }),
    image: Flags.string({
      char: 'i',
      description: "the result's name (default: that of the image)",
      helpValue: 'NAME',
    }),
    push: Flags.boolean({ description: 'push the result under all its tags', exclusive: ['dry-run'] }),
    output: Flags.string({
      char: 'o',
      description: `write the result into ${OUTPUTS}`,
      helpValue: 'oci:FOLDER',
      exclusive: ['dry-run'],
    }),
    'dry-run': Flags.boolean({ description: 'show what would change, and write nothing' }),
    check: Flags.boolean({ allowNo: true, default: true, description: "check the project's MLflow set-up first" }),
    'allow-untested': Flags.boolean({
      description: 'bake an image whose self-test does not cover the change',
    }),
    'allow-secrets': Flags.boolean({ description: 'with --push: push an image that is known to contain a secret' }),
    ...registryFlags,
  };

  async run(): Promise<BakeResult> {
    const { args, flags } = await this.parse(Bake);
    const progress = this.progress(flags);
    const { imageAddress, outputAddress } = await import('../ui/image-address.js');
    const output = flags.output === undefined ? undefined : outputAddress(flags.output);
    if (flags.tag === undefined && output === undefined && !flags['dry-run'])
      throw new KdeployError('usage', 'no tag is given for the result', {
        hint: 'pass one, such as --tag v1-prod; to see what would change: --dry-run',
      });
    // The tag of a layout is a name in it, and none in a registry.
    if (flags.tag === undefined && flags.push)
      throw new KdeployError('usage', 'no tag is given to push the result under', {
        hint: 'pass one, such as --tag v1-prod; to write the layout alone, leave --push out',
      });
    const repository = flags.image === undefined ? undefined : parseRepositoryName(flags.image);
    const address = imageAddress(args.image ?? (await lastBuiltTag(flags.project)), flags);

    const opened = await openProjectOf({ ...flags, image: undefined, tag: undefined }, progress);
    const { project, settings, env } = opened;
    const model = projectModel({ project, settings, env, kedro: flags.kedro, processEnvironment: process.env });
    const report = await checkProject({ model, settings, rules: flags.check ? BAKE_RULES : [] });
    noteSwitchedOff(report.off, progress);
    if (report.findings.some(({ severity }) => severity === 'error'))
      throw new KdeployError('findings', `not baked: the project has ${summaryText(report.findings)}`, {
        findings: report.findings,
        hint: 'fix these, then bake again; to check without baking: `kdeploy check`',
      });
    if (report.findings.length > 0) progress.note(await wrapped(findingsText(report.findings), process.stderr));

    const { bakeProject } = await import('../rebake/bake-project.js');
    const allowances = {
      allowUnbaked: false,
      allowSecrets: flags['allow-secrets'],
      allowLostRuns: isTolerated(settings.checks, 'tracking-uri-usable'),
    };
    const result = await bakeProject(
      {
        ...opened,
        ...{ address, report, output, repository },
        kdeployVersion: this.config.version,
        tags: flags.tag ?? [],
        push: flags.push ? allowances : undefined,
        isDryRun: flags['dry-run'],
        allowUntested: flags['allow-untested'],
        plainHttp: flags['plain-http'],
        state: StateFolder.ofUser(),
        environment: process.env,
      },
      progress,
      this.signal,
    );
    if (result.place === 'waiting')
      progress.note(`it waits on this machine; to push it: kdeploy push ${result.names.join(' ')}`);
    return this.show(result, flags['dry-run']);
  }

  private async show(result: BakedProject, isDryRun: boolean): Promise<BakeResult> {
    const { baked, place = null, id = null, names, pushed } = result;
    const { comparedImage, imageDifference } = await import('../inspect/image-difference.js');
    const platforms = baked.platforms.map(({ platform, before, after }) => ({
      platform,
      // A bake changes no packages.
      difference: imageDifference(
        comparedImage(before, baked.source.name),
        comparedImage(after, names[0] ?? `${baked.source.name}, baked again`),
        null,
      ),
    }));
    if (isDryRun) {
      const { imageDifferenceText } = await import('../ui/image-difference-text.js');
      for (const { platform, difference } of platforms)
        this.log(`${platforms.length > 1 ? `${platform}\n` : ''}${imageDifferenceText(difference)}`);
    }
    const references = pushed && [...new Set(pushed.map(({ reference }) => reference))];
    for (const line of references ?? names) this.log(line);
    return {
      image: baked.source.name,
      from: baked.before.document.digest,
      digest: baked.after.document.digest,
      platforms,
      place,
      id,
      names,
      ...(references && { pushed: references }),
    };
  }
}

async function lastBuiltTag(folder: string | undefined): Promise<string> {
  const { root } = await findProject(folder ?? process.cwd());
  const { tags } = await lastBuild(StateFolder.ofUser(), root);
  return tags[0];
}
