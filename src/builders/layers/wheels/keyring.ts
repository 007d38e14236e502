import { programToStart } from '../../../find-program.js';
import { rememberSecret } from '../../../secrets/given-secrets.js';

export interface KeyringParts {
  readonly environment: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** The program; another one in tests. */
  readonly program?: string;
}

/** A keyring may open a browser, and wait for the user there. */
const TIMEOUT_MILLISECONDS = 120_000;
const MAXIMUM_PASSWORD_BYTES = 64 * 1024;
/** Users that indexes give everybody are shorter (`oauth2accesstoken`); a longer one may be a token, and arguments are seen by all. */
const LONGEST_USERNAME = 19;

/** Whether the user lets uv or pip ask the keyring: neither does so by itself. */
export function usesKeyring(environment: NodeJS.ProcessEnv): boolean {
  return [environment.UV_KEYRING_PROVIDER, environment.PIP_KEYRING_PROVIDER].includes('subprocess');
}

/**
 * The password that `keyring get SERVICE USERNAME` prints, as uv and pip call it; `undefined` where it knows none, or is not
 * installed. What it prints is a secret, so nothing of it gets into a message.
 */
export async function askKeyring(
  service: string,
  username: string,
  { environment, signal, program = 'keyring' }: KeyringParts,
): Promise<string | undefined> {
  if (username === '' || username.length > LONGEST_USERNAME) return undefined;
  const keyring = programToStart(program, environment);
  if (keyring === undefined) return undefined;
  // Loaded here: few indexes need it.
  const { execa } = await import('execa');
  const { exitCode, stdout } = await execa(keyring, ['get', service, username], {
    env: environment,
    extendEnv: false,
    stdin: 'ignore',
    stderr: 'ignore',
    reject: false,
    timeout: TIMEOUT_MILLISECONDS,
    maxBuffer: MAXIMUM_PASSWORD_BYTES,
    cancelSignal: signal,
  });
  const password = exitCode === 0 ? stdout.trim() : '';
  if (password === '') return undefined;
  rememberSecret(password);
  return password;
}
