import { KdeployError } from '../errors.js';
import { pathFiles, type BakePlan } from '../image/bake-plan.js';
import { BAKE_COMMENT } from '../image/bake-step.js';
import type { Image } from '../image/image.js';
import { LABELS } from '../image/labels.js';
import { formatLocations, type Locations } from '../image/locations.js';
import { append, withRunConfiguration } from '../image/mutate.js';
import { bakeLayer } from './bake-layer.js';

/**
 * Applies a bake plan to an image that was built as a value: its files as one more layer, its run configuration and labels.
 * Pure: the same image and plan give the same digest. Throws KdeployError `bake-failed` for an image without a folder that the plan needs.
 */
export async function bakeValue(image: Image, plan: BakePlan, locations: Locations, what: string): Promise<Image> {
  for (const { folder, otherwise } of plan.needs) {
    if (Object.hasOwn(locations.folders, locations.real[folder] ?? folder)) continue;
    throw new KdeployError('bake-failed', otherwise, {
      hint: 'build from the folder that contains conf/, and make sure that .dockerignore does not exclude conf/',
    });
  }
  const files = [...plan.files, ...pathFiles(plan, locations)];
  const layer = await bakeLayer(files, locations, image.manifest.mediaType);
  const step = { createdBy: 'kdeploy bake', comment: BAKE_COMMENT };
  const { configuration } = plan;
  const labels = { ...configuration.labels, [LABELS.locations]: formatLocations(locations) };
  return withRunConfiguration(append(image, layer, step, what), { ...configuration, labels }, what);
}
