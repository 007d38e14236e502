import type { EngineConnection } from '../engine/connection.js';
import { EnginePushes } from '../engine/pushes.js';
import { RegistryClient } from '../registry/client.js';
import { lookupCredentials } from '../registry/credentials/lookup.js';
import { EnginePublisher } from './engine-publisher.js';
import type { Publisher } from './publisher.js';

/** The publisher that pushes through the engine, with the credentials that docker would use and Google's. */
export function createPublisher(
  engine: EngineConnection,
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Publisher {
  return new EnginePublisher({
    pushes: new EnginePushes(engine.docker),
    credentials: (registry) => lookupCredentials(registry, { env: environment, signal }),
    askRegistry: async (reference, lookup) => {
      const client = new RegistryClient(reference.registry, { credentials: () => Promise.resolve(lookup), signal });
      return (await client.headManifest(reference))?.digest;
    },
  });
}
