import type { CredentialAnswer, CredentialFailure, CredentialSource, Credentials } from './credentials.js';
import { entriesFor, type DockerConfig } from './docker-config.js';

/** The `auths` of a configuration file: the password itself, in base64, or a token. */
export function authsSource(config: DockerConfig): CredentialSource {
  const source = `auths (${config.place})`;
  return {
    ask(name): Promise<CredentialAnswer | undefined> {
      for (const entry of entriesFor(config.auths, name, config.flavour)) {
        // `docker login` leaves an empty object here when a helper keeps the password.
        const answer = isObject(entry) ? credentialsIn(entry) : undefined;
        if (answer !== undefined) return Promise.resolve({ source, ...answer });
      }
      return Promise.resolve(undefined);
    },
  };
}

function credentialsIn(
  entry: Readonly<Record<string, unknown>>,
): { credentials: Credentials } | CredentialFailure | undefined {
  const { auth, identitytoken, registrytoken, username, password } = entry;
  // A token goes before the password beside it, which is a placeholder then (Azure's login writes such entries).
  if (isText(identitytoken)) return { credentials: { kind: 'identity-token', token: identitytoken } };
  if (isText(registrytoken)) return { credentials: { kind: 'registry-token', token: registrytoken } };
  if (isText(auth)) return decode(auth);
  if (isText(username) && isText(password)) return { credentials: { kind: 'password', username, password } };
  if (isText(username)) return { failure: 'the entry has a user name but no password' };
  return undefined;
}

/** `user:password` in base64, which `base64` breaks into lines; only the first colon divides. */
function decode(auth: string): { credentials: Credentials } | CredentialFailure {
  const unpadded = auth.replace(/\s+/g, '').replace(/=+$/, '');
  if (!/^[A-Za-z0-9+/]+$/.test(unpadded) || unpadded.length % 4 === 1)
    return { failure: 'its auth is not valid base64' };
  const text = Buffer.from(unpadded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 1) return { failure: 'its auth is not the base64 of user:password' };
  // Old Docker versions padded with NUL; the engine's own reader trims them, too.
  const password = text.slice(colon + 1).replace(/^\0+|\0+$/g, '');
  if (password === '') return { failure: 'its auth has no password' };
  return { credentials: { kind: 'password', username: text.slice(0, colon), password } };
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
