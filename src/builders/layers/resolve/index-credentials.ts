import { rememberSecret } from '../../../secrets/given-secrets.js';

/** Who may download from an index. Kept apart from URLs, which are written into locks, images and messages. */
export interface IndexCredentials {
  /** The index, a folder of wheels, or the place of one file, without credentials. */
  readonly url: string;
  readonly username: string;
  /** Empty where only a name is given: a keyring may know the rest. */
  readonly password: string;
}

/** A URL without its credentials, and these. What is not an http URL stays as it is: `ssh://git@host` gives nothing away. */
export interface SplitUrl {
  readonly url: string;
  readonly credentials: IndexCredentials | undefined;
}

/** Users write what they like before the last `@` of the authority, slashes apart; `new URL` alone would refuse some of it. */
const CREDENTIALS = /^((?:[a-z]+\+)?https?:\/\/)([^/?#\s]*)@/i;

/** A shorter user without a password is a name. */
const SHORTEST_TOKEN = 20;

/** Takes the credentials out of a URL, and remembers them as secrets. */
export function splitUrl(written: string): SplitUrl {
  const [whole, scheme, info] = CREDENTIALS.exec(written) ?? [];
  if (whole === undefined || scheme === undefined || info === undefined)
    return { url: written, credentials: undefined };
  const url = scheme + written.slice(whole.length);
  const [, user = '', secret = ''] = /^([^:]*):?(.*)$/s.exec(info) ?? [];
  const [username, password] = [decoded(user), decoded(secret)];
  for (const each of [password, secret]) rememberSecret(each);
  // A token in place of a name: `https://ghp_…@host`.
  if (password === '' && username.length >= SHORTEST_TOKEN) rememberSecret(username);
  return { url, credentials: username === '' && password === '' ? undefined : { url, username, password } };
}

/** Every credential in a text: a requirements file, a lock, a file of settings. */
export function credentialsInText(text: string): IndexCredentials[] {
  return [...text.matchAll(/(?:[a-z]+\+)?https?:\/\/[^/?#\s"'<>]*@[^\s"'<>,;]+/gi)]
    .map(([written]) => splitUrl(written).credentials)
    .filter((each) => each !== undefined);
}

/** A text in which no URL has credentials: what is hashed or kept must not depend on a token that is new in every job. */
export function withoutCredentials(text: string): string {
  return text.replace(/((?:[a-z]+\+)?https?:\/\/)[^/?#\s"'<>]*@/gi, '$1');
}

/**
 * The credentials for a file or an index: of the same scheme, host and port those whose path it shares longest, as pip
 * chooses (pip/_internal/network/auth.py). Files often stand beside the index, not below it.
 */
export function credentialsFor(address: string, known: readonly IndexCredentials[]): IndexCredentials | undefined {
  const wanted = parsed(address);
  if (wanted === undefined) return undefined;
  let best: { readonly credentials: IndexCredentials; readonly shared: number } | undefined;
  for (const credentials of known) {
    const own = parsed(credentials.url);
    if (own?.origin !== wanted.origin) continue;
    const shared = sharedFolders(own.folders, wanted.folders);
    if (best === undefined || shared > best.shared) best = { credentials, shared };
  }
  return best?.credentials;
}

function parsed(address: string): { readonly origin: string; readonly folders: readonly string[] } | undefined {
  const plain = address.replace(/^[a-z]+\+(?=https?:)/i, '');
  if (!URL.canParse(plain)) return undefined;
  const { origin, pathname, protocol } = new URL(plain);
  return /^https?:$/.test(protocol)
    ? { origin, folders: pathname.split('/').filter((part) => part !== '') }
    : undefined;
}

function sharedFolders(one: readonly string[], other: readonly string[]): number {
  const end = one.findIndex((part, index) => part !== other[index]);
  return end < 0 ? one.length : end;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Each once; of two for one URL the first. */
export function uniqueCredentials(all: readonly IndexCredentials[]): IndexCredentials[] {
  const byUrl = new Map<string, IndexCredentials>();
  for (const each of all) if (!byUrl.has(each.url)) byUrl.set(each.url, each);
  return [...byUrl.values()];
}
