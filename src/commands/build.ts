import { Flags, type Interfaces } from '@oclif/core';
import { assertMetadataWritable, writeMetadata } from '../builders/metadata-file.js';
import { checkProject } from '../checks/check.js';
import { isTolerated } from '../checks/grading.js';
import type { BuiltImage } from '../builders/build-image.js';
import type { BuildProjectOptions } from '../builders/build-project.js';
import type { BuildValueOptions, BuiltValue } from '../builders/build-value.js';
import type { BuilderName } from '../config/settings/settings.js';
import type { Finding } from '../finding.js';
import type { EngineConnection } from '../places/engine/connection.js';
import { KdeployError } from '../errors.js';
import type { OutputAddress } from '../image/address.js';
import { parseReference } from '../image/reference.js';
import type { Progress } from '../progress.js';
import { projectModel } from '../project/model.js';
import { referencesOf, type PushedImage } from '../publish/push-images.js';
import { StateFolder } from '../state-folder.js';
import { BaseCommand } from '../ui/base-command.js';
import { findingsText, summaryText } from '../ui/findings-text.js';
import { wrapped } from '../ui/terminal.js';
import { environmentFlag, imageFlags, kedroFlag, OUTPUTS, registryFlags, trackingFlags } from '../ui/flags.js';
import { noteSwitchedOff, notePlatform } from '../ui/notes.js';
import { openProjectOf } from '../ui/open-project.js';

