/** A way in which a secret may be written: the pattern is tried only where the anchor is in the text. */
export interface SecretForm {
  readonly anchor: string;
  readonly pattern: RegExp;
}

/** Longer ones are looked for as they are, in an address and in JSON only: patterns of them would be large. */
const LONGEST = 2000;
/** Shorter ones are hidden only as a word of their own. */
const SHORTEST_ANYWHERE = 8;
/** Less of base64 may be anything. */
const SHORTEST_BASE64 = 8;

/**
 * The ways in which whoever quotes a secret may write it: percent-encoded (Python, JavaScript and Go disagree about what
 * to encode, and in which case), with backslashes, as HTML, and in base64 with whatever else is in there, as `user:password` is.
 */
export function formsOf(secret: string): readonly SecretForm[] {
  if (secret.length > LONGEST) {
    const words = [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(Buffer.from(secret).toString())];
    return [...new Set(words)].map((word) => ({ anchor: word, pattern: new RegExp(literal(word), 'g') }));
  }
  const written = Array.from(secret, anyEncoding).join('');
  const pattern = new RegExp(secret.length < SHORTEST_ANYWHERE ? `(?<!\\w)${written}(?!\\w)` : written, 'g');
  return [{ anchor: plainPart(secret), pattern }, ...base64Forms(secret)];
}

/** Every encoding leaves these alone. */
const PLAIN = /[A-Za-z0-9]/;

function anyEncoding(sign: string): string {
  if (PLAIN.test(sign)) return sign;
  const bytes = [...Buffer.from(sign)].map((byte) => byte.toString(16).padStart(2, '0'));
  const units = Array.from({ length: sign.length }, (_, at) => sign.charCodeAt(at).toString(16).padStart(4, '0'));
  const code = sign.codePointAt(0) ?? 0;
  const written = literal(sign);
  return `(?:${[
    bytes.map((byte) => `%${anyCase(byte)}`).join(''),
    units.map((unit) => `\\\\u${anyCase(unit)}`).join(''),
    bytes.map((byte) => `\\\\x${anyCase(byte)}`).join(''),
    `&#0*${code};`,
    `&#[xX]0*${anyCase(code.toString(16))};`,
    ...(NAMED[sign] ?? []),
    `\\\\${written}`,
    written,
  ].join('|')})`;
}

/** `'\''` is how shells write a quote within quotes. */
const NAMED: Readonly<Record<string, readonly string[]>> = {
  '&': ['&amp;'],
  '<': ['&lt;'],
  '>': ['&gt;'],
  '"': ['&quot;'],
  "'": ['&apos;', String.raw`'\\''`],
  ' ': [String.raw`\+`],
};

/** In base64, three bytes are four letters; what is before the secret decides where in them it begins. */
function base64Forms(secret: string): SecretForm[] {
  const bytes = Buffer.from(secret);
  return [0, 1, 2]
    .map((skipped) =>
      bytes.subarray(skipped, skipped + Math.floor((bytes.length - skipped) / 3) * 3).toString('base64'),
    )
    .filter((letters) => letters.length >= SHORTEST_BASE64)
    .map((letters) => ({
      anchor: plainPart(letters),
      // With the letters that hold its first and last bytes.
      pattern: new RegExp(
        `[\\w+/-]{0,4}${letters.replaceAll('+', '[+-]').replaceAll('/', '[/_]')}[\\w+/-]{0,4}={0,2}`,
        'g',
      ),
    }));
}

/** The longest part that is written alike everywhere. */
function plainPart(text: string): string {
  return text.split(/[^A-Za-z0-9]+/).reduce((longest, part) => (part.length > longest.length ? part : longest), '');
}

function anyCase(hexadecimal: string): string {
  return hexadecimal.replaceAll(/[a-f]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);
}

/** RegExp.escape is not there before Node 24. */
function literal(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
}
