import type { CredentialLookup } from './credentials.js';
import { serverAddressOf } from './docker-config.js';

/** The Docker Engine's AuthConfig (Engine API, "Authentication"). */
export interface EngineAuthConfig {
  readonly serveraddress: string;
  readonly username?: string;
  readonly password?: string;
  readonly identitytoken?: string;
  readonly registrytoken?: string;
}

/**
 * What the engine is told in X-Registry-Auth. Never `undefined`: engines up to 20.10 refuse a push without the header,
 * so anonymous is an entry that names only the server.
 */
export function engineAuthConfig({ registry, credentials }: CredentialLookup): EngineAuthConfig {
  const serveraddress = serverAddressOf(registry);
  switch (credentials?.kind) {
    case undefined:
      return { serveraddress };
    case 'password':
      return { username: credentials.username, password: credentials.password, serveraddress };
    case 'identity-token':
      return { identitytoken: credentials.token, serveraddress };
    case 'registry-token':
      return { registrytoken: credentials.token, serveraddress };
  }
}

/**
 * The same, encoded as dockerode's `authconfig: {base64}` takes it: its typed form knows only passwords. URL-safe with
 * padding, which is what the engine's decoder wants (Go's base64.URLEncoding).
 */
export function engineAuthHeader(lookup: CredentialLookup): { readonly base64: string } {
  const json = Buffer.from(JSON.stringify(engineAuthConfig(lookup)), 'utf8');
  return { base64: json.toString('base64').replaceAll('+', '-').replaceAll('/', '_') };
}
