import { isLiteralSecret, NO_SECRET } from './literal.js';
import { isSecretName } from './secret-names.js';

/**
 * What an address gives away. `user`: a name alone before the @ of an http address, where tokens are often written;
 * elsewhere a name alone is no secret (`abfss://container@account`, `ssh://git@host`).
 */
export type AddressSecret = 'none' | 'user' | 'password';

const HIDDEN = '***';
/** Of a repository, too: `git+https://`. */
const HTTP = /^(?:[a-z0-9.]+\+)?https?$/i;
const NAME = '[\\w.[\\]-]{1,64}';
/** Plain, or percent-encoded within another parameter: `?odbc_connect=UID%3Dada%3BPWD%3D…`. */
const PARAMETER = new RegExp(
  `(?<=[?&;#])(${NAME})=|(?:(?<=[?&;#=])|(?<=%3F)|(?<=%26)|(?<=%3B)|(?<=%3D))(${NAME})%3D`,
  'gi',
);
/** A longer word is no address. */
const LONGEST = 4096;

/** The secret in an address, its parameters included. */
export function secretInAddress(address: string): AddressSecret {
  const text = address.trim();
  const values = [...secretParameters(text)].map(({ start, end }) => text.slice(start, end));
  if (values.some((value) => isLiteralSecret(value) && !NO_SECRET.test(value))) return 'password';
  const [first] = schemes(text);
  const info = userInfo(text.slice(first?.end), true);
  if (info === undefined) return 'none';
  if (info.password !== '') return 'password';
  return first !== undefined && HTTP.test(first.scheme) ? 'user' : 'none';
}

/** Text in which the secrets of every address are `***`. Too much is hidden rather than too little. */
export function redactAddresses(text: string): string {
  const shown = text.replace(/[^\r\n]+/g, redactLine);
  return hide(shown, secretParameters(shown));
}

/**
 * Every password that certainly stands in an address: what is behind it is a host. `user` is what may be a token in place
 * of a password: the user of an http address that has no password.
 */
export function* passwordsInAddresses(
  text: string,
): Generator<{ readonly password: string; readonly user: string; readonly start: number }> {
  for (const { scheme, end: start } of schemes(text)) {
    if (scheme === '') continue;
    const authority = before(text.slice(start, start + 400), /[\s/?#\\"'<>]/);
    const at = lastAt(authority);
    if (at < 0 || !/^[\w.[-]/.test(authority.slice(at + 1))) continue;
    const info = authority.slice(0, at);
    const password = passwordIn(info);
    yield { password, user: password === '' && HTTP.test(scheme) ? info.replace(/:$/, '') : '', start };
  }
}

function redactLine(line: string): string {
  if (line.includes('://')) return hide(line, userInfos(line));
  // `user:password@host` without a scheme; in running text this shape is more often an image or an e-mail address.
  const word = line.trim();
  const info = /\s/.test(word) ? undefined : userInfo(word, true);
  return info === undefined || info.password === '' ? line : line.replace(word.slice(0, info.end), HIDDEN);
}

interface Span {
  readonly start: number;
  readonly end: number;
}

function hide(text: string, secrets: Iterable<Span>): string {
  let shown = '';
  let at = 0;
  for (const { start, end } of secrets) {
    shown += text.slice(at, start) + HIDDEN;
    at = end;
  }
  return shown + text.slice(at);
}

/** Where the users and passwords stand in a line, each up to its `@`. */
function* userInfos(line: string): Generator<Span> {
  const last = line.lastIndexOf('@');
  let end = 0;
  for (const { scheme, end: start } of schemes(line)) {
    if (start >= last) return;
    if (start < end) continue;
    // A line that begins with it may be nothing but the address, whose password has spaces.
    const info = userInfo(line.slice(start), line.trimStart().startsWith(scheme) && line.indexOf('://') + 3 === start);
    if (info === undefined || (info.password === '' && !HTTP.test(scheme))) continue;
    end = start + info.end;
    yield { start, end };
  }
}

function* schemes(text: string): Generator<{ readonly scheme: string; readonly end: number }> {
  for (let at = text.indexOf('://'); at >= 0; at = text.indexOf('://', at + 3)) {
    const [scheme] = /[a-z0-9+.-]*$/i.exec(text.slice(Math.max(0, at - 40), at)) ?? [''];
    yield { scheme, end: at + 3 };
  }
}

function* secretParameters(text: string): Generator<Span> {
  let end = 0;
  for (const match of text.matchAll(PARAMETER)) {
    const [whole, plain, encoded = ''] = match;
    const start = match.index + whole.length;
    if (start < end || !isSecretName(plain ?? encoded)) continue;
    const value = (plain === undefined ? /^(?:(?!%26)[^&#\s"'])+/i : /^[^&#\s"']+/).exec(text.slice(start));
    if (value === null) continue;
    end = start + value[0].length;
    yield { start, end };
  }
}

interface UserInfo {
  /** Empty where there is none. */
  readonly password: string;
  /** Where the `@` stands. */
  readonly end: number;
}

/** What stands before the host in the text behind `scheme://`, as people write it, who escape nothing. */
function userInfo(text: string, isWhole: boolean): UserInfo | undefined {
  const authority = before(text.slice(0, LONGEST), /[/?#\\\s]/);
  const at = lastAt(authority);
  if (at > 0) {
    // A password with a slash and an @ in it goes on behind the authority.
    const isPassword = /:|%3a/i.test(authority.slice(0, at));
    const end = isPassword ? lastAt(isWhole ? text : before(text.slice(0, LONGEST), /\s/)) : at;
    return { password: passwordIn(text.slice(0, end)), end };
  }
  // `user:pa/ss@host`, and not `host:5000/path@v1` or `[::1]/path@v1`.
  const [, rest] = /^[^:[]*:(.*)/.exec(authority) ?? [];
  const first = text.indexOf('@');
  if (first <= 0 || rest === undefined || /^\d{0,5}[:.,;)'"]*$/.test(rest)) return undefined;
  // The last `@` of the first word that has one: a password with spaces in it may have an @ in it as well.
  const end = first + Math.max(0, lastAt(before(text.slice(first, first + LONGEST), /\s/)));
  return { password: passwordIn(text.slice(0, end)), end };
}

function before(text: string, end: RegExp): string {
  const at = text.search(end);
  return at < 0 ? text : text.slice(0, at);
}

function passwordIn(info: string): string {
  return /(?::|%3a)(.*)/is.exec(info)?.[1] ?? '';
}

/** The last `@` behind something that is not the start of a digest: `name@sha256:…` is an image. */
function lastAt(text: string): number {
  for (let at = text.lastIndexOf('@'); at > 0; at = text.lastIndexOf('@', at - 1)) {
    if (!/^@sha\d+:[0-9a-f]/i.test(text.slice(at, at + 80))) return at;
  }
  return -1;
}
