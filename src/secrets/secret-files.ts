import { findSecret, type FoundSecret } from './patterns.js';
import { findInSettings, isToolSettings } from './settings-files.js';

/** Why a file should not be in an image. */
export interface SecretVerdict {
  /** Follows the file's name in a sentence: `contains a private key`. */
  readonly why: string;
  /** False when only the name says so. */
  readonly isCertain: boolean;
  /** Where in the file, from 1; `undefined` when the whole file is meant. */
  readonly line?: number;
}

const PRIVATE_KEY = /-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----/;
const SERVICE_ACCOUNT = /"private_key"\s{0,20}:\s{0,20}"-----BEGIN/;
const CREDENTIALS_NAME = /(?:^|[-_.])(?:credentials?|secrets?)(?:[-_.]|$)|service[-_]?account/i;
/** Templates that projects publish on purpose. */
const TEMPLATE_NAME = /(?:^|[-_.])(?:example|sample|template|dist|default)s?(?:[-_.]|$)/i;
const DATA_SUFFIX = /\.(?:ya?ml|json|toml|ini|cfg|conf|env|txt|csv|properties)$/i;
const KEY_SUFFIX = /\.(?:pem|key|p12|pfx|jks|keystore|ppk)$/i;
const KEY_NAME = /^id_(?:rsa|dsa|ecdsa|ed25519)$/;
const PASSWORDS_NAME =
  /^[._]netrc$|^\.pypirc$|^\.pgpass$|^\.git-credentials$|^\.vault-token$|^\.mylogin\.cnf$|^kaggle\.json$/;

/** Data, media and archives: no text, or so much of it that nobody keeps a key there. */
const NO_TEXT =
  /\.(?:csv|tsv|parquet|feather|arrow|orc|avro|pkl|pickle|joblib|npy|npz|h5|hdf5?|pt|pth|onnx|bin|dat|db|sqlite3?|duckdb|jsonl|geojson|png|jpe?g|gif|webp|ico|bmp|tiff?|svg|pdf|docx?|xlsx?|pptx?|mp[34]|wav|avi|mov|zip|gz|tgz|bz2|xz|zst|7z|rar|tar|whl|egg|jar|so|dylib|dll|exe|o|a|pyc|pyo|woff2?|ttf|otf|eot|map)$/i;

/** What a package manager installs: theirs, public, and with keys for their own tests. */
const INSTALLED =
  /(?:^|\/)(?:lib(?:64)?\/python[\d.]+\/(?:site|dist)-packages|Lib\/site-packages|lib\/python3\/dist-packages|node_modules|\.venv\/lib)\//;

export function isInstalledPackage(path: string): boolean {
  return INSTALLED.test(path);
}

/** The name alone makes the file worth a look, before all others. */
export function isSuspicious(path: string): boolean {
  const name = nameOf(path);
  return (
    KEY_SUFFIX.test(name) ||
    KEY_NAME.test(name) ||
    PASSWORDS_NAME.test(name) ||
    isDotEnv(name) ||
    /\.json$/i.test(name) ||
    isToolSettings(path) ||
    (CREDENTIALS_NAME.test(name) && (DATA_SUFFIX.test(name) || !name.includes('.')))
  );
}

/** Whether the file may be a text that could contain a key; a table or a picture is passed over by its name. */
export function mayHoldText(path: string): boolean {
  return !NO_TEXT.test(nameOf(path));
}

/** A JSON file above this is data; the keys of a service account have 2 to 3 KB. */
const MAXIMUM_KEY_FILE = 64 * 1024;
/** Texts above this are logs or data; lock files may be larger. */
const MAXIMUM_TEXT = 1024 * 1024;
const MAXIMUM_LOCK_FILE = 5 * 1024 * 1024;

/** Of a larger file only the name counts. */
export function maximumBytes(path: string): number {
  return isToolSettings(path) ? MAXIMUM_LOCK_FILE : MAXIMUM_TEXT;
}

/** `content` is `undefined` when the file could not be read, or is too large to. */
export function judgeFile(path: string, content: Buffer | undefined): SecretVerdict | undefined {
  const isInstalled = isInstalledPackage(path);
  const byName = isSuspicious(path) && !isInstalled ? judgeByName(path, content) : undefined;
  if (byName?.isCertain === true || content === undefined || content.length > maximumBytes(path)) return byName;
  const text = textOf(content);
  if (text === undefined) return byName;
  const found = findSecret(text) ?? findInSettings(path, text.toString('latin1'));
  if (found === undefined || (isInstalled && found.why.endsWith('private key'))) return byName;
  return { ...found, isCertain: !isInstalled };
}

/** A secret in a text whose name is not known. */
export function findInText(content: Buffer): FoundSecret | undefined {
  const text = textOf(content);
  return text === undefined ? undefined : findSecret(text);
}

/** `undefined` for anything that is not text: a NUL near its beginning (git's own rule). PowerShell's `>` writes UTF-16. */
function textOf(content: Buffer): Buffer | undefined {
  if (content[0] === 0xff && content[1] === 0xfe) return Buffer.from(content.toString('utf16le'));
  return content.subarray(0, 8000).includes(0) ? undefined : content;
}

function judgeByName(path: string, content: Buffer | undefined): SecretVerdict | undefined {
  const name = nameOf(path);
  const text = content === undefined || content.length > MAXIMUM_KEY_FILE ? undefined : content.toString('latin1');
  if (text !== undefined && /\.json$/i.test(name) && SERVICE_ACCOUNT.test(text))
    return { why: 'is a Google service account key', isCertain: true };
  const isKey = KEY_SUFFIX.test(name) || KEY_NAME.test(name);
  if (text !== undefined && isKey && PRIVATE_KEY.test(text)) return { why: 'contains a private key', isCertain: true };
  if (/\.(?:p12|pfx|jks|keystore|ppk)$/i.test(name)) return { why: 'is a key store', isCertain: true };
  // A .pem or .key without a private key is a certificate, and images need those.
  if (isKey) return text === undefined ? { why: 'is named like a key', isCertain: false } : undefined;
  if (text !== undefined && !hasContent(text)) return undefined;
  if (PASSWORDS_NAME.test(name)) return { why: 'contains passwords', isCertain: true };
  if (TEMPLATE_NAME.test(name)) return undefined;
  if (isDotEnv(name)) return { why: 'contains environment variables, which are often secrets', isCertain: true };
  if (CREDENTIALS_NAME.test(name) && !/\.json$/i.test(name))
    return { why: 'is a credentials file, judging by its name', isCertain: true };
  if (CREDENTIALS_NAME.test(name)) return { why: 'is named like a credentials file', isCertain: false };
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
