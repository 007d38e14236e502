import type { CredentialAnswer, CredentialSource } from './credentials.js';
import { entriesFor, registryOf, serverAddressOf, type DockerConfig } from './docker-config.js';
import { askHelper, type HelperOptions } from './helper-process.js';

/** `credHelpers`: a helper for one registry. */
export function credHelpersSource(config: DockerConfig, options: HelperOptions): CredentialSource {
  return {
    async ask(name): Promise<CredentialAnswer | undefined> {
      const helper = ownHelper(config, name);
      if (helper === undefined || helper === '') return undefined;
      return answerOf(`credHelpers ${helper} (${config.place})`, helper, name, options);
    },
  };
}

/** `credsStore`: the helper for every registry that has none of its own. */
export function credsStoreSource(config: DockerConfig, options: HelperOptions): CredentialSource {
  return {
    async ask(name): Promise<CredentialAnswer | undefined> {
      // An empty name in credHelpers is Docker's way to except a registry from the store.
      if (config.credsStore === undefined || ownHelper(config, name) !== undefined) return undefined;
      return answerOf(`credsStore ${config.credsStore} (${config.place})`, config.credsStore, name, options);
    },
  };
}

/** Helpers are for a whole registry, in Podman as well. */
function ownHelper({ credHelpers, flavour }: DockerConfig, name: string): string | undefined {
  return entriesFor(credHelpers, registryOf(name), flavour)[0];
}

async function answerOf(
  source: string,
  helper: string,
  name: string,
  options: HelperOptions,
): Promise<CredentialAnswer | undefined> {
  const reply = await askHelper(helper, serverAddressOf(registryOf(name)), options);
  return reply === undefined ? undefined : { source, ...reply };
}
