import { KdeployError } from '../errors.js';
import { changesSinceBake } from '../image/bake-changes.js';
import { pathFiles, planBake, type BakedTracking, type BakePlan, type Origin } from '../image/bake-plan.js';
import type { Image } from '../image/image.js';
import { LABELS, OCI_LABELS, readBakedLabels, type BakedLabels } from '../image/labels.js';
import { parseLocations, type Locations } from '../image/locations.js';
import { bakedLayer, replaceLayer, withRunConfiguration } from '../image/mutate.js';
import type { PinnedReference } from '../image/reference.js';
import { environmentValue } from '../image/run-configuration.js';
import { bakeLayer } from './bake-layer.js';

export interface RebakeInput {
  readonly tracking: BakedTracking;
  readonly env: string;
  readonly isDefaultEnv: boolean;
  readonly confSource: string;
  readonly kdeployVersion: string;
  /** What the image will be called; `undefined`: nobody knows. */
  readonly imageName: string | undefined;
  /** What it is baked from, by digest; recorded where the bake changes anything. */
  readonly from: PinnedReference | undefined;
  /** Takes an image whose self-test does not cover the bake. */
  readonly allowUntested: boolean;
}

/**
 * The image with another tracking configuration: its variables, entrypoint and labels are edited, and kdeploy's own layer
 * is exchanged. Pure: the same image and input give the same digest, and what is baked so already stays as it is. All
 * that it has to know stands in labels, so that no layer is read. Throws KdeployError `image-unusable` for an image that
 * cannot be baked so, with what to do instead, and `configuration` for what `planBake` refuses; `what` names the image.
 */
export async function rebakeImage(image: Image, input: RebakeInput, what: string): Promise<Image> {
  const { run } = image.config.value;
  const baked = requireBaked(image, input, what);
  const plan = planBake({
    ...input,
    image: run,
    // The one that it has is nearer than none.
    imageName: input.imageName ?? environmentValue(run.env, 'KDEPLOY_IMAGE'),
    origin: originIn(run.labels),
    isSelfTested: isCovered(image, input, what),
  });
  const locations = requireLocations(image, plan, what);
  const layered = baked.plan === plan.digest ? image : await withLayer(image, plan, locations, what);
  const kept = (name: string) => (run.labels[name] === undefined ? {} : { [name]: run.labels[name] });
  const { configuration } = plan;
  const configured = (of: Image, labels: Readonly<Record<string, string>>): Image => {
    const all = { ...configuration.labels, ...kept(LABELS.locations), ...labels };
    return withRunConfiguration(of, { ...configuration, labels: all }, what);
  };
  const result = configured(layered, kept(LABELS.bakedFrom));
  if (result.manifest.digest === image.manifest.digest || input.from === undefined) return result;
  return configured(result, { [LABELS.bakedFrom]: input.from.toString() });
}

/** What of the image's labels a bake goes on from, where nobody has changed it since. */
function requireBaked({ config }: Image, { kdeployVersion }: RebakeInput, what: string): BakedLabels {
  const baked = readBakedLabels(config.value.run.labels);
  if (baked === undefined)
    throw unusable(`${what} was not built by kdeploy`, 'build it first, with tracking: `kdeploy build`');
  if (isNewer(baked.version, kdeployVersion)) {
    throw unusable(
      `${what} was built by kdeploy ${baked.version}, which is newer than this one (${kdeployVersion})`,
      `update kdeploy, or run that version: \`npx kdeploy@${baked.version} bake …\``,
    );
  }
  const [change] = changesSinceBake(config.value.run);
  // Of a run that all would share, the plan of the bake says what to do.
  if (change === undefined || change.kind === 'shared run') return baked;
  throw changed(
    what,
    change.kind === 'entrypoint'
      ? 'its entrypoint no longer starts with that of kdeploy'
      : `its ${change.name} is no longer the one that kdeploy baked`,
  );
}

/** Whether the verdict of the image's self-test holds for the bake. */
function isCovered({ config }: Image, { tracking, allowUntested }: RebakeInput, what: string): boolean {
  const tested = config.value.run.labels[LABELS.selfTest];
  if (tested === tracking.selfTestSubject) return true;
  if (allowUntested) return false;
  const hint = 'build it again where there is a Docker engine: `kdeploy build`; to bake it anyway: `--allow-untested`';
  if (tested === undefined || tested === '') throw unusable(`${what} was never self-tested`, hint);
  throw unusable(
    `the self-test of ${what} does not cover this bake, which changes more than addresses: the type of authentication, the rest of mlflow.yml, or the runtime of kdeploy`,
    hint,
  );
}

function requireLocations({ config }: Image, { needs }: BakePlan, what: string): Locations {
  const locations = parseLocations(config.value.run.labels[LABELS.locations]);
  if (locations === undefined) {
    throw unusable(
      `${what} does not record where its files are: an older kdeploy built it, or its Python could not be asked`,
      'build it again: `kdeploy build`',
    );
  }
  for (const { folder } of needs) {
    const real = locations.real[folder];
    if (real !== undefined && Object.hasOwn(locations.folders, real)) continue;
    throw unusable(
      `${what} was built with another folder of configuration than ${folder}`,
      'bake it from the project that it was built from, or build it again: `kdeploy build`',
    );
  }
  return locations;
}

async function withLayer(image: Image, plan: BakePlan, locations: Locations, what: string): Promise<Image> {
  const files = [...plan.files, ...pathFiles(plan, locations)];
  const layer = await bakeLayer(files, locations, image.manifest.mediaType);
  const index = bakedLayer(image);
  if (index !== undefined) return replaceLayer(image, index, layer, what);
  throw changed(what, 'its history no longer tells which layer is that of kdeploy');
}

/** A bake changes nothing of where an image comes from. */
function originIn(labels: Readonly<Record<string, string>>): Origin {
  const entries = Object.entries(OCI_LABELS).map(([key, name]) => [key, labels[name]] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as unknown as Origin;
}

/** Whether a release is newer than another: `1.10.0` than `1.9.3`; a pre-release counts as the release that it leads to. */
function isNewer(version: string, other: string): boolean {
  const [one, two] = [version, other].map((text) => text.split('-', 1)[0]?.split('.').map(Number) ?? []);
  const at = [0, 1, 2].find((index) => one?.[index] !== two?.[index]);
  return at !== undefined && !((one?.[at] ?? 0) < (two?.[at] ?? 0));
}

function changed(what: string, how: string): KdeployError {
  return unusable(
    `${what} was changed after kdeploy built it: ${how}`,
    'bake the image that `kdeploy build` made, and change that one afterwards',
  );
}

function unusable(message: string, hint: string): KdeployError {
  return new KdeployError('image-unusable', message, { hint });
}
