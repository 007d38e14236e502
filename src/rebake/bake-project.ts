import { bakedTracking } from '../bake/baked-tracking.js';
import type { RebakeInput } from '../bake/rebake-image.js';
import type { CheckReport } from '../checks/check.js';
import type { Settings } from '../config/settings/settings.js';
import { KdeployError } from '../errors.js';
import type { ImageAddress, OutputAddress } from '../image/address.js';
import type { Image } from '../image/image.js';
import { OCI_LABELS } from '../image/labels.js';
import { parseReference, type ImageReference } from '../image/reference.js';
import type { WriteProgress } from '../image/write-tree.js';
import { imageSource, locateImage, type LocatedImage } from '../locate/locate-image.js';
import { locateParts, waitingImages } from '../locate/locate-parts.js';
import { connectEngine } from '../places/engine/connection.js';
import { ExportedImage } from '../places/engine/exported-image.js';
import { EngineImages } from '../places/engine/images.js';
import { assertOutputWritable, writeOutput } from '../places/layout/write-output.js';
import type { Progress } from '../progress.js';
import { promoteParts } from '../promote/promote-parts.js';
import { publishTree, type Target } from '../promote/publish-tree.js';
import { pushImages, type PushedImage } from '../publish/push-images.js';
import { pushParts } from '../publish/push-parts.js';
import type { Allowances } from '../publish/refusals.js';
import type { StateFolder } from '../state-folder.js';
import { bakeImage, type BakedImage } from './bake-image.js';
import { bakedTags } from './baked-tags.js';
import { placeOnEngine, placeResult, requireWritable } from './place-result.js';

export interface BakeProjectOptions extends Pick<
  RebakeInput,
  'env' | 'isDefaultEnv' | 'confSource' | 'kdeployVersion' | 'allowUntested'
> {
  readonly address: ImageAddress;
  readonly settings: Settings;
  /** What the checks found out about tracking. */
  readonly report: Pick<CheckReport, 'tracking' | 'trackingConfig'>;
  /** Templates; none where the result gets no name. */
  readonly tags: readonly string[];
  /** Of the result; default the image's own. */
  readonly repository: ImageReference | undefined;
  /** A layout to write the result into. */
  readonly output: OutputAddress | undefined;
  readonly push: Allowances | undefined;
  readonly isDryRun: boolean;
  readonly plainHttp: boolean;
  readonly state: StateFolder;
  readonly environment: NodeJS.ProcessEnv;
}

export interface BakedProject {
  readonly baked: BakedImage;
  /** `engine`: its ID on the engine is in `id`. `undefined`: nothing was written. */
  readonly place: 'engine' | 'waiting' | 'layout' | 'registry' | undefined;
  readonly id: string | undefined;
  /** By which the result is found. */
  readonly names: readonly string[];
  readonly pushed: readonly PushedImage[] | undefined;
}

/**
 * Bakes an image of this project again: changes where it logs and how it authenticates, and nothing else. The result goes
 * where the image came from, or where the user wants it. Names are worked out before anything is written. Throws
 * KdeployError.
 */
