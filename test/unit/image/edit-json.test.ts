import { expect } from 'chai';
import fc from 'fast-check';
import { KdeployError } from '../../../src/errors.js';
import { editJson, type JsonEdit } from '../../../src/image/edit-json.js';

const edited = (text: string, ...edits: JsonEdit[]): string =>
  editJson(Buffer.from(text), edits, 'the configuration of app:v1').toString('utf8');

/** Longer than what jsonc-parser is given to read. */
const LONG = '\\u00e9 \\" \\\\ {[:, '.repeat(100);

describe('an edit of a JSON document', () => {
  const cases: readonly (readonly [string, string, JsonEdit, string])[] = [
    ['sets a value', '{"a":1,"b":2}', { path: ['a'], value: 'x' }, '{"a":"x","b":2}'],
    ['adds a key', '{"a":{"b":1}}', { path: ['a', 'c'], value: [2] }, '{"a":{"b":1,"c": [2]}}'],
    ['adds to a list', '{"a":[1]}', { path: ['a', 1], value: { b: 2, c: undefined } }, '{"a":[1,{"b":2}]}'],
    ['takes a key away', '{"a":1, "b":2 ,"c":3}', { path: ['b'], value: undefined }, '{"a":1 ,"c":3}'],
    [
      'leaves alone what is not there to be taken away',
      '{ "a":1 }',
      { path: ['b', 'c'], value: undefined },
      '{ "a":1 }',
    ],
    ['makes the way to a key', '{}', { path: ['a', 'b', 'c'], value: 1 }, '{"a": {"b":{"c":1}}}'],
    [
      'sets below a null, as Go writes an empty map',
      '{"a":{"b":null}}',
      { path: ['a', 'b', 'c'], value: 1 },
      '{"a":{"b":{"c":1}}}',
    ],
    [
      'keeps numbers beyond 2^53',
      '{"n":9007199254740993,"a":1}',
      { path: ['a'], value: 2 },
      '{"n":9007199254740993,"a":2}',
    ],
    ['keeps numbers as they were spelt', '{"n":1.0e+2,"a":1}', { path: ['a'], value: 2 }, '{"n":1.0e+2,"a":2}'],
    [
      'keeps escapes and white space',
      '{ "\\u0061\\/": "\\u00e9",\n\t"a" : 1 }\n',
      { path: ['a'], value: 2 },
      '{ "\\u0061\\/": "\\u00e9",\n\t"a" : 2 }\n',
    ],
    ['keeps a foreign key twice', '{"x":1,"x":2,"a":1}', { path: ['a'], value: 2 }, '{"x":1,"x":2,"a":2}'],
    [
      'keeps keys that differ by case',
      '{"cmd":1,"Cmd":2,"CMD":3}',
      { path: ['Cmd'], value: 4 },
      '{"cmd":1,"Cmd":4,"CMD":3}',
    ],
    [
      'keeps a long value, escapes included',
      `{"a":"${LONG}","b":["${LONG}",1]}`,
      { path: ['b', 1], value: 2 },
      `{"a":"${LONG}","b":["${LONG}",2]}`,
    ],
    ['sets a long value', `{"a":"${LONG}","b":1}`, { path: ['a'], value: 'x' }, '{"a":"x","b":1}'],
    ['finds a long key', `{"${LONG}" :1}`, { path: [JSON.parse(`"${LONG}"`) as string], value: 2 }, `{"${LONG}" :2}`],
    [
      'takes a long element out of a list',
      `["${LONG}","b","${LONG}"]`,
      { path: [0], value: undefined },
      `["b","${LONG}"]`,
    ],
    [
      'takes __proto__ for a key like any other',
      '{"a":{"__proto__":1}}',
      { path: ['a', '__proto__'], value: 2 },
      '{"a":{"__proto__":2}}',
    ],
  ];
  for (const [what, before, edit, after] of cases) it(what, () => expect(edited(before, edit)).to.equal(after));

  const refused: readonly (readonly [string, Buffer, RegExp])[] = [
    ['names the key twice, so that readers disagree', Buffer.from('{"a":1,"a":2}'), /it has a more than once/],
    ['is cut off', Buffer.from('{"a":1'), /it is not a JSON document/],
    ['is empty', Buffer.alloc(0), /it is not a JSON document/],
    ['is not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), /not encoded in UTF-8/],
  ];
  for (const [what, bytes, message] of refused) {
    it(`is refused where the document ${what}`, () => {
      const edit = () => editJson(bytes, [{ path: ['a'], value: 3 }], 'the configuration of app:v1');
      expect(edit).to.throw(KdeployError, message).that.includes({ code: 'image-unusable' });
    });
  }

  it('changes no other value, and the same document back gives the same values', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }),
        fc.nat(),
        fc.jsonValue(),
        (document, at, value) => {
          const keys = Object.keys(document);
          const key = keys[at % keys.length] ?? '';
          const text = JSON.stringify(document);
          const result = edited(text, { path: [key], value });
          const expected: unknown = JSON.parse(JSON.stringify({ ...document, [key]: value }));
          expect(JSON.parse(result)).to.deep.equal(expected);
          expect(
            edited(text, { path: [key], value: (JSON.parse(text) as Record<string, unknown>)[key] }).length,
          ).to.equal(text.length);
        },
      ),
    );
  });
});
