import { rememberSecret } from '../../../secrets/given-secrets.js';
import type { IndexCredentials } from '../resolve/index-credentials.js';
import { askKeyring, usesKeyring } from './keyring.js';
import { loginFor, readNetrc, type NetrcEntry } from './netrc.js';

/** A user and password to try, and who knows them. */
export interface Login {
  readonly username: string;
  readonly password: string;
  /** For messages: `the netrc file`. */
  readonly source: string;
}

export interface IndexLoginsParts {
  readonly credentials: readonly IndexCredentials[];
  readonly environment: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** The user's home folder; another one in tests. */
  readonly home?: string;
}

/** The logins that the user has for indexes, where uv and pip look for them. */
export class IndexLogins {
  readonly #parts: IndexLoginsParts;
  #netrc: Promise<NetrcEntry[]> | undefined;
  readonly #keyring = new Map<string, Promise<string | undefined>>();

  constructor(parts: IndexLoginsParts) {
    this.#parts = parts;
    for (const { password } of parts.credentials) rememberSecret(password);
  }

  /**
   * What to try for a file, one after the other until it is not refused; `undefined` is nobody's name. Those of an index come
   * first, also for a file that lies elsewhere on its host, as uv and pip have it; never for another origin.
   */
  async *for(url: URL): AsyncGenerator<Login | undefined> {
    const ofIndexes = this.#ofIndexes(url);
    for (const { username, password } of ofIndexes)
      if (password !== '') yield { username, password, source: 'the settings of the index' };
    const entry = loginFor(url.hostname, await this.#entries());
    if (entry !== undefined) yield { username: entry.login, password: entry.password, source: 'the netrc file' };
    yield undefined;
    for (const { url: index, username, password } of ofIndexes.filter(({ password: given }) => given === '')) {
      const known = await this.#fromKeyring(index, username);
      // A token may stand in the user's place, without a password.
      yield { username, password: known ?? password, source: known === undefined ? 'the index' : 'the keyring' };
    }
  }

  /** Those of the same origin; first the index whose path has most in common with the file's. */
  #ofIndexes(url: URL): IndexCredentials[] {
    const common = ({ url: index }: IndexCredentials): number => {
      const [one, other] = [pathOf(new URL(index)), pathOf(url)];
      const differs = one.findIndex((part, at) => part !== other[at]);
      return differs === -1 ? one.length : differs;
    };
    return this.#parts.credentials
      .filter(({ url: index }) => URL.canParse(index) && new URL(index).origin === url.origin)
      .sort((one, other) => common(other) - common(one));
  }

  #entries(): Promise<NetrcEntry[]> {
    const { environment, home } = this.#parts;
    this.#netrc ??= readNetrc(environment, home).then((entries) => {
      for (const { password } of entries) rememberSecret(password);
      return entries;
    });
    return this.#netrc;
  }

  /** Asked once: by its URL, then by its host, as uv asks. */
  #fromKeyring(index: string, username: string): Promise<string | undefined> {
    const { environment, signal } = this.#parts;
    if (!usesKeyring(environment)) return Promise.resolve(undefined);
    const key = `${username} ${index}`;
    const asked =
      this.#keyring.get(key) ??
      askKeyring(index, username, { environment, signal }).then(
        (password) => password ?? askKeyring(new URL(index).host, username, { environment, signal }),
      );
    this.#keyring.set(key, asked);
    return asked;
  }
}

function pathOf({ pathname }: URL): string[] {
  return pathname.split('/').filter((part) => part !== '');
}
