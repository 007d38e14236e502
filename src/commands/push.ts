import { Args, Flags, type Interfaces } from '@oclif/core';
import { lastBuild, type BuildPlace } from '../builders/last-build.js';
import { isTolerated } from '../checks/grading.js';
import { openProject } from '../config/settings/open-project.js';
import { KdeployError } from '../errors.js';
import type { ImageAddress } from '../image/address.js';
import { parseReference, type ImageReference } from '../image/reference.js';
import type { ImageSource } from '../image/source.js';
import type { ImageOnEngine } from '../locate/locate-image.js';
import type { Progress } from '../progress.js';
import { findProject } from '../project/project.js';
import type { PromoteRequest } from '../promote/promote-image.js';
import type { Target } from '../promote/publish-tree.js';
import { referencesOf, type PushedImage, type PushRequest } from '../publish/push-images.js';
import type { Allowances } from '../publish/refusals.js';
import { StateFolder } from '../state-folder.js';
import { BaseCommand } from '../ui/base-command.js';
import { IMAGE_NAMES, registryFlags } from '../ui/flags.js';

type ParsedFlags = Interfaces.InferredFlags<typeof Push.flags & typeof Push.baseFlags>;

export interface PushResult {
  readonly pushed: readonly PushedImage[];
}

export default class Push extends BaseCommand<PushResult> {
  static override summary =
    'Push the last build under all its tags, or copy an image between registries, and print the digest.';

