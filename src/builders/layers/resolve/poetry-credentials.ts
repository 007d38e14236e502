import path from 'node:path';
import { readPlainFile } from '../../../plain-file.js';
import { tableAt, textAt } from '../../../project/python/pyproject.js';
import { rememberSecret } from '../../../secrets/given-secrets.js';

export interface UserAndPassword {
  readonly username: string;
  readonly password: string;
}

/**
 * Who may read the packages of a source, as Poetry is told: in POETRY_HTTP_BASIC_<NAME>_USERNAME and …_PASSWORD, else in
 * auth.toml, where `poetry config http-basic.<name>` writes it on a machine without a keyring.
 */
export async function poetryCredentials(
  source: string,
  environment: NodeJS.ProcessEnv,
): Promise<UserAndPassword | undefined> {
  const variable = `POETRY_HTTP_BASIC_${source.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`;
  const username = environment[`${variable}_USERNAME`] ?? '';
  const password = environment[`${variable}_PASSWORD`] ?? '';
  const found = username === '' && password === '' ? await inFile(source, environment) : { username, password };
  rememberSecret(found?.password);
  return found;
}

async function inFile(source: string, environment: NodeJS.ProcessEnv): Promise<UserAndPassword | undefined> {
  const bytes = await readPlainFile(poetryLogins(environment)).catch(() => undefined);
  if (bytes === undefined) return undefined;
  const { parse } = await import('smol-toml');
  try {
    const table = tableAt(parse(bytes.toString('utf8')), 'http-basic', source);
    const [username, password] = [textAt(table, 'username') ?? '', textAt(table, 'password') ?? ''];
    return username === '' && password === '' ? undefined : { username, password };
  } catch {
    // Poetry says so; without it, the index refuses.
    return undefined;
  }
}

/** Poetry's documentation, "Configuration": where its configuration is. */
export function poetryLogins(environment: NodeJS.ProcessEnv, platform: NodeJS.Platform = process.platform): string {
  const paths = platform === 'win32' ? path.win32 : path.posix;
  const { HOME = '', USERPROFILE = '', APPDATA = paths.join(USERPROFILE, 'AppData', 'Roaming') } = environment;
  const { XDG_CONFIG_HOME = paths.join(HOME, '.config'), POETRY_CONFIG_DIR: own } = environment;
  const usual = { win32: APPDATA, darwin: paths.join(HOME, 'Library', 'Application Support') } as Partial<
    Record<string, string>
  >;
  return paths.join(own ?? paths.join(usual[platform] ?? XDG_CONFIG_HOME, 'pypoetry'), 'auth.toml');
}
