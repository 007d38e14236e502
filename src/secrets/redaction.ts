import { redactAddresses } from './address.js';
import { hideGivenSecrets } from './given-secrets.js';
import { SECRET_PATTERNS } from './patterns.js';

const HIDDEN = '***';

/**
 * Text without its secrets: those that this process was given, and what looks like one (a token, a header, a value named
 * password, user:password@ in an address). Lines stay lines. Everything that is printed passes through here (src/ui/output.ts).
 */
export function redact(text: string): string {
  return redactWords(text, NAMED);
}

/**
 * `password: x`, but not what kdeploy itself says: "pass it as a build secret: `--secret …`", "the output is a secret: pipe
 * it", the image `registry.example.com/password:v1`, the form `{from_secret: {name, key}}`.
 */
const NAMED =
  /(?<!\/[\w.-]{0,60})((?:secret|password|passwd|passphrase|pwd|(?:secret|api|access|account|private|shared)[_-]?(?:access[_-]?)?key)["']?[ \t]*(?:=[ \t]*|:[ \t]*(?![a-z]+[,.;]? [a-z])))(?![`<$-]|\{name[:,])(?:"[^"\n]*"|'[^'\n]*'|\S+)/gi;

/** Of other programs, whose sentences nobody knows. */
const NAMED_ELSEWHERE =
  /((?:secret|password|passwd|passphrase|pwd|(?:secret|api|access|account|private|shared)[_-]?(?:access[_-]?)?key)["']?\s*[:=]\s*)(?:"[^"]*"|'[^']*'|\S+)/gi;

/** All of it; SECRET_PATTERNS know its beginning. */
const PRIVATE_KEY = new RegExp(
  [
    '-----BEGIN ([A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?)-----',
    String.raw`(?:(?:\\[rn]|\s){1,8}[\w-]{1,20}: [^\r\n\\]{0,100}){0,4}`,
    String.raw`(?:(?:\\[rn]|\s){1,8}[A-Za-z0-9+/=]{16,100})+(?:(?:\\[rn]|\s){1,8}[A-Za-z0-9+/=]{1,15})?`,
    String.raw`(?:(?:\\[rn]|\s){0,8}-----END \1-----)?`,
  ].join(''),
  'g',
);

/** The header, by its scheme or as the last word of a line, and not "authorization: denied by the proxy". */
const AUTHORIZATION =
  /(\bauthorization["']?[ \t]*[:=][ \t]*["']?(?=(?:digest|negotiate|token|apikey|aws4-hmac-sha256)[ \t]|\S{6,}["',}]*[ \t]*$))[^\n"']+(?:"[^"\n]*"[^\n"']*)*/gim;

function redactWords(text: string, named: RegExp): string {
  return hidePatterns(
    redactAddresses(hideGivenSecrets(text))
      .replace(PRIVATE_KEY, HIDDEN)
      .replace(AUTHORIZATION, `$1${HIDDEN}`)
      .replace(/((?:set-)?cookie["']?[ \t]*:[ \t]*["']?[\w.-]+=)[^;\s"']+/gi, `$1${HIDDEN}`)
      // "Basic authentication" is a scheme, "Basic YWRhOmh1bnRlcjI=" a credential.
      .replace(
        /\b(bearer|basic)[ \t]+(?!(?:auth[a-z]*|credentials?|tokens?|headers?|scheme|access)\.?(?![\w.~+/=-]))[\w.~+/=-]{6,}/gi,
        `$1 ${HIDDEN}`,
      )
      .replace(named, `$1${HIDDEN}`)
      // "token: denied" is a reason, "token: 3f8a…" is a token.
      .replace(
        /((?:token|assertion)["']?[ \t]*[:=][ \t]*)(?:"[^"\n]*"|'[^'\n]*'|(?=\S*\d)\S{6,}|\S{20,})/gi,
        `$1${HIDDEN}`,
      )
      .replace(/\b(?:ya29\.|eyJ)[\w.-]+/g, HIDDEN),
  );
}

function hidePatterns(text: string): string {
  let shown = text;
  for (const { anchors, pattern } of SECRET_PATTERNS) {
    if (anchors.some((anchor) => shown.includes(anchor)))
      shown = shown.replaceAll(new RegExp(pattern.source, `${pattern.flags}g`), HIDDEN);
  }
  return shown;
}

/**
 * Another program's words, made fit for a message: one line of at most 300 characters, without the secrets that are
 * known or that look like one; a long word without a meaning is taken for one, too.
 */
export function redactText(text: string, secrets: readonly string[] = []): string {
  let line = text;
  for (const secret of [...secrets].sort((one, other) => other.length - one.length)) {
    if (secret !== '') line = line.replaceAll(secret, HIDDEN);
  }
  line = redactWords(line, NAMED_ELSEWHERE)
    .replace(/(?<!sha256:|[\w+=-])[\w+=-]{40,}/g, HIDDEN)
    // eslint-disable-next-line no-control-regex -- a server's words must not move the terminal's cursor
    .replace(/[\u0000-\u001F\u007F-\u009F]/g, ' ')
    .replace(/ {2,}/g, ' ')
    .trim();
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}
