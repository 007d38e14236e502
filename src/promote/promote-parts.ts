import type { ImageReference } from '../image/reference.js';
import { RegistryClient } from '../places/registry/client.js';
import { RegistrySink } from '../places/registry/registry-sink.js';
import { RegistrySource } from '../places/registry/registry-source.js';
import { knownSecretsIn } from '../scan/known-secrets.js';
import { LayerVerdicts } from '../scan/layer-verdicts.js';
import type { StateFolder } from '../state-folder.js';
import type { PromoteParts } from './promote-image.js';

/** From one registry to another, or within one; nothing of this needs an engine. */
export function promoteParts(
  source: ImageReference,
  target: ImageReference,
  state: StateFolder,
  { signal, plainHttp }: { readonly signal: AbortSignal; readonly plainHttp: boolean },
): PromoteParts {
  const client = ({ registry, name }: ImageReference) => new RegistryClient(registry, { name, signal, plainHttp });
  const verdicts = new LayerVerdicts(state);
  return {
    source: new RegistrySource(client(source), source),
    sink: new RegistrySink(client(target), target),
    secretsIn: (image) => knownSecretsIn(image, verdicts),
  };
}
