import type { Baker } from '../bake/baker.js';
import type { SelfTester } from '../bake/self-test.js';
import type { Verdicts } from '../bake/verdicts.js';
import type { EngineImage, EngineImages } from '../places/engine/images.js';
import { bakedTag } from '../places/engine/intermediate.js';
import { KdeployError } from '../errors.js';
import type { BakedTracking, BakePlan } from '../image/bake-plan.js';
import type { Progress } from '../progress.js';
import type { Builder, BuildRequest } from './builder.js';
import { refuseKeptSecrets } from './kept-secrets.js';
import { moveTags, TagsAstrayError, type TargetTag } from './move-tags.js';

/** Who does the work; the composition root chooses. */
export interface BuildParts {
  readonly builder: Builder;
  readonly images: Pick<EngineImages, 'find' | 'history' | 'tag' | 'remove'>;
  readonly baker: Baker;
  readonly selfTester: SelfTester;
  /** Self-test verdicts by content; one that is known need not be found again. */
  readonly verdicts: Pick<Verdicts, 'isKnown'> & {
    readonly remember: (...verdict: Parameters<Verdicts['remember']>) => Promise<unknown>;
  };
}

export interface BuildInput {
  readonly request: BuildRequest;
  /** Plans the bake of the image that was built. */
  readonly plan: (image: EngineImage) => Promise<BakePlan>;
  /** What the self-test must find; `undefined` for an image without tracking, which has none. */
  readonly expected: BakedTracking | undefined;
  readonly selfTest: 'auto' | 'always' | 'never';
  readonly selfTestKey: (image: EngineImage, plan: BakePlan) => Promise<string>;
  /** The tags to move when everything is well. */
  readonly targets: readonly TargetTag[];
}

export interface BuiltImage {
  readonly id: string;
  readonly tags: readonly string[];
  readonly plan: string;
  readonly size: number;
  readonly selfTest: 'passed' | 'known to pass' | 'skipped';
}

/**
 * build → bake → self-test → tags. The tags are moved last: a build that fails, is interrupted or loses its engine
 * leaves every tag where it was, and takes its own intermediate tag and images away.
 */
export async function buildImage(
  parts: BuildParts,
  input: BuildInput,
  progress: Progress,
  signal: AbortSignal,
): Promise<BuiltImage> {
  const { request, targets } = input;
  let temporary: string | undefined;
  let discarded: string | undefined;
  try {
    await progress.step(buildTitle(parts.builder, request), (step) => parts.builder.build(request, step, signal));
    const image = await findBuilt(parts, request);
    await refuseKeptSecrets(parts.images, image, request.buildArguments);
    signal.throwIfAborted();

    const plan = await input.plan(image);
    temporary = bakedTag(request.tag);
    const baked = await progress.step('bake', async (step) => {
      const id = await parts.baker.bake(image, plan, bakedTag(request.tag));
      step.result(shortId(id));
      return id;
    });
    discarded = baked;
    const selfTest = await verify(parts, input, { image, plan, baked }, progress, signal);
    signal.throwIfAborted();

    const size = (await parts.images.find(baked))?.size ?? 0;
    await moveTags(parts.images, baked, targets);
    discarded = undefined;
    return {
      id: baked,
      tags: targets.map(({ repository, tag }) => `${repository}:${tag}`),
      plan: plan.digest,
      size,
      selfTest,
    };
  } catch (error) {
    if (signal.aborted) throw interrupted(error);
    throw error;
  } finally {
    for (const name of [temporary, discarded, request.tag]) await discard(parts.images, name);
  }
}

function interrupted(error: unknown): KdeployError {
  if (!(error instanceof TagsAstrayError))
    return new KdeployError('interrupted', 'interrupted; no tag was moved', { cause: error });
  const { state, hint } = error;
  return new KdeployError('interrupted', `interrupted; ${state}`, {
    cause: error,
    ...(hint !== undefined && { hint }),
  });
}

function buildTitle(builder: Builder, request: BuildRequest): string {
  return builder.name === 'kedro' ? 'kedro docker build' : `docker build ${request.dockerfile}`;
}

async function findBuilt(parts: BuildParts, request: BuildRequest): Promise<EngineImage> {
  const image = await parts.images.find(request.tag);
  if (image !== undefined) return image;
  throw new KdeployError('build-failed', 'the build succeeded, but its image is not on the engine that kdeploy uses', {
    hint: 'docker and kdeploy talk to different engines, or buildx keeps its result elsewhere: check `docker context ls` and `docker buildx ls`',
  });
}

async function verify(
  parts: BuildParts,
  input: BuildInput,
  made: { image: EngineImage; plan: BakePlan; baked: string },
  progress: Progress,
  signal: AbortSignal,
): Promise<BuiltImage['selfTest']> {
  const { expected } = input;
  if (expected === undefined) return 'skipped';
  if (input.selfTest === 'never') {
    progress.note('self-test skipped: it is not verified that this image logs to MLflow');
    return 'skipped';
  }
  const key = await input.selfTestKey(made.image, made.plan);
  if (input.selfTest === 'auto' && (await parts.verdicts.isKnown(key))) {
    progress.note('self-test: skipped, nothing it depends on has changed since it last passed');
    return 'known to pass';
  }
  const files = await progress.step('self-test', async (step) => {
    step.update('starting Kedro in the image');
    const readFiles = await parts.selfTester.test(made.baked, expected, signal);
    step.result(`logs to ${expected.uri}, experiment ${expected.experiment}`);
    return readFiles;
  });
  await parts.verdicts.remember(key, files);
  return 'passed';
}

/** Best effort: the result, or the first failure, matters more than an image that could not be cleared away. */
async function discard(images: BuildParts['images'], name: string | undefined): Promise<void> {
  if (name !== undefined) await images.remove(name).catch(() => undefined);
}

/** `sha256:0123456789ab`, as docker shows IDs. */
export function shortId(id: string): string {
  return id.slice(0, 'sha256:'.length + 12);
}
