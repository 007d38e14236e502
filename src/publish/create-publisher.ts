import type { EngineConnection } from '../engine/connection.js';
import { EnginePushes } from '../engine/pushes.js';
import { RegistryClient } from '../registry/client.js';
import type { CredentialLookup } from '../registry/credentials/credentials.js';
import { lookupCredentials } from '../registry/credentials/lookup.js';
import { EnginePublisher } from './engine-publisher.js';
import type { Publisher } from './publisher.js';

/** The publisher that pushes through the engine, with the credentials that docker would use and Google's. */
export function createPublisher(
  engine: EngineConnection,
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Publisher {
  // One search for all tags of an image: a helper may take half a minute.
  const lookups = new Map<string, Promise<CredentialLookup>>();
  return new EnginePublisher({
    pushes: new EnginePushes(engine.docker),
    credentials: ({ name }) => {
      const known = lookups.get(name);
      if (known !== undefined) return known;
      const lookup = lookupCredentials(name, { env: environment, podman: engine.podman !== undefined, signal });
      lookups.set(name, lookup);
      return lookup;
    },
    askRegistry: async (reference, lookup) => {
      const client = new RegistryClient(reference.registry, { credentials: () => Promise.resolve(lookup), signal });
      return (await client.headManifest(reference))?.digest;
    },
  });
}