export interface BuildResult {
  /** The image's ID on the engine: `sha256:…`; of the builder layers, that which an engine will give it. */
  readonly id: string;
  /** `name:tag`. */
  readonly tags: readonly string[];
  readonly builder: BuilderName;
  /** Where the image is: on the engine, in its registry, in a layout, or on this machine until it is pushed. */
  readonly place: BuiltValue['place'];
  /** The digest of its manifest, which is that in a registry; only of the builder layers, and with --push. */
  readonly digest?: string;
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
they were.

With --builder layers, it needs no Docker: packages are resolved by uv and become layers of their own, of which only new ones are
made and pushed. This is the default where no Docker Engine answers.`;

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
      description: 'Build and push without Docker',
      command: '<%= config.bin %> <%= command.id %> --builder layers --push',
    },
    {
      description: 'Build without Docker into one file, for skopeo, Podman and others',
      command: '<%= config.bin %> <%= command.id %> --builder layers --output oci-archive:app.tar',
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
      options: ['auto', 'always', 'never', 'container'] as const,
      default: 'auto',
      description:
        'start the image once before tagging it; auto: unless the same content has passed before; container: with the builder layers, in a container instead of an environment on this machine',
    })(),
    push: Flags.boolean({ description: 'push the image under all its tags after the build' }),
    output: Flags.string({
      description: `builder layers: write the image into ${OUTPUTS}`,
      helpValue: 'oci:FOLDER',
      exclusive: ['push', 'load'],
    }),
    load: Flags.boolean({ description: 'builder layers: load the image into the Docker Engine', exclusive: ['push'] }),
    'require-sbom': Flags.boolean({
      description: 'builder layers: fail if the registry does not take the SBOM and the provenance',
    }),
    'plain-http': registryFlags['plain-http'],
    'metadata-file': Flags.string({
      description: 'write the ID, tags and digest to this file as JSON',
      helpValue: 'FILE',
    }),
  };

  async run(): Promise<BuildResult> {
    const { flags } = await this.parse(Build);
    const progress = this.progress(flags);
    const output = await outputOf(flags);
    if (flags['metadata-file'] !== undefined) await assertMetadataWritable(flags['metadata-file']);
    const { project, settings: given, env, confSource, isDefaultEnv } = await openProjectOf(flags, progress);
    const { chooseBuilder } = await import('../builders/choose-builder.js');
    const { builder, note } = await chooseBuilder(given, project.source, () => answersEngine(this.signal));
    if (note !== undefined) progress.note(note);
    if (builder !== 'layers') refuseFlagsOfLayers(flags, builder);
    const { gitFacts } = await import('../builders/git-facts.js');
    const git = gitFacts(project.root);
    // The checks ask of the image what this builder will make.
    const settings = { ...given, image: { ...given.image, builder } };

    const rules = flags.check ? {} : { rules: [] };
    const model = projectModel({ project, settings, env, kedro: flags.kedro, processEnvironment: process.env });
    const report = await checkProject({ model, settings, ...rules });
    noteSwitchedOff(report.off, progress);
    refuseErrors(report.findings);
    if (report.findings.length > 0) progress.note(await wrapped(findingsText(report.findings), process.stderr));
    notePlatform(settings.image, progress);

    const state = StateFolder.ofUser();
    const options = {
      ...{ model, settings, report, git, state, env, confSource, isDefaultEnv, kedro: flags.kedro },
      ...{ kdeployVersion: this.config.version, environment: process.env },
    };
    const result =
      builder === 'layers'
        ? await this.buildValue({ ...options, output }, flags, progress)
        : await this.buildOnEngine({ ...options, builder }, flags, progress);
    for (const line of result.lines) this.log(line);
    return result.value;
  }

  private async buildValue(
    {
      output,
      ...options
    }: Omit<BuildValueOptions, 'selfTest' | 'place' | 'plainHttp' | 'requireSbom'> & {
      readonly output: OutputAddress | undefined;
    },
    flags: ParsedFlags,
    progress: Progress,
  ): Promise<Shown> {
    const { buildValue } = await import('../builders/build-value.js');
    const allowLostRuns = isTolerated(options.settings.checks, 'tracking-uri-usable');
    const built = await buildValue(
      {
        ...options,
        selfTest: flags['self-test'],
        plainHttp: flags['plain-http'],
        requireSbom: flags['require-sbom'],
        place:
          output !== undefined
            ? { kind: 'layout', address: output }
            : flags.load
              ? { kind: 'engine' }
              : flags.push
                ? { kind: 'registry', allowances: { allowUnbaked: false, allowSecrets: false, allowLostRuns } }
                : { kind: 'waiting' },
      },
      progress,
      this.signal,
    );
    const { id, tags, plan, selfTest, place, digest, pushed, names } = built;
    if (flags['metadata-file'] !== undefined) await writeMetadata(flags['metadata-file'], built, pushed);
    const references = pushed && referencesOf(pushed);
    return {
      value: {
        ...{ id, tags, builder: 'layers', place, digest, plan, selfTest },
        ...(pushed && { pushed: pushed.map(({ reference }) => reference) }),
      },
      lines: references ?? names,
    };
  }

  private async buildOnEngine(
    options: Omit<BuildProjectOptions, 'selfTest' | 'engine'> & { readonly builder: 'kedro' | 'engine' },
    flags: ParsedFlags,
    progress: Progress,
  ): Promise<Shown> {
    const [{ connectEngine }, { buildProject }] = await Promise.all([
      import('../places/engine/connection.js'),
      import('../builders/build-project.js'),
    ]);
    const engine = await connectEngine(undefined, this.signal);
    const selfTest = flags['self-test'] === 'container' ? 'always' : flags['self-test'];
    const built = await buildProject({ ...options, engine, selfTest }, progress, this.signal);
    const { waitingImages } = await import('../locate/locate-parts.js');
    // What waits under one of the names is no longer what the name stands for.
    for (const tag of built.tags)
      await waitingImages({ state: options.state, signal: this.signal }).forget(parseReference(tag));
    const pushed = flags.push
      ? await this.push(built, engine, isTolerated(options.settings.checks, 'tracking-uri-usable'), progress)
      : undefined;
    if (flags['metadata-file'] !== undefined) await writeMetadata(flags['metadata-file'], built, pushed);
    const { id, tags, plan, selfTest: tested } = built;
    const { builder } = options;
    const digest = pushed?.[0]?.digest;
    return {
      value: {
        ...{ id, tags, builder, place: 'engine', ...(digest !== undefined && { digest }), plan, selfTest: tested },
        ...(pushed && { pushed: pushed.map(({ reference }) => reference) }),
      },
      lines: pushed === undefined ? tags : referencesOf(pushed),
    };
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

/** What a build comes to, and what of it is printed. */
interface Shown {
  readonly value: BuildResult;
  readonly lines: readonly string[];
}

type ParsedFlags = Interfaces.InferredFlags<typeof Build.flags>;

/** Before anything is done that takes time. Throws KdeployError `usage`. */
async function outputOf({ output }: ParsedFlags): Promise<OutputAddress | undefined> {
  if (output === undefined) return undefined;
  const { outputAddress } = await import('../ui/image-address.js');
  return outputAddress(output);
}

/** Whether a build with Docker could begin. */
async function answersEngine(signal: AbortSignal): Promise<boolean> {
  const { localImages } = await import('../places/engine/local-images.js');
  return (await localImages(signal)).images !== undefined;
}

/** Throws KdeployError `usage` for what a build with Docker would ignore. */
function refuseFlagsOfLayers(flags: ParsedFlags, builder: string): void {
  const given = (['output', 'load', 'require-sbom'] as const).find((name) => flags[name]);
  if (given === undefined) return;
  throw new KdeployError('usage', `--${given} is for the builder layers, but the builder is ${builder}`, {
    hint: 'add `--builder layers`, or set image.builder: layers in kdeploy.yml',
  });
}

/** The findings are part of the error itself: --quiet and --json must show them as well. */
function refuseErrors(findings: readonly Finding[]): void {
  if (!findings.some(({ severity }) => severity === 'error')) return;
  throw new KdeployError('findings', `not built: the project has ${summaryText(findings)}`, {
    findings,
    hint: 'fix these, then build again; to check without building: `kdeploy check`',
  });
}
