import { passwordsInAddresses } from './address.js';
import { isPlaceholder, SWITCH } from './literal.js';
import { isSecretName, isSecretVariable } from './secret-names.js';

/** What tells a path from a secret, beyond its looks. */
export interface Machine {
  readonly exists: (file: string) => boolean;
  readonly isWindows: boolean;
}

const UNKNOWN: Machine = { exists: () => false, isWindows: false };

/**
 * The secrets in a variable of the environment: its value, by its name; and in whatever it holds, the passwords of
 * addresses, the credentials of headers, and the values that are named as secrets are, in connection strings, queries and JSON.
 */
export function* secretsInVariable(name: string, value: string, machine: Machine = UNKNOWN): Generator<string> {
  if (isSecretVariable(name) && !isFile(value.trim(), machine)) yield* secretValue(value);
  if (/auth$/i.test(name)) yield* basicSecrets(value);
  // curl's and pip's proxies need no scheme.
  yield* secretsInAddresses(/proxy$/i.test(name) && !value.includes('://') ? `http://${value}` : value);
  yield* secretsInHeaders(value);
  yield* secretsInPairs(value);
  yield* secretsInJson(value);
}

/** By its looks; or because it is there, however random the names on its way are: `/tmp/tmp.aB3dE5gH7jK9/key`. */
function isFile(text: string, { exists, isWindows }: Machine): boolean {
  if (!isWindows) return text.startsWith('/') && exists(text);
  return OF_WINDOWS.test(text) && (exists(text) || !text.split(/[\\/]/).some(isRandom));
}

/** From a drive, or from a share: `\\server\share\…`. */
const OF_WINDOWS = /^(?:[A-Za-z]:[\\/]|\\\\[\w.-]+\\[\w$.-]+\\)[^\\/]/;

/** The passwords in addresses, as they are written and as they are meant, and the users that may be tokens. */
export function* secretsInAddresses(text: string): Generator<string> {
  if (!text.includes('@')) return;
  for (const { password, user } of passwordsInAddresses(text)) {
    yield* secretValue(password);
    yield* secretValue(decoded(password));
    // `git@`, `oauth2@`: a short user is a name.
    if (user.length >= 20) yield user;
  }
}

/** Anything but a reference, an example, a switch or a path is taken for a secret. */
function* secretValue(value: string): Generator<string> {
  const text = value.trim();
  const isReference = /^\$\{?\w+\}?$|^\$\(.*\)$|^\$?\{\{.*\}\}$|^<[^<>]*>$/.test(text);
  if (!isReference && !isPlaceholder(text) && !SWITCH.test(text) && !isPath(text) && !text.includes('://')) yield text;
}

/** `/run/secrets/token` and `~/key.json`; but base64 may begin with a slash as well. */
function isPath(text: string): boolean {
  if (!/^(?:~|\.{1,2})?\/[^\s/]/.test(text)) return false;
  const parts = text.split('/').slice(1);
  return !parts.some(isRandom) && (parts.length > 1 || !text.startsWith('/') || /^[a-z._-]+$/i.test(parts[0] ?? ''));
}

function isRandom(part: string): boolean {
  return /[+=]/.test(part) || (part.length >= 16 && /[a-z]/.test(part) && /[A-Z]/.test(part) && /\d/.test(part));
}

/** `AUTHORIZATION: basic …`, as git, curl and OpenTelemetry are given it. */
function* secretsInHeaders(value: string): Generator<string> {
  for (const [, scheme = '', credential = ''] of value.matchAll(HEADER)) {
    yield credential;
    if (/basic/i.test(scheme)) yield* basicSecrets(credential);
  }
}

const HEADER = /\b(basic|bearer|token)(?:[ \t]|%20)+([\w.~+/%=-]{6,})/gi;

/** `AccountKey=…;`, `Pwd=…`, `?access_token=…`. */
function* secretsInPairs(value: string): Generator<string> {
  for (const [, name = '', quoted, plain = ''] of value.matchAll(PAIR)) {
    // `key=value` alone tells nothing.
    if (!isSecretName(name) || /^\s*keys?\s*$/i.test(name)) continue;
    yield* secretValue(quoted ?? plain);
    yield* secretValue(decoded(quoted ?? plain));
  }
}

const PAIR = /(?<=^|[;,&?\s])([a-z][\w .-]{0,63})=(?:"([^"]+)"|'?([^;,&\s"']+))/gi;

function* secretsInJson(value: string): Generator<string> {
  if (!/^\s*[[{]/.test(value)) return;
  let parsed: unknown;
  try {
    parsed = JSON.parse(value);
  } catch {
    return;
  }
  const pending: unknown[] = [parsed];
  for (let each = pending.pop(); each !== undefined; each = pending.pop()) {
    if (typeof each !== 'object' || each === null) continue;
    for (const [key, part] of Object.entries(each)) {
      if (typeof part !== 'string') pending.push(part);
      else if (key === 'auth') yield* basicSecrets(part);
      else if (isSecretName(key)) yield* secretValue(part);
      else yield* secretsInAddresses(part);
    }
  }
}

/** `user:password` in base64, and the password. */
function* basicSecrets(value: string): Generator<string> {
  const text = Buffer.from(value, 'base64').toString('utf8');
  const [, password] = /^[^:\p{Cc}\uFFFD]*:([^\p{Cc}\uFFFD]+)$/u.exec(text) ?? [];
  if (password === undefined) return;
  yield value;
  yield password;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
