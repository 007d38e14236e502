import { Args, Flags } from '@oclif/core';
import { lastBuild } from '../builders/last-build.js';
import { isTolerated } from '../checks/grading.js';
import { openProject } from '../config/settings/open-project.js';
import { connectEngine } from '../places/engine/connection.js';
import { KdeployError } from '../errors.js';
import { parseReference, type ImageReference } from '../image/reference.js';
import type { Progress } from '../progress.js';
import { findProject } from '../project/project.js';
import { pushImages, referencesOf, type PushedImage, type PushRequest } from '../publish/push-images.js';
import { StateFolder } from '../state-folder.js';
import { BaseCommand } from '../ui/base-command.js';

export interface PushResult {
  readonly pushed: readonly PushedImage[];
}

export default class Push extends BaseCommand<PushResult> {
  static override summary =
    'Push the last build under all its tags, or copy an image between registries, and print the digest.';

  static override description = `Without arguments, it pushes the image of the last \`kdeploy build\` of this project. Credentials come from Docker's
configuration, and for Google's registries also from your Google login. The digest is read back from the registry.

With --to, it copies an image from one registry to another, or to another repository of it, by its digest and with all its
platforms. That needs no Docker. Layers that are there already are not sent; within a registry they are mounted, if it
allows that.`;

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> registry.example.com/team/app:v1',
    {
      description: 'Promote what was tested to another registry, without Docker',
      command:
        '<%= config.bin %> <%= command.id %> staging.example.com/team/app@sha256:… --to prod.example.com/team/app:v1',
    },
    {
      description: 'Deploy by digest, which cannot be moved to another image',
      command: 'kubectl set image job/train app=$(<%= config.bin %> <%= command.id %> --quiet)',
    },
  ];

  static override strict = false;

  static override args = {
    image: Args.string({ description: 'an image on the Docker Engine, with its tag; can be repeated' }),
  };

  static override flags = {
    'allow-unbaked': Flags.boolean({ description: 'push an image that kdeploy did not build' }),
    to: Flags.string({
      description: 'copy the image from its registry to this name and tag (default: its own tag)',
      helpValue: 'NAME',
    }),
    'plain-http': Flags.boolean({
      description: 'with --to: speak HTTP to registries that have no TLS (on this machine it is the default)',
      dependsOn: ['to'],
    }),
    'allow-secrets': Flags.boolean({ description: 'push an image that is known to contain a secret' }),
  };

  async run(): Promise<PushResult> {
    const { flags, argv } = await this.parse(Push);
    const progress = this.progress(flags);
    if (flags.to !== undefined) {
      const [source, ...others] = argv.map((argument) => parseReference(String(argument)));
      if (source === undefined || others.length > 0)
        throw new KdeployError('usage', `--to copies one image, but ${argv.length} are named`, {
          hint: 'kdeploy push staging.example.com/team/app:v1 --to prod.example.com/team/app:v1',
        });
      const pushed = [await this.promote(source, parseReference(flags.to), flags, progress)];
      for (const reference of referencesOf(pushed)) this.log(reference);
      return { pushed };
    }
    const named = argv.map((argument) => tagged(parseReference(String(argument))));
    const asked = named.length > 0 ? { references: named, expectedId: undefined } : await this.built(flags.project);
    const request: PushRequest = {
      ...asked,
      allowUnbaked: flags['allow-unbaked'],
      allowSecrets: flags['allow-secrets'],
      allowLostRuns: await allowsLostRuns(flags.project ?? process.cwd()),
    };

    const engine = await connectEngine(undefined, this.signal);
    const pushed = await pushImages(
      (await import('../publish/push-parts.js')).pushParts(engine, StateFolder.ofUser(), process.env, this.signal),
      request,
      progress,
      this.signal,
    );
    for (const reference of referencesOf(pushed)) this.log(reference);
    return { pushed };
  }

  private async promote(
    asked: ImageReference,
    to: ImageReference,
    flags: { readonly project?: string | undefined } & Record<
      'plain-http' | 'allow-unbaked' | 'allow-secrets',
      boolean
    >,
    progress: Progress,
  ): Promise<PushedImage> {
    const source = asked.withDefaultTag();
    const [{ promoteImage }, { promoteParts }] = await Promise.all([
      import('../promote/promote-image.js'),
      import('../promote/promote-parts.js'),
    ]);
    const stop = new AbortController();
    const signal = AbortSignal.any([this.signal, stop.signal]);
    try {
      return await promoteImage(
        promoteParts(source, to, StateFolder.ofUser(), { signal, plainHttp: flags['plain-http'] }),
        promotionTarget(source, to),
        {
          allowUnbaked: flags['allow-unbaked'],
          allowSecrets: flags['allow-secrets'],
          allowLostRuns: await allowsLostRuns(flags.project ?? process.cwd()),
        },
        progress,
      );
    } finally {
      // Where one layer failed, others may be under way.
      stop.abort();
    }
  }

  private async built(folder: string | undefined): Promise<Pick<PushRequest, 'references' | 'expectedId'>> {
    const { root } = await findProject(folder ?? process.cwd());
    const build = await lastBuild(StateFolder.ofUser(), root);
    return { references: build.tags.map(parseReference), expectedId: build.id };
  }
}

/** What the project around says; an image can be pushed from anywhere. */
async function allowsLostRuns(folder: string): Promise<boolean> {
  try {
    const { settings } = await openProject({ folder, env: undefined, environmentVariables: process.env });
    return isTolerated(settings.checks, 'tracking-uri-usable');
  } catch (error) {
    if (error instanceof KdeployError) return false;
    throw error;
  }
}

/** Throws KdeployError `usage` where nobody says under which tag the image is to be found. */
function promotionTarget(source: ImageReference, to: ImageReference): ImageReference & { readonly tag: string } {
  if (to.digest !== undefined)
    throw new KdeployError('usage', `${to.toFamiliarString()} is a digest, but a copy needs a tag`, {
      hint: 'the digest stays the same: name a tag, such as --to registry.example.com/team/app:v1',
    });
  const tag = to.tag ?? source.tag;
  if (tag === undefined)
    throw new KdeployError('usage', `${to.toFamiliarString()} has no tag, and the image is named by its digest`, {
      hint: `name a tag: --to ${to.toFamiliarString()}:v1`,
    });
  return to.withTag(tag) as ImageReference & { readonly tag: string };
}

/** Throws KdeployError `usage` for a digest, which nobody pushes by. */
function tagged(reference: ImageReference): ImageReference {
  if (reference.digest !== undefined) {
    throw new KdeployError('usage', `${reference.toFamiliarString()} is a digest, but a push needs a tag`, {
      hint: 'name the image by tag, as `docker images` shows it',
    });
  }
  return reference.withDefaultTag();
}
