import type { Finding } from '../finding.js';
import type { ImageAddress } from '../image/address.js';
import type { Platform } from '../image/platform.js';
import { selectImage } from '../image/select-image.js';
import { locateImage, type LocateParts } from '../locate/locate-image.js';
import { checkEngineImage, checkImage, type KeptVerdicts } from './check-image.js';

/**
 * What an image contains that nobody should read, wherever it is. Throws what `locateImage` and `selectImage` throw, and what
 * the engine does.
 */
export async function checkImageAnywhere(
  address: ImageAddress,
  platform: Platform,
  parts: LocateParts,
  verdicts: KeptVerdicts,
): Promise<Finding[]> {
  const located = await locateImage(address, parts);
  if (located.place === 'engine') return checkEngineImage(located, verdicts);
  return checkImage((await selectImage(located.source, platform)).image, verdicts);
}
