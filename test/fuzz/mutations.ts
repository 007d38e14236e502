import fc from 'fast-check';
import { SECRET } from './secret.js';

/** Where most readers go wrong, whatever they read. */
const WORDS: readonly string[] = [
  ...[
    '\0',
    '\n',
    '\r',
    '\r\n',
    '\t',
    '\f',
    '\v',
    '\u2028',
    '\u00a0',
    '\ufeff',
    '\x1b[31m',
    '\x7f',
    'é',
    '😀',
    'İ',
    'ß',
  ],
  ...['"', "'", '`', '\\', '\\\n', '"""', "'''", '#', '//', '/*', '!', '@', '*', '**/', '../', './', '/', '//', '://'],
  ...[
    '${',
    '${A}',
    '${A:-',
    '${a}${a}',
    '$',
    '$(',
    '%41',
    '%',
    '&a',
    '*a',
    '<<: *a',
    '<<EOF\n',
    '|',
    '>',
    '?',
    ':',
    ': ',
  ],
  ...[
    '{',
    '}',
    '[',
    ']',
    '[[',
    '(',
    ')',
    ',',
    ';',
    '=',
    '==',
    '>=1,',
    '-',
    '- ',
    '--',
    '\n- ',
    '\n  ',
    '0',
    '-1',
    '1e999',
  ],
  ...[
    '99999999999999999999999',
    '0x10',
    '.inf',
    'null',
    'true',
    'NaN',
    '__proto__',
    'constructor',
    'toString',
    '\\u0000',
  ],
];

/** Positions are shares of what there is at that moment, so that a shrunk example means the same. */
interface Edit {
  readonly kind: 'insert' | 'delete' | 'repeat' | 'replace' | 'move' | 'splice' | 'cut';
  readonly at: number;
  readonly length: number;
  readonly times: number;
  readonly word: Buffer;
  readonly other: number;
}

const MAXIMUM_BYTES = 64 * 1024;
const SHARE = 10_000;

/**
 * One of the samples after some edits: bytes, because files are bytes. `words`: those of the language that is read. The secret
 * stays in what makes it known as one, such as `https://ada:…@`.
 */
export function mutated(samples: readonly string[], words: readonly string[] = []): fc.Arbitrary<Buffer> {
  const forms = new Set([...samples, ...words].flatMap((text) => formsOfSecret(Buffer.from(text))));
  const isKnown = (text: Buffer): boolean => formsOfSecret(text).every((form) => forms.has(form));
  const buffers = samples.map((sample) => Buffer.from(sample));
  const word = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...WORDS, ...words, ...words).map((text) => Buffer.from(text)) },
    { weight: 1, arbitrary: fc.uint8Array({ minLength: 1, maxLength: 4 }).map((bytes) => Buffer.from(bytes)) },
  );
  const edit: fc.Arbitrary<Edit> = fc.record({
    kind: fc.constantFrom('insert', 'delete', 'repeat', 'replace', 'move', 'splice', 'cut'),
    at: fc.nat(SHARE),
    length: fc.oneof(fc.nat(4), fc.nat(80)),
    times: fc.oneof(fc.integer({ min: 2, max: 5 }), fc.constantFrom(100, 3000)),
    word,
    other: fc.nat(SHARE),
  });
  return fc.tuple(fc.constantFrom(...buffers), fc.array(edit, { maxLength: 6 })).map(([sample, edits]): Buffer =>
    edits.reduce<Buffer>((text, each) => {
      const next = apply(each, text, buffers);
      return isKnown(next) ? next : text;
    }, sample),
  );
}

/** As many characters as `https://ada:` has, and the one that ends it. */
function formsOfSecret(text: Buffer): string[] {
  const forms: string[] = [];
  for (let at = text.indexOf(SECRET); at !== -1; at = text.indexOf(SECRET, at + 1))
    forms.push(text.toString('latin1', Math.max(0, at - 12), at + SECRET.length + 1));
  return forms;
}

function apply({ kind, at, length, times, word, other }: Edit, text: Buffer, samples: readonly Buffer[]): Buffer {
  const start = position(at, text);
  const before = text.subarray(0, start);
  const span = text.subarray(start, start + length);
  const after = text.subarray(start + length);
  switch (kind) {
    case 'insert':
      return Buffer.concat([before, word, text.subarray(start)]);
    case 'replace':
      return Buffer.concat([before, word, after]);
    case 'delete':
      return Buffer.concat([before, after]);
    case 'cut':
      return before;
    case 'repeat': {
      const what = length % 2 === 0 ? span : word;
      const fits = Math.floor((MAXIMUM_BYTES - text.length) / Math.max(1, what.length));
      return Buffer.concat([
        before,
        ...Array<Buffer>(Math.max(0, Math.min(times, fits))).fill(what),
        text.subarray(start),
      ]);
    }
    case 'move': {
      const rest = Buffer.concat([before, after]);
      const goal = position(other, rest);
      return Buffer.concat([rest.subarray(0, goal), span, rest.subarray(goal)]);
    }
    case 'splice': {
      const sample = samples[times % samples.length] ?? text;
      const from = position(other, sample);
      return Buffer.concat([before, sample.subarray(from, from + length * 4), text.subarray(start)]);
    }
  }
}

function position(share: number, text: Buffer): number {
  return Math.round((share / SHARE) * text.length);
}