export async function bakeProject(
  options: BakeProjectOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<BakedProject> {
  const { address, settings, report, env, state, plainHttp } = options;
  if (!options.isDryRun && options.output === undefined && options.push === undefined) await requireWritable(address);
  if (options.output !== undefined) await assertOutputWritable(options.output);
  const tracking = await bakedTracking({
    settings,
    ...report,
    mlflowFile: `${options.confSource}/${env}/mlflow.yml`,
    kdeployVersion: options.kdeployVersion,
  });
  if (tracking === undefined)
    throw new KdeployError('configuration', 'the project is set up to log nowhere, so there is nothing to bake', {
      hint: 'set mlflow.enabled: true in kdeploy.yml to see what is missing: `kdeploy check`',
    });
  const located = await locateImage(address, locateParts({ state, signal, plainHttp }));
  const repository = repositoryOf(located, options);
  const namesOf = (image: Image): { readonly tags: readonly string[]; readonly targets: readonly Target[] } => {
    const revision = image.config.value.run.labels[OCI_LABELS.revision];
    const tags = bakedTags({ templates: options.tags, revision, env });
    return { tags, targets: repository === undefined ? [] : tags.map((tag) => repository.withTag(tag) as Target) };
  };
  const source = imageSource(located);
  const baked = await progress.step(`bake ${source.name}`, async (step) => {
    const made = await bakeImage(
      source,
      {
        ...{ tracking, env, isDefaultEnv: options.isDefaultEnv, confSource: options.confSource },
        ...{ kdeployVersion: options.kdeployVersion, allowUntested: options.allowUntested },
        imageName: (image) => namesOf(image).targets[0]?.toFamiliarString(),
        origin: located.place === 'registry' ? located.source.repository : undefined,
      },
      (text) => step.note(text),
    );
    step.result(made.after === made.before ? 'it is baked so already' : made.after.document.digest);
    return made;
  });
  const [first] = baked.platforms;
  if (options.isDryRun || first === undefined)
    return { baked, place: undefined, id: undefined, names: [], pushed: undefined };
  const { tags, targets } = namesOf(first.after);
  const written =
    options.output === undefined ? undefined : await intoOutput(baked, options.output, tags, progress, signal);
  if (options.push === undefined && written !== undefined)
    return { baked, place: 'layout', id: undefined, names: written, pushed: undefined };
  if (source instanceof ExportedImage) return onEngine(baked, source, targets, options, progress, signal);
  if (options.push === undefined) {
    const waiting = waitingImages({ state, signal, plainHttp });
    const placed = await placeResult(baked, { address, located, waiting, targets, tags });
    return { baked, ...placed, id: undefined, pushed: undefined };
  }
  const pushed = await toRegistry(baked, targets, { ...options, push: options.push }, progress, signal);
  return { baked, place: 'registry', id: undefined, names: pushed.map(({ tag }) => tag), pushed };
}

/** The name that the result gets: what the user says, else the image's own, else the project's. */
function repositoryOf(
  located: LocatedImage,
  { repository, settings, push }: Pick<BakeProjectOptions, 'repository' | 'settings' | 'push'>,
): ImageReference | undefined {
  const { name } = settings.image;
  const found =
    repository ?? located.reference?.withoutTag() ?? (name === null ? undefined : parseReference(name).withoutTag());
  if (found === undefined && push !== undefined)
    throw new KdeployError('usage', 'the image is in a file, which has no name to push it under', {
      hint: 'pass `--image registry.example.com/team/app`, or set image.name in conf/base/kdeploy.yml',
    });
  return found;
}

async function intoOutput(
  { after }: BakedImage,
  output: OutputAddress,
  tags: readonly string[],
  progress: Progress,
  signal: AbortSignal,
): Promise<string[]> {
  return progress.step(`write ${output.transport}:${output.path}`, async (step) => {
    const onProgress = ({ blobsDone, blobs }: WriteProgress): void => step.update(`${blobsDone} of ${blobs} blobs`);
    return writeOutput(after, output, { tags, onProgress }, signal);
  });
}

async function onEngine(
  baked: BakedImage,
  exported: ExportedImage,
  targets: readonly Target[],
  { push, state, environment }: BakeProjectOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<BakedProject> {
  const engine = await connectEngine(undefined, signal);
  const images = new EngineImages(engine.docker, engine.podman);
  const image = await images.find(exported.id);
  if (image === undefined)
    throw new KdeployError('image-not-found', `${exported.name} was removed from the engine while it was baked`);
  const names = targets.map((target) => target.toFamiliarString());
  const id = await progress.step(`tag ${names.join(', ')}`, async () =>
    placeOnEngine(baked, exported, { images, image }, targets),
  );
  if (push === undefined) return { baked, place: 'engine', id, names, pushed: undefined };
  const request = { references: targets, expectedId: id, ...push };
  const pushed = await pushImages(pushParts(engine, state, environment, signal), request, progress, signal);
  return { baked, place: 'registry', id, names, pushed };
}

async function toRegistry(
  { after, source }: BakedImage,
  targets: readonly Target[],
  { push, state, plainHttp }: BakeProjectOptions & { readonly push: Allowances },
  progress: Progress,
  signal: AbortSignal,
): Promise<PushedImage[]> {
  const [first, ...others] = targets;
  if (first === undefined) throw new Error('there is no name to push under');
  const stop = new AbortController();
  const options = { signal: AbortSignal.any([signal, stop.signal]), plainHttp };
  try {
    const parts = promoteParts(source, first, state, options);
    const pushed = await publishTree(after, source.name, parts, [first, ...others], push, progress);
    // One that waited under the name is no longer what the name stands for.
    const waiting = waitingImages({ state, ...options });
    for (const target of targets) await waiting.forget(target);
    return pushed;
  } finally {
    // Where one layer failed, others may be under way.
    stop.abort();
  }
}
