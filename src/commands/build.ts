import { Flags } from '@oclif/core';
import { assertMetadataWritable, writeMetadata } from '../builders/metadata-file.js';
import { checkProject } from '../checks/check.js';
import { isTolerated } from '../checks/grading.js';
import type { BuiltImage } from '../builders/build-image.js';
import type { Finding } from '../finding.js';
import type { EngineConnection } from '../places/engine/connection.js';
import { KdeployError } from '../errors.js';
import { parseReference } from '../image/reference.js';
import type { Progress } from '../progress.js';
import { projectModel } from '../project/model.js';
import { referencesOf, type PushedImage } from '../publish/push-images.js';
import { StateFolder } from '../state-folder.js';
import { BaseCommand } from '../ui/base-command.js';
import { findingsText, summaryText } from '../ui/findings-text.js';
import { wrapped } from '../ui/terminal.js';
import { environmentFlag, imageFlags, kedroFlag, trackingFlags } from '../ui/flags.js';
import { noteSwitchedOff, notePlatform } from '../ui/notes.js';
import { openProjectOf } from '../ui/open-project.js';

export interface BuildResult {
  /** The image's ID on the engine: `sha256:…`. */
  readonly id: string;
  /** `name:tag`. */
  readonly tags: readonly string[];
  /** What was baked, as a digest: equal plans bake equal behaviour. */
  readonly plan: string;
  readonly selfTest: 'passed' | 'known to pass' | 'skipped';
  /** `name@sha256:…`, one for each tag; only with --push. */
  readonly pushed?: readonly string[];
}

export default class Build extends BaseCommand<BuildResult> {
  static override summary = "Build this project's image, set up to log to the right MLflow server.";

  static override description = `Checks the project, builds its image with kedro docker, bakes in the tracking URI, the experiment and the authentication,
and starts the image once to verify where it logs. Only then does it move the tags: if a step fails, they stay where
they were.`;

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    {
      description: 'Set the name and the tags here instead of in kdeploy.yml',
      command: '<%= config.bin %> <%= command.id %> --image registry.example.com/team/app --tag v1 --tag latest',
    },
    {
      description: 'Build for production, push, and write the digest to a file for the next CI job',
      command: '<%= config.bin %> <%= command.id %> --env production --push --metadata-file image.json',
    },
    {
      description: 'Use a private package index without leaving its password in a layer',
      command: '<%= config.bin %> <%= command.id %> --secret id=pip,src=pip.conf',
    },
  ];

  static override flags = {
    ...imageFlags,
    ...environmentFlag,
    ...trackingFlags,
    ...kedroFlag,
    check: Flags.boolean({ allowNo: true, default: true, description: 'check the project first' }),
    'self-test': Flags.option({
      options: ['auto', 'always', 'never'] as const,
      default: 'auto',
      description: 'start the image once before tagging it; auto: unless the same content has passed before',
    })(),
    push: Flags.boolean({ description: 'push the image under all its tags after the build' }),
    'metadata-file': Flags.string({
      description: 'write the ID, tags and digest to this file as JSON',
      helpValue: 'FILE',
    }),
  };

  async run(): Promise<BuildResult> {
    const { flags } = await this.parse(Build);
    const progress = this.progress(flags);
    if (flags['metadata-file'] !== undefined) await assertMetadataWritable(flags['metadata-file']);
    const { project, settings, env, confSource, isDefaultEnv } = await openProjectOf(flags, progress);

    const rules = flags.check ? {} : { rules: [] };
    const model = projectModel({ project, settings, env, kedro: flags.kedro, processEnvironment: process.env });
    const report = await checkProject({ model, settings, ...rules });
    noteSwitchedOff(report.off, progress);
    refuseErrors(report.findings);
    if (report.findings.length > 0) progress.note(await wrapped(findingsText(report.findings), process.stderr));
    notePlatform(settings.image.platform, progress);

    const [{ connectEngine }, { buildProject }] = await Promise.all([
      import('../places/engine/connection.js'),
      import('../builders/build-project.js'),
    ]);
    const engine = await connectEngine(undefined, this.signal);
    const state = StateFolder.ofUser();
    const built = await buildProject(
      {
        model,
        settings,
        report,
        engine,
        state,
        env,
        confSource,
        isDefaultEnv,
        kedro: flags.kedro,
        selfTest: flags['self-test'],
        kdeployVersion: this.config.version,
        environment: process.env,
      },
      progress,
      this.signal,
    );
    const { waitingImages } = await import('../locate/locate-parts.js');
    // What waits under one of the names is no longer what the name stands for.
    for (const tag of built.tags) await waitingImages({ state, signal: this.signal }).forget(parseReference(tag));
    const pushed = flags.push
      ? await this.push(built, engine, isTolerated(settings.checks, 'tracking-uri-usable'), progress)
      : undefined;
    const result = {
      id: built.id,
      tags: built.tags,
      plan: built.plan,
      selfTest: built.selfTest,
      ...(pushed && { pushed: pushed.map(({ reference }) => reference) }),
    };
    if (flags['metadata-file'] !== undefined) await writeMetadata(flags['metadata-file'], built, pushed);
    for (const line of pushed === undefined ? result.tags : referencesOf(pushed)) this.log(line);
    return result;
  }

  private async push(
    built: BuiltImage,
    engine: EngineConnection,
    allowLostRuns: boolean,
    progress: Progress,
  ): Promise<PushedImage[]> {
    const [{ pushImages }, { pushParts }] = await Promise.all([
      import('../publish/push-images.js'),
      import('../publish/push-parts.js'),
    ]);
    return pushImages(
      pushParts(engine, StateFolder.ofUser(), process.env, this.signal),
      {
        references: built.tags.map(parseReference),
        expectedId: built.id,
        allowUnbaked: false,
        allowSecrets: false,
        allowLostRuns,
      },
      progress,
      this.signal,
    );
  }
}

/** The findings are part of the error itself: --quiet and --json must show them as well. */
function refuseErrors(findings: readonly Finding[]): void {
  if (!findings.some(({ severity }) => severity === 'error')) return;
  throw new KdeployError('findings', `not built: the project has ${summaryText(findings)}`, {
    findings,
    hint: 'fix these, then build again; to check without building: `kdeploy check`',
  });
}
