import { redactAddresses } from './address.js';

const HIDDEN = '***';

/**
 * Another program's words, made fit for a message: one line of at most 300 characters, without the secrets that are
 * known, and without what looks like one (a token, a header, a value named password, user:password@ in an address).
 */
export function redactText(text: string, secrets: readonly string[] = []): string {
  let line = text;
  // The longest first, so that no secret leaves a rest because a shorter one is a part of it.
  for (const secret of [...secrets].sort((one, other) => other.length - one.length)) {
    if (secret !== '') line = line.replaceAll(secret, HIDDEN);
  }
  line = redactAddresses(line)
    .replace(/\b(bearer|basic)\s+[\w.~+/=-]{6,}/gi, `$1 ${HIDDEN}`)
    .replace(/((?:secret|password|passwd|api[_-]?key)["']?\s*[:=]\s*)(?:"[^"]*"|'[^']*'|\S+)/gi, `$1${HIDDEN}`)
    // "token: denied" is a reason, "token: 3f8a…" is a token.
    .replace(/((?:token|assertion)["']?\s*[:=]\s*)(?:"[^"]*"|'[^']*'|(?=\S*\d)\S{6,}|\S{20,})/gi, `$1${HIDDEN}`)
    .replace(/\b(?:ya29\.|eyJ)[\w.-]+/g, HIDDEN)
    .replace(/(?<!sha256:|[\w+=-])[\w+=-]{40,}/g, HIDDEN)
    // eslint-disable-next-line no-control-regex -- a server's words must not move the terminal's cursor
    .replace(/[\u0000-\u001F\u007F-\u009F]+/g, ' ')
    .replace(/ {2,}/g, ' ')
    .trim();
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}
