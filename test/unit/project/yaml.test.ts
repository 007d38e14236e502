import { expect } from 'chai';
import fc from 'fast-check';
import { KdeployError } from '../../../src/errors.js';
import { MAXIMUM_YAML_BYTES, parseYaml } from '../../../src/project/yaml.js';
import { rejection } from '../../support/rejection.js';

async function valueOf(text: string | Buffer): Promise<unknown> {
  return (await parseYaml(text, 'conf/base/x.yml')).value;
}

describe('parseYaml', () => {
  const values: [text: string, expected: unknown][] = [
    ['', undefined],
    ['# nothing\n', undefined],
    ['null', undefined],
    ['\uFEFFa: 1', { a: 1 }],
    ['a: yes\nb: Off\nc: TRUE\nd: "yes"', { a: true, b: false, c: true, d: 'yes' }],
    // PyYAML reads these as text, although YAML 1.1 has them for booleans.
    ['a: y\nb: N\nc: Y', { a: 'y', b: 'N', c: 'Y' }],
    ['a: 010\nb: 1_000\nc: 0x10', { a: 8, b: 1000, c: 16 }],
    ['x: &x {a: 1}\ny:\n  <<: *x\n  b: 2', { x: { a: 1 }, y: { a: 1, b: 2 } }],
  ];
  for (const [text, expected] of values) {
    it(`reads ${JSON.stringify(text)}`, async () => expect(await valueOf(text)).to.deep.equal(expected));
  }

  it('knows where keys stand, and for missing ones where their nearest parent stands', async () => {
    const yaml = await parseYaml('a:\n  b:\n    - c\n    - d: 1\n', 'x.yml');
    expect(yaml.placeOf(['a', 'b'])).to.deep.equal({ file: 'x.yml', line: 2 });
    expect(yaml.placeOf(['a', 'b', 1, 'd'])).to.deep.equal({ file: 'x.yml', line: 4 });
    expect(yaml.placeOf(['a', 'z', 'y'])).to.deep.equal({ file: 'x.yml', line: 1 });
    expect(yaml.placeOf(['z'])).to.deep.equal({ file: 'x.yml' });
  });

  const broken: [name: string, text: string | Buffer, message: RegExp][] = [
    ['a bracket that does not close', 'a:\n  - [1\n', /^x\.yml is not valid YAML: /],
    ['a key twice', 'a: 1\na: 2\n', /not valid YAML: .*unique.*line 2/],
    ['bytes that are no text', Buffer.from('a: \0'), /is not a text file/],
    ['a file too large for a configuration', 'a'.repeat(MAXIMUM_YAML_BYTES + 1), /is too large/],
    [
      'the billion laughs',
      [
        'a: &a [x,x,x,x,x,x,x,x,x]',
        ...'bcdefghi'.split('').map((key, i) => `${key}: &${key} [${`*${'abcdefgh'[i] ?? ''},`.repeat(8)}]`),
      ].join('\n'),
      /cannot be expanded/,
    ],
  ];
  for (const [name, text, message] of broken) {
    it(`refuses ${name}`, async () => {
      const error = await rejection(parseYaml(text, 'x.yml'));
      expect(error.code).to.equal('configuration');
      expect(error.message).to.match(message);
      expect(error.place?.file).to.equal('x.yml');
    });
  }

  it('throws nothing but KdeployError, whatever the bytes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array)),
          fc.string({
            unit: fc.constantFrom(
              ':',
              '-',
              '[',
              ']',
              '{',
              '}',
              '&',
              '*',
              '!',
              '|',
              '"',
              "'",
              '%',
              '@',
              '#',
              '\n',
              ' ',
              'a',
              '?',
              ',',
              '<<',
            ),
          }),
        ),
        async (bytes) => {
          try {
            await parseYaml(bytes, 'x.yml');
          } catch (error) {
            expect(error).to.be.instanceOf(KdeployError);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
