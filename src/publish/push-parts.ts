import type { EngineConnection } from '../places/engine/connection.js';
import { EngineImages } from '../places/engine/images.js';
import { knownSecrets } from '../scan/known-secrets.js';
import { LayerVerdicts } from '../scan/layer-verdicts.js';
import type { StateFolder } from '../state-folder.js';
import { createPublisher } from './create-publisher.js';
import type { PushParts } from './push-images.js';

/** What a push from this engine works with. */
export function pushParts(
  engine: EngineConnection,
  state: StateFolder,
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
): PushParts {
  const images = new EngineImages(engine.docker, engine.podman);
  const verdicts = new LayerVerdicts(state);
  return {
    images,
    publisher: createPublisher(engine, environment, signal),
    secretsIn: (image) => knownSecrets(images, image, verdicts),
  };
}