  static override description = `Without arguments, it pushes the image of the last \`kdeploy build\` of this project. Credentials come from Docker's
configuration, and for Google's registries also from your Google login. The digest is read back from the registry.

With --to, it copies an image by its digest: from one registry to another, to another repository of it, or out of an OCI
image layout. All platforms come along, and the signatures and SBOMs that the registry lists for it. That needs no Docker.
Layers that are there already are not sent; within a registry they are mounted, if it allows that.`;

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> registry.example.com/team/app:v1',
    {
      description: 'Promote what was tested to another registry, without Docker',
      command:
        '<%= config.bin %> <%= command.id %> staging.example.com/team/app@sha256:… --to prod.example.com/team/app:v1',
    },
    {
      description: 'Push what another tool built into a folder',
      command: '<%= config.bin %> <%= command.id %> oci:dist --to registry.example.com/team/app:v1',
    },
    {
      description: 'Deploy by digest, which cannot be moved to another image',
      command: 'kubectl set image job/train app=$(<%= config.bin %> <%= command.id %> --quiet)',
    },
  ];

  static override strict = false;

  static override args = {
    image: Args.string({
      description: `an image on the Docker Engine, with its tag; can be repeated. With --to, any image: ${IMAGE_NAMES}`,
    }),
  };

  static override flags = {
    ...registryFlags,
    'allow-unbaked': Flags.boolean({ description: 'push an image that kdeploy did not build' }),
    to: Flags.string({
      description: 'copy the image from its registry to this name and tag (default: its own tag)',
      helpValue: 'NAME',
    }),
    referrers: Flags.boolean({
      description: 'with --to: copy what belongs to the image in its registry: signatures, SBOMs',
      allowNo: true,
      default: true,
    }),
    'require-sbom': Flags.boolean({
      description: 'with --to: fail if the other registry does not take one of those',
      dependsOn: ['to'],
    }),
    'allow-secrets': Flags.boolean({ description: 'push an image that is known to contain a secret' }),
  };

  async run(): Promise<PushResult> {
    const { flags, argv } = await this.parse(Push);
    const progress = this.progress(flags);
    const { imageAddress } = await import('../ui/image-address.js');
    const named = argv.map((argument) => imageAddress(String(argument), flags));
    const pushed =
      flags.to === undefined
        ? await this.push(named, flags, progress)
        : [await this.copy(named, flags.to, flags, progress)];
    for (const reference of referencesOf(pushed)) this.log(reference);
    return { pushed };
  }

  /** Under the names that images have. */
  private async push(named: readonly ImageAddress[], flags: ParsedFlags, progress: Progress): Promise<PushedImage[]> {
    if (flags.remote) throw withoutTarget('--remote', 'in its registry already');
    const build = named.length === 0 ? await this.built(flags.project) : undefined;
    const targets = build === undefined ? await Promise.all(named.map(pushTarget)) : build.targets;
    const { waitingImages } = await import('../locate/locate-parts.js');
    const allowances = await allowancesOf(flags);
    const waiting = waitingImages({ state: StateFolder.ofUser(), signal: this.signal, plainHttp: flags['plain-http'] });
    const pushed: PushedImage[] = [];
    const onEngine: Target[] = [];
    for (const target of targets) {
      const source = (await waiting.find(target)) ?? (build && (await this.placeOf(build, target, flags)));
      if (source === undefined) onEngine.push(target);
      else {
        if (build !== undefined) await refuseOther(source, build.id, target);
        const request = { ...allowances, referrers: flags.referrers, requireSbom: flags['require-sbom'] };
        pushed.push(await this.promote(source, target, request, flags, progress));
        await waiting.forget(target);
      }
    }
    if (onEngine.length > 0) {
      const request = { references: onEngine, expectedId: build?.id, ...allowances };
      pushed.push(...(await this.pushFromEngine(request, progress)));
    }
    return pushed;
  }

  /** Where the last build put its image, if not on the engine: in its registry there is nothing left to do but to look. */
  private async placeOf({ place }: PushedBuild, target: Target, flags: ParsedFlags): Promise<ImageSource | undefined> {
    if (place === 'engine') return undefined;
    if (place === 'layout')
      throw new KdeployError('usage', 'the last build was written into a layout', {
        hint: `push it from there: \`kdeploy push oci:FOLDER --to ${target.toFamiliarString()}\`, or oci-archive:FILE`,
      });
    const { locateParts } = await import('../locate/locate-parts.js');
    const options = { state: StateFolder.ofUser(), signal: this.signal, plainHttp: flags['plain-http'] };
    return locateParts(options).registry(target);
  }

  private async pushFromEngine(request: PushRequest, progress: Progress): Promise<PushedImage[]> {
    const [{ connectEngine }, { pushImages }, { pushParts }] = await Promise.all([
      import('../places/engine/connection.js'),
      import('../publish/push-images.js'),
      import('../publish/push-parts.js'),
    ]);
    const engine = await connectEngine(undefined, this.signal);
    return pushImages(
      pushParts(engine, StateFolder.ofUser(), process.env, this.signal),
      request,
      progress,
      this.signal,
    );
  }

  /** To another name, from wherever the image is. */
  private async copy(
    named: readonly ImageAddress[],
    to: string,
    flags: ParsedFlags,
    progress: Progress,
  ): Promise<PushedImage> {
    const [address, ...others] = named;
    if (address === undefined || others.length > 0) {
      const count = address === undefined ? 'none is' : `${named.length} are`;
      throw new KdeployError('usage', `--to copies one image, but ${count} named`, {
        hint: 'kdeploy push staging.example.com/team/app:v1 --to prod.example.com/team/app:v1',
      });
    }
    const { registryTarget } = await import('../ui/image-address.js');
    const target = copyTarget(address, registryTarget(to));
    const [{ locateImage }, { locateParts }] = await Promise.all([
      import('../locate/locate-image.js'),
      import('../locate/locate-parts.js'),
    ]);
    const state = StateFolder.ofUser();
    const located = await locateImage(
      address,
      locateParts({ state, signal: this.signal, plainHttp: flags['plain-http'] }),
    );
    const allowances = await allowancesOf(flags);
    if (located.place === 'engine') return this.copyFromEngine(located, target, allowances, progress);
    const request = { ...allowances, referrers: flags.referrers, requireSbom: flags['require-sbom'] };
    return this.promote(located.source, target, request, flags, progress);
  }

  /** An engine pushes by name: the image gets that of the target. */
  private async copyFromEngine(
    { image }: ImageOnEngine,
    target: Target,
    allowances: Allowances,
    progress: Progress,
  ): Promise<PushedImage> {
    const [{ connectEngine }, { EngineImages }] = await Promise.all([
      import('../places/engine/connection.js'),
      import('../places/engine/images.js'),
    ]);
    const { docker, podman } = await connectEngine(undefined, this.signal);
    const images = new EngineImages(docker, podman);
    const name = target.toFamiliarString();
    const before = await images.find(name);
    if (before !== undefined && before.id !== image.id)
      throw new KdeployError('push-refused', `${name} names another image on the local Docker Engine`, {
        hint: `push that one with \`kdeploy push ${name}\`, or remove its tag first: \`docker rmi ${name}\``,
      });
    await images.tag(image.id, target.withoutTag().toFamiliarString(), target.tag);
    try {
      const [pushed] = await this.pushFromEngine(
        { references: [target], expectedId: image.id, ...allowances },
        progress,
      );
      if (pushed === undefined) throw new Error('nothing was pushed');
      return pushed;
    } catch (error) {
      if (before === undefined) await images.remove(name).catch(() => undefined);
      throw error;
    }
  }

  private async promote(
    source: ImageSource,
    target: Target,
    request: Omit<PromoteRequest, 'target'>,
    flags: ParsedFlags,
    progress: Progress,
  ): Promise<PushedImage> {
    const [{ promoteImage }, { promoteParts }] = await Promise.all([
      import('../promote/promote-image.js'),
      import('../promote/promote-parts.js'),
    ]);
    const stop = new AbortController();
    const signal = AbortSignal.any([this.signal, stop.signal]);
    try {
      const parts = promoteParts(source, target, StateFolder.ofUser(), { signal, plainHttp: flags['plain-http'] });
      return await promoteImage(parts, { ...request, target }, progress);
    } finally {
      // Where one layer failed, others may be under way.
      stop.abort();
    }
  }

  private async built(folder: string | undefined): Promise<PushedBuild> {
    const { root } = await findProject(folder ?? process.cwd());
    const { id, tags, place } = await lastBuild(StateFolder.ofUser(), root);
    return { id, place, targets: tags.map((tag) => parseReference(tag) as Target) };
  }
}

