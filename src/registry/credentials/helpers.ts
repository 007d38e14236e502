import type { CredentialAnswer, CredentialSource } from './credentials.js';
import { entryFor, serverAddressOf, type DockerConfig } from './docker-config.js';
import { askHelper, type HelperOptions } from './helper-process.js';

/** `credHelpers`: a helper for one registry. */
export function credHelpersSource(config: DockerConfig, options: HelperOptions): CredentialSource {
  return {
    async ask(registry): Promise<CredentialAnswer | undefined> {
      const name = entryFor(config.credHelpers, registry);
      if (name === undefined || name === '') return undefined;
      return answerOf(`credHelpers ${name} (${config.place})`, name, registry, options);
    },
  };
}

/** `credsStore`: the helper for every registry that has none of its own. */
export function credsStoreSource(config: DockerConfig, options: HelperOptions): CredentialSource {
  return {
    async ask(registry): Promise<CredentialAnswer | undefined> {
      // An empty name in credHelpers is Docker's way to except a registry from the store.
      const own = entryFor(config.credHelpers, registry);
      if (config.credsStore === undefined || own !== undefined) return undefined;
      return answerOf(`credsStore ${config.credsStore} (${config.place})`, config.credsStore, registry, options);
    },
  };
}

async function answerOf(
  source: string,
  name: string,
  registry: string,
  options: HelperOptions,
): Promise<CredentialAnswer | undefined> {
  const reply = await askHelper(name, serverAddressOf(registry), options);
  return reply === undefined ? undefined : { source, ...reply };
}
