import { bakedTracking } from '../bake/baked-tracking.js';
import { bakeValue } from '../bake/bake-value.js';
import { FolderCache } from '../cache/file-cache.js';
import { KdeployError, messageOf } from '../errors.js';
import { earlierCommits } from '../git/commit-time.js';
import type { Image } from '../image/image.js';
import type { ImageReference } from '../image/reference.js';
import type { ReferrerSink } from '../image/sink.js';
import { treeOf } from '../image/tree.js';
import { locateParts, waitingImages } from '../locate/locate-parts.js';
import { assertOutputWritable } from '../places/layout/write-output.js';
import type { Progress } from '../progress.js';
import { publishParts } from '../promote/promote-parts.js';
import { publishTree, type Target } from '../promote/publish-tree.js';
import type { PushedImage } from '../publish/push-images.js';
import { BackgroundWork } from './background-work.js';
import type { BuildProjectOptions } from './build-project.js';
import { EarlyBlobs } from './early-blobs.js';
import { rememberBuild, type BuildPlace } from './last-build.js';
import { DamagedLayerError } from './layers/kept-layers.js';
import { makeImage, type MadeImage } from './layers/make-image.js';
import { describingReferrers, verdictReferrer } from './layers/describing-referrers.js';
import { creationTime } from './origin.js';
import { planOfBuild } from './plan-of-build.js';
import { placeValue, type ValuePlace } from './place-value.js';
import { targetTags } from './target-tags.js';
import { testValue, type TestOutcome } from './test-value.js';
import { valueTester } from './value-tester.js';

export interface BuildValueOptions extends Omit<BuildProjectOptions, 'engine' | 'selfTest'> {
  readonly selfTest: SelfTestChoice;
  readonly place: ValuePlace;
  /** The registries of the base image and of the result have no TLS. */
  readonly plainHttp: boolean;
  /** Whether a registry that does not take the SBOM is a failure. */
  readonly requireSbom: boolean;
}

export type SelfTestChoice = 'auto' | 'always' | 'never' | 'container';

export interface BuiltValue {
  /** Of the image's manifest: how a registry knows it. */
  readonly digest: string;
  /** Of its configuration: how an engine knows it. */
  readonly id: string;
  /** `name:tag`. */
  readonly tags: readonly string[];
  readonly plan: string;
  readonly selfTest: 'passed' | 'known to pass' | 'skipped';
  readonly place: BuildPlace;
  /** By which it is found there. */
  readonly names: readonly string[];
  readonly pushed: readonly PushedImage[] | undefined;
}

/** How many commits back an image is looked for that has most of the layers. */
const EARLIER_COMMITS = 5;

/**
 * The main job without an engine: from a project that passed its checks to an image in its place. The self-test runs while the
 * layers travel, for a blob that no manifest names cannot be found; the manifest is written only when it passed. Throws
 * KdeployError; whatever stops it, names stand for what they stood for before.
 */
