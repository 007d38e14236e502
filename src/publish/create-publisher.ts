import type { EngineConnection } from '../places/engine/connection.js';
import { isInsecure } from '../places/engine/insecure-registries.js';
import { EnginePushes } from '../places/engine/pushes.js';
import { RegistryClient } from '../places/registry/client.js';
import type { CredentialLookup } from '../places/registry/credentials/credentials.js';
import { lookupCredentials } from '../places/registry/credentials/lookup.js';
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
      const ask = async (plainHttp: boolean): Promise<string | undefined> => {
        const options = { credentials: () => Promise.resolve(lookup), plainHttp, signal };
        return (await new RegistryClient(reference.registry, options).headManifest(reference))?.digest;
      };
      try {
        return await ask(false);
      } catch (error) {
        if (signal.aborted || !(await isInsecure(engine, reference.registry))) throw error;
        return ask(true);
      }
    },
  });
}
