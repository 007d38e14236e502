import type { ImageReference } from '../image/reference.js';
import type { ImageSource } from '../image/source.js';
import { RegistryClient } from '../places/registry/client.js';
import { RegistrySink } from '../places/registry/registry-sink.js';
import { knownSecretsIn } from '../scan/known-secrets.js';
import { LayerVerdicts } from '../scan/layer-verdicts.js';
import type { StateFolder } from '../state-folder.js';
import type { PromoteParts } from './promote-image.js';

/** From wherever an image is into a registry; nothing of this needs an engine. */
export function promoteParts(
  source: ImageSource,
  target: ImageReference,
  state: StateFolder,
  { signal, plainHttp }: { readonly signal: AbortSignal; readonly plainHttp: boolean },
): PromoteParts {
  const { registry, name } = target;
  const verdicts = new LayerVerdicts(state);
  return {
    source,
    sink: new RegistrySink(new RegistryClient(registry, { name, signal, plainHttp }), target),
    secretsIn: (image) => knownSecretsIn(image, verdicts),
  };
}
