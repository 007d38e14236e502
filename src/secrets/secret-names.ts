/**
 * How people name secrets, in variables, build arguments, keys of a file and parameters of an address. The runtime has
 * the same lists (templates/runtime/kdeploy_runtime/redaction/secret_names.py); test/fixtures/redaction.json keeps both.
 */
export const SECRET_PARTS = [
  'accesskey',
  'apikey',
  'credential',
  'passphrase',
  'passw',
  'pwd',
  'secret',
  'signature',
] as const;

/** Secrets as the last word of a name: `sig`, but neither `design` nor JWT_ISSUER. */
export const SECRET_WORDS = ['authorization', 'bearer', 'jwt', 'pass', 'pw', 'sas', 'sig', 'tokens'] as const;

/** A name that ends so tells of a secret, and is none: PASSWORD_FILE, token_type, AWSAccessKeyId. */
export const HARMLESS_ENDINGS = [
  'algorithm',
  'backend',
  'count',
  'dir',
  'enabled',
  'endpoint',
  'env',
  'expires',
  'expiry',
  'file',
  'folder',
  'header',
  'id',
  'ids',
  'length',
  'limit',
  'mechanism',
  'method',
  'mode',
  'name',
  'names',
  'path',
  'policy',
  'prefix',
  'provider',
  'scheme',
  'scope',
  'size',
  'source',
  'timeout',
  'ttl',
  'type',
  'uri',
  'url',
  'var',
  'variable',
  'version',
] as const;

/** Of what is called a key, these open nothing. */
export const HARMLESS_KEYS = [
  'cache',
  'foreign',
  'gpg',
  'group',
  'hot',
  'mon',
  'partition',
  'primary',
  'public',
  'sort',
  'tur',
] as const;

const PARTS = new RegExp(SECRET_PARTS.join('|'));
const WORDS: ReadonlySet<string> = new Set(SECRET_WORDS);
const ENDINGS: ReadonlySet<string> = new Set(HARMLESS_ENDINGS);
const KEYS: ReadonlySet<string> = new Set(HARMLESS_KEYS);

/** Whether somebody who names a thing so keeps a secret in it: `api_key`, `accessToken`, `X-Amz-Signature`. */
export function isSecretName(name: string): boolean {
  const words = wordsOf(name);
  const last = words.at(-1) ?? '';
  if (ENDINGS.has(last)) return false;
  if (WORDS.has(last) || words.some((word) => word.endsWith('token')) || PARTS.test(words.join(''))) return true;
  // `workspace_key`, `accountkey`, and `key` alone.
  const [, glued] = /(.*)keys?$/.exec(last) ?? [];
  return glued !== undefined && !KEYS.has(glued === '' ? (words.at(-2) ?? '') : glued);
}

/** The same for a variable of the environment, where shells keep the current folder in PWD: in connection strings that is a password. */
export function isSecretVariable(name: string): boolean {
  return !/^(?:OLD)?PWD$/.test(name) && isSecretName(name);
}

/** `X-Amz-Security-Token`, `AWSAccessKeyId` and `PIP_PASSWORD2` in lower case, word by word. */
function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z\d])([A-Z])|([A-Z])(?=[A-Z][a-z])/g, '$1$3 $2')
    .toLowerCase()
    .split(/[^a-z]/)
    .filter((word) => word !== '');
}