export async function buildValue(
  options: BuildValueOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<BuiltValue> {
  if (options.place.kind === 'layout') await assertOutputWritable(options.place.address);
  const attempt = async (isWary: boolean): Promise<BuiltValue> => {
    const background = new BackgroundWork(signal);
    try {
      return await buildOnce(options, { isWary, background }, progress, signal);
    } finally {
      await background.end();
    }
  };
  try {
    return await attempt(false);
  } catch (error) {
    if (!isDamagedLayer(error)) throw error;
    progress.note(`${messageOf(error)}; it is made again`);
    return attempt(true);
  }
}

/** By whatever it was read when it was found out. */
function isDamagedLayer(error: unknown): boolean {
  return error instanceof DamagedLayerError || (error instanceof Error && isDamagedLayer(error.cause));
}

async function buildOnce(
  options: BuildValueOptions,
  { isWary, background }: { readonly isWary: boolean; readonly background: BackgroundWork },
  progress: Progress,
  signal: AbortSignal,
): Promise<BuiltValue> {
  const { model, settings, env, environment, report, state } = options;
  const { project } = model;
  const confSource = options.confSource ?? 'conf';
  const [{ repository, committed }, tracking] = await Promise.all([
    options.git,
    bakedTracking({
      settings,
      ...report,
      mlflowFile: `${confSource}/${env}/mlflow.yml`,
      kdeployVersion: options.kdeployVersion,
    }),
  ]);
  const targets = targetTags(settings, project, { env, repository, environment }) as Target[];
  const created = notBeforeZip(creationTime(environment, committed), progress);
  const cache = FolderCache.ofUser(environment);
  const locate = locateParts({ state, signal, plainHttp: options.plainHttp });
  let naming: ReturnType<typeof earlierTargets> | undefined;
  const earlier = () => (naming ??= earlierTargets(options, targets));
  const registry = options.place.kind === 'registry' ? registryOf(options, targets, background) : undefined;
  const made = await makeImage(
    {
      ...{ model, settings, confSource, kedro: options.kedro, created, cache, isWary, locate, environment },
      ...{ earlier, background },
      isTestedHere: tracking !== undefined && (options.selfTest === 'auto' || options.selfTest === 'always'),
      onLayer: (layer) => registry?.early.begin(layer),
    },
    progress,
    signal,
  );
  const { from } = made.base;
  const plan = await planOfBuild(options, {
    ...{ tracking, repository, created, imageName: targets[0]?.toFamiliarString() },
    image: made.image.config.value.run,
    isSelfTested: options.selfTest !== 'never',
    baseName: from === undefined ? undefined : made.baseName,
    baseDigest: from?.digest,
  });
  const baked = await progress.step('bake', async (step) => {
    const image = await bakeValue(made.image, plan, made.locations, made.baseName);
    step.result(image.manifest.digest);
    return image;
  });

  const sourcesOf = async (asking: AbortSignal) =>
    (await earlier()).map(locateParts({ state, signal: asking, plainHttp: options.plainHttp }).registry);
  const test = testValue(
    options,
    { made, plan, tracking, confSource, earlier: sourcesOf },
    valueTester(options, { made, baked, cache }, signal),
    progress,
    signal,
  );
  // Where the image would not log, nothing more of it need travel.
  test.catch(() => {
    background.abort();
  });
  try {
    const placed = await place(options, { made, baked, targets, test, registry }, progress, background.signal);
    const { selfTest } = await test;
    const built = {
      digest: baked.manifest.digest,
      id: baked.config.digest,
      tags: targets.map((target) => target.toFamiliarString()),
      plan: plan.digest,
      selfTest,
      ...{ place: placed.place, names: placed.names, pushed: placed.pushed },
    };
    const { place: where, engineId } = placed;
    const remembered = { id: engineId ?? built.digest, tags: built.tags, place: where };
    await rememberBuild(state, project.root, remembered).catch((error: unknown) => {
      progress.note(
        `warning: this build could not be recorded, so \`kdeploy push\` will need the image's name: ${messageOf(error)}`,
      );
    });
    await cache.pruneDaily().catch(() => undefined);
    return { ...built, id: engineId ?? built.id };
  } catch (error) {
    // What the test says is why nothing was sent.
    await test;
    throw error;
  }
}

/** The repository that the image goes to, and what of it is there before the image is. */
interface Registry {
  readonly targets: readonly [Target, ...Target[]];
  readonly parts: ReturnType<typeof publishParts>;
  readonly early: EarlyBlobs;
}

function registryOf(
  { state, plainHttp }: BuildValueOptions,
  [first, ...others]: readonly Target[],
  background: BackgroundWork,
): Registry {
  if (first === undefined) throw new KdeployError('configuration', 'no image name is configured to push under');
  const parts = publishParts(first, state, { signal: background.signal, plainHttp, isNew: true });
  return { targets: [first, ...others], parts, early: new EarlyBlobs(parts.sink, background) };
}

/** Zip files and what reads them know no time before 1980, in any time zone (pypa/hatch#1605). */
const EARLIEST = '1980-01-02T00:00:00.000Z';

function notBeforeZip(created: string, progress: Progress): string {
  if (created >= EARLIEST) return created;
  progress.note(
    `${created} (from SOURCE_DATE_EPOCH, else the commit) is before 1980, which zip files cannot say: the image is dated 1980-01-02`,
  );
  return EARLIEST;
}

/** The names that the image gets, the newest one, and those of the commits before. */
async function earlierTargets(
  { settings, model, env, environment }: BuildValueOptions,
  targets: readonly ImageReference[],
): Promise<ImageReference[]> {
  const { project } = model;
  const earlier = settings.image.tags.some((tag) => tag.includes('{git.sha}'))
    ? await earlierCommits(project.root, EARLIER_COMMITS)
    : [];
  const tags = earlier.flatMap((revision) =>
    targetTags(settings, project, {
      ...{ env, environment },
      repository: {
        ...{ root: project.root, revision, shortRevision: revision.slice(0, 12) },
        ...{ branch: 'main', dirty: false, remoteUrl: undefined },
      },
    }),
  );
  const [first] = targets;
  const all = [...targets, ...(first === undefined ? [] : [first.withTag('latest')]), ...tags];
  return [...new Map(all.map((reference) => [reference.toString(), reference])).values()];
}

async function place(
  options: BuildValueOptions,
  {
    made,
    baked,
    targets,
    test,
    registry,
  }: {
    made: MadeImage;
    baked: Image;
    targets: readonly Target[];
    test: Promise<TestOutcome>;
    registry: Registry | undefined;
  },
  progress: Progress,
  signal: AbortSignal,
): Promise<Pick<BuiltValue, 'place' | 'names' | 'pushed'> & { readonly engineId?: string }> {
  const { state, plainHttp, place: wanted, settings, requireSbom } = options;
  const tree = treeOf(baked);
  const beforeManifests = () => test;
  const note = (text: string): void => {
    progress.note(text);
  };
  // While the place answers, there is time to write it.
  const describing = settings.image.sbom ? describingReferrers(options, made, baked) : Promise.resolve([]);
  describing.catch(() => undefined);
  const attach = async (sink: ReferrerSink): Promise<void> => {
    const { verdict } = await test;
    const referrers = [
      ...(await describing),
      ...(verdict === undefined ? [] : [await verdictReferrer(verdict, baked)]),
    ];
    if (referrers.length === 0) return;
    const { attachReferrers } = await import('../supply-chain/attach.js');
    await attachReferrers(referrers, { sink, note, isRequired: requireSbom });
  };
  if (wanted.kind !== 'registry') {
    const parts = { base: made.base, targets, attach, test, state, plainHttp };
    return { ...(await placeValue(wanted, baked, parts, progress, signal)), pushed: undefined };
  }
  if (registry === undefined) throw new Error('there is no registry to push to');
  const parts = { ...registry.parts, sink: registry.early, beforeManifests };
  const name = registry.targets[0].toFamiliarString();
  const pushed = await publishTree(tree, name, parts, registry.targets, wanted.allowances, progress);
  await attach(registry.parts.sink);
  const waiting = waitingImages({ state, signal, plainHttp });
  for (const target of targets) await waiting.forget(target);
  return { place: 'registry', names: pushed.map(({ tag }) => tag), pushed };
}
