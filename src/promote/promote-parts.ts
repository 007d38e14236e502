import type { ImageReference } from '../image/reference.js';
import type { ImageSource } from '../image/source.js';
import { RegistryClient } from '../places/registry/client.js';
import { RegistrySink } from '../places/registry/registry-sink.js';
import { knownSecretsIn } from '../scan/known-secrets.js';
import { LayerVerdicts } from '../scan/layer-verdicts.js';
import type { StateFolder } from '../state-folder.js';
import type { PromoteParts } from './promote-image.js';

interface RegistryOptions {
  readonly signal: AbortSignal;
  readonly plainHttp: boolean;
  /** Whether the image was made just now. */
  readonly isNew?: boolean;
}

/** From wherever an image is into a registry; nothing of this needs an engine. */
export function promoteParts(
  source: ImageSource,
  target: ImageReference,
  state: StateFolder,
  options: RegistryOptions,
): PromoteParts {
  return { source, ...publishParts(target, state, options) };
}

/** Into a repository of a registry. */
export function publishParts(
  target: ImageReference,
  state: StateFolder,
  { signal, plainHttp, isNew = false }: RegistryOptions,
): Pick<PromoteParts, 'sink' | 'secretsIn'> {
  const { registry, name } = target;
  const verdicts = new LayerVerdicts(state);
  return {
    sink: new RegistrySink(new RegistryClient(registry, { name, signal, plainHttp }), target, isNew),
    secretsIn: (image) => knownSecretsIn(image, verdicts),
  };
}
