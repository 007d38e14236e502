/** Why a file should not be in an image. */
export interface SecretVerdict {
  /** Follows the file's name in a sentence: `holds a private key`. */
  readonly why: string;
  /** False when only the name says so. */
  readonly isCertain: boolean;
}

const PRIVATE_KEY = /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----/;
const SERVICE_ACCOUNT = /"private_key"\s*:\s*"-----BEGIN/;
const CREDENTIALS_NAME = /(?:^|[-_.])(?:credentials?|secrets?)(?:[-_.]|$)|service[-_]?account/i;
/** Templates that projects publish on purpose. */
const TEMPLATE_NAME = /(?:^|[-_.])(?:example|sample|template|dist|default)s?(?:[-_.]|$)/i;
const DATA_SUFFIX = /\.(?:ya?ml|json|toml|ini|cfg|conf|env|txt|csv|properties)$/i;
const KEY_SUFFIX = /\.(?:pem|key|p12|pfx|jks|keystore|ppk)$/i;
const KEY_NAME = /^id_(?:rsa|dsa|ecdsa|ed25519)$/;

/** Whether the content of a file is worth a look; everything else is passed over by its name alone. */
export function isSuspicious(path: string): boolean {
  const name = nameOf(path);
  return (
    KEY_SUFFIX.test(name) ||
    KEY_NAME.test(name) ||
    /^\.netrc$|^_netrc$|^\.pypirc$|^\.pgpass$|^\.git-credentials$/.test(name) ||
    isDotEnv(name) ||
    /\.json$/i.test(name) ||
    (CREDENTIALS_NAME.test(name) && (DATA_SUFFIX.test(name) || !name.includes('.')))
  );
}

/** A JSON file above this is data; the keys of a service account have 2 to 3 KB. */
const MAXIMUM_KEY_FILE = 64 * 1024;

/** `content` is `undefined` when the file could not be read. */
export function judgeFile(path: string, content: Buffer | undefined): SecretVerdict | undefined {
  const name = nameOf(path);
  const text = content === undefined || content.length > MAXIMUM_KEY_FILE ? undefined : content.toString('latin1');
  if (text !== undefined && SERVICE_ACCOUNT.test(text))
    return { why: 'is the key of a Google service account', isCertain: true };
  if (text !== undefined && PRIVATE_KEY.test(text)) return { why: 'holds a private key', isCertain: true };
  if (/\.(?:p12|pfx|jks|keystore|ppk)$/i.test(name)) return { why: 'is a key store', isCertain: true };
  // A .pem or .key without a private key is a certificate, and images need those.
  if (KEY_SUFFIX.test(name) || KEY_NAME.test(name))
    return text === undefined ? { why: 'has the name of a key', isCertain: false } : undefined;
  if (text !== undefined && !hasContent(text)) return undefined;
  if (/netrc$|^\.pypirc$|^\.pgpass$|^\.git-credentials$/.test(name)) return { why: 'holds passwords', isCertain: true };
  if (TEMPLATE_NAME.test(name)) return undefined;
  if (isDotEnv(name)) return { why: 'holds environment variables, which are often secrets', isCertain: true };
  if (CREDENTIALS_NAME.test(name) && !/\.json$/i.test(name))
    return { why: 'is a credentials file by its name', isCertain: true };
  if (CREDENTIALS_NAME.test(name)) return { why: 'has the name of a credentials file', isCertain: false };
  return undefined;
}

function isDotEnv(name: string): boolean {
  return /^\.env(?:\.|$)/.test(name) || /^\.envrc$/.test(name);
}

/** `kedro new` writes a credentials.yml of nothing but comments. */
function hasContent(text: string): boolean {
  return text.split(/\r?\n/).some((line) => !/^\s*(?:#.*|\{\s*\}|---)?$/.test(line));
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
