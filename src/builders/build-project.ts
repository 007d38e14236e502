import { EngineBaker } from '../bake/engine-baker.js';
import { bakedTracking } from '../bake/baked-tracking.js';
import { EngineSelfTester } from '../bake/self-test.js';
import { installedLayers, selfTestKey } from '../bake/self-test-key.js';
import { Verdicts } from '../bake/verdicts.js';
import type { CheckReport } from '../checks/check.js';
import type { Settings } from '../config/settings/settings.js';
import type { EngineConnection } from '../places/engine/connection.js';
import { EngineContainers } from '../places/engine/containers.js';
import { EngineImages, type EngineImage } from '../places/engine/images.js';
import { sweepLeftovers } from '../places/engine/leftovers.js';
import { messageOf } from '../errors.js';
import type { GitRepository } from '../git/repository.js';
import type { BakedTracking, BakePlan } from '../image/bake-plan.js';
import type { Progress } from '../progress.js';
import type { ProjectModel } from '../project/model.js';
import type { StateFolder } from '../state-folder.js';
import { buildImage, type BuiltImage } from './build-image.js';
import { buildRequest } from './build-request.js';
import { createBuilder } from './create-builder.js';
import type { GitFacts } from './git-facts.js';
import { rememberBuild } from './last-build.js';
import { creationTime } from './origin.js';
import { planOfBuild } from './plan-of-build.js';
import { targetTags } from './target-tags.js';

export interface BuildProjectOptions {
  readonly model: ProjectModel;
  readonly settings: Settings;
  readonly env: string;
  /** Whether Kedro uses `env` by default, so that nothing need be baked for it. */
  readonly isDefaultEnv?: boolean;
  /** The project's folder of configuration; default `conf`. */
  readonly confSource?: string;
  /** The value of --kedro. */
  readonly kedro: string | undefined;
  readonly selfTest: 'auto' | 'always' | 'never';
  /** What the checks found out about tracking; they have passed, or were switched off. */
  readonly report: Pick<CheckReport, 'tracking' | 'trackingConfig'>;
  readonly git: Promise<GitFacts>;
  readonly kdeployVersion: string;
  readonly engine: EngineConnection;
  readonly state: StateFolder;
  readonly environment: NodeJS.ProcessEnv;
}

/**
 * The main job: from a project that passed its checks to an image under its tags. Names are worked out before anything
 * is built, so that a mistake in them costs nothing.
 */
export async function buildProject(
  options: BuildProjectOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<BuiltImage> {
  const { model, settings, env, environment, engine, report } = options;
  const { project } = model;
  const [{ repository }, tracking] = await Promise.all([
    options.git,
    bakedTracking({
      settings,
      ...report,
      mlflowFile: `${options.confSource ?? 'conf'}/${env}/mlflow.yml`,
      kdeployVersion: options.kdeployVersion,
    }),
  ]);
  const targets = targetTags(settings, project, { env, repository, environment });
  const request = await buildRequest(project, settings, environment);
  const builder = await createBuilder({ ...options, request });
  const [images, containers] = [new EngineImages(engine.docker, engine.podman), new EngineContainers(engine.docker)];

  await sweep(engine, images, progress);
  const built = await buildImage(
    {
      builder,
      images,
      baker: new EngineBaker(containers, images),
      selfTester: new EngineSelfTester(containers),
      verdicts: new Verdicts(options.state, project.source),
    },
    {
      request,
      plan: (image) =>
        plan(options, { image, images, repository, tracking, imageName: targets[0]?.toFamiliarString() }),
      expected: tracking,
      selfTest: options.selfTest,
      selfTestKey: async (image: EngineImage, { digest }: BakePlan) =>
        selfTestKey({
          source: project.source,
          confSource: options.confSource ?? 'conf',
          installed: installedLayers(image.layers, await images.history(image.id)),
          planDigest: digest,
        }),
      targets: targets.map((target) => ({
        repository: target.withoutTag().toFamiliarString(),
        tag: target.tag ?? 'latest',
      })),
    },
    progress,
    signal,
  );
  await rememberBuild(options.state, project.root, { ...built, place: 'engine' }).catch((error: unknown) => {
    // The image is built and tagged; only the shorthand of `kdeploy push` is lost.
    progress.note(
      `warning: this build could not be recorded, so \`kdeploy push\` will need the image's name: ${messageOf(error)}`,
    );
  });
  return built;
}

/** What builds before this one left behind. It costs two questions, and a build without an answer to them goes on. */
async function sweep(engine: EngineConnection, images: EngineImages, progress: Progress): Promise<void> {
  const count = await sweepLeftovers(engine.docker, images).catch(() => 0);
  if (count > 0)
    progress.note(`removed ${count} leftover${count === 1 ? '' : 's'} of kdeploy commands that were killed`);
}

async function plan(
  options: BuildProjectOptions,
  made: {
    image: EngineImage;
    images: EngineImages;
    repository: GitRepository | undefined;
    tracking: BakedTracking | undefined;
    imageName: string | undefined;
  },
): Promise<BakePlan> {
  const { image, images, ...facts } = made;
  const baseName = (await options.model.dockerfile()).value?.baseImage;
  const base = baseName === undefined ? undefined : await images.find(baseName);
  return planOfBuild(options, {
    ...facts,
    image: image.configuration,
    isSelfTested: options.selfTest !== 'never',
    baseName,
    baseDigest: base?.repoDigests[0]?.split('@')[1],
    created: creationTime(options.environment),
  });
}