/** What the last build made. */
interface PushedBuild {
  readonly id: string;
  readonly place: BuildPlace;
  readonly targets: readonly Target[];
}

/** What was checked is what is pushed. Throws KdeployError `push-refused`. */
async function refuseOther(source: ImageSource, digest: string, target: Target): Promise<void> {
  if ((await source.root()).digest === digest) return;
  throw new KdeployError('push-refused', `${target.toFamiliarString()} names another image than the last build made`, {
    hint: 'build it again, or push what has the name now by naming it: `kdeploy push NAME`',
  });
}

async function allowancesOf(flags: ParsedFlags): Promise<Allowances> {
  return {
    allowUnbaked: flags['allow-unbaked'],
    allowSecrets: flags['allow-secrets'],
    allowLostRuns: await allowsLostRuns(flags.project ?? process.cwd()),
  };
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
function copyTarget(source: ImageAddress, to: ImageReference): Target {
  if (to.digest !== undefined)
    throw new KdeployError('usage', `${to.toFamiliarString()} is a digest, but a copy needs a tag`, {
      hint: 'the digest stays the same: name a tag, such as --to registry.example.com/team/app:v1',
    });
  const tag = to.tag ?? ('reference' in source ? source.reference.tag : undefined);
  if (tag === undefined)
    throw new KdeployError(
      'usage',
      `${to.toFamiliarString()} has no tag, and ${'path' in source ? 'an image in a file gives it none' : 'the image is named by its digest'}`,
      { hint: `name a tag: --to ${to.toFamiliarString()}:v1` },
    );
  return to.withTag(tag) as Target;
}

/** Throws KdeployError `usage` for what does not say where it goes. */
async function pushTarget(address: ImageAddress): Promise<Target> {
  if (address.place !== 'anywhere')
    throw withoutTarget(
      (await import('../image/address.js')).formatImageAddress(address),
      'path' in address ? 'in a file' : 'in its registry already',
    );
  const { reference } = address;
  if (reference.digest !== undefined) {
    throw new KdeployError('usage', `${reference.toFamiliarString()} is a digest, but a push needs a tag`, {
      hint: 'name the image by tag, as `docker images` shows it; or say where a copy of it goes: --to registry.example.com/team/app:v1',
    });
  }
  return reference as Target;
}

function withoutTarget(what: string, where: string): KdeployError {
  return new KdeployError('usage', `${what} names an image that is ${where}, but no target is given`, {
    hint: 'say where: --to registry.example.com/team/app:v1',
  });
}
