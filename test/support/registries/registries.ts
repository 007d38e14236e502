import { ensurePackages, needCommand } from '../environment/packages.js';
import { startRegistry, type Registry } from '../environment/registry.js';
import { startCraneRegistry } from './crane-registry.js';
import { ensureProgram } from './programs.js';
import { TokenServer } from './token-server.js';

/** The one user of those that want to know who it is. */
export const CREDENTIALS = { username: 'kdeploy', password: 'planted-5b1e:with-a-colon' };

/** Real registries, from the oldest that is still in use on. */
const START = {
  'docker-registry 2.8': () => startDebiansRegistry(),
  'distribution v3': async () => startRegistry({ program: await ensureProgram('registry'), credentials: CREDENTIALS }),
  'distribution v3 with tokens': async () => {
    const tokens = await TokenServer.start(CREDENTIALS);
    try {
      const registry = await startRegistry({ program: await ensureProgram('registry'), tokens: tokens.issuer });
      return { ...registry, stop: async () => Promise.all([registry.stop(), tokens.stop()]).then(() => undefined) };
    } catch (error) {
      await tokens.stop();
      throw error;
    }
  },
  crane: async () => startCraneRegistry(await ensureProgram('crane')),
} satisfies Readonly<Record<string, () => Promise<Registry>>>;

export type RegistryKind = keyof typeof START;
export const REGISTRY_KINDS = Object.keys(START) as RegistryKind[];

async function startDebiansRegistry(): Promise<Registry> {
  await ensurePackages([needCommand('docker-registry', 'docker-registry')]);
  return startRegistry();
}

/** Registries that are started when a test first asks for one, so that those of which no test runs are not even built. */
export class Registries {
  readonly #started = new Map<RegistryKind, Promise<Registry>>();

  async address(kind: RegistryKind): Promise<string> {
    let started = this.#started.get(kind);
    if (started === undefined) this.#started.set(kind, (started = START[kind]()));
    return (await started).address;
  }

  async stop(): Promise<void> {
    for (const started of this.#started.values())
      await started.then(
        (registry) => registry.stop(),
        // The test that asked for it has failed already.
        () => undefined,
      );
  }
}
