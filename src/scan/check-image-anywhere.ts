import type { Finding } from '../finding.js';
import { parseReference } from '../image/reference.js';
import { readRemoteImage } from '../places/registry/remote-image.js';
import { checkImage, checkRemoteImage } from './check-image.js';
import { selectedPlatform } from '../image/platform.js';
import { StateFolder } from '../state-folder.js';
import { LayerVerdicts } from './layer-verdicts.js';
import { localImages } from '../places/engine/local-images.js';

/**
 * What an image contains that nobody should read: the engine's image of that name, else the registry's. A machine without an
 * engine can still look into what is in a registry. Throws what `parseReference`, the engine and the registry throw.
 */
export async function checkImageAnywhere(
  name: string,
  platform: string | undefined,
  signal?: AbortSignal,
): Promise<Finding[]> {
  const reference = parseReference(name).withDefaultTag();
  const wanted = selectedPlatform(platform);
  const verdicts = new LayerVerdicts(StateFolder.ofUser());
  return checkImage(
    {
      verdicts,
      ...(await localImages(signal)),
      checkRemote: async (asked) => {
        const { image } = await readRemoteImage(asked, wanted, signal === undefined ? {} : { signal });
        return checkRemoteImage(image, verdicts);
      },
    },
    reference,
  );
}
