import { expect } from 'chai';
import fc from 'fast-check';
import { KdeployError } from '../../../src/errors.js';
import { readConfigFile } from '../../../src/project/kedro/omegaconf/config.js';
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
    // Not 750 and 90, and not 2 March.
    ['a: 12:30\nb: 1:30\nc: 1:30.5\nd: 08:00', { a: '12:30', b: '1:30', c: '1:30.5', d: '08:00' }],
    [
      'a: 2021-02-30\nb: 2021-13-01\nc: 2021-2-30 10:00:00',
      { a: '2021-02-30', b: '2021-13-01', c: '2021-2-30 10:00:00' },
    ],
    ['a: 2024-02-29\nb: 2024-2-9', { a: new Date('2024-02-29'), b: new Date('2024-02-09') }],
    // Names are as they are written, whatever such a value would be.
    ['on: 1\nNO: 2\n1_0: 3\n0x10: 4', { on: 1, NO: 2, '1_0': 3, '0x10': 4 }],
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
    ['bytes that are no text', Buffer.from('a: \0'), /is not UTF-8 text/],
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

  describe('of a size that is allowed, made to end it', () => {
    const MEGABYTE = 1_000_000;
    const doubling = (line: (name: string, above: string) => string): string =>
      ['a0: &a0 {k: 1}', ...Array.from({ length: 30 }, (_, index) => line(`a${index + 1}`, `a${index}`))].join('\n');
    const hostile: [name: string, text: string, message?: RegExp][] = [
      // Node itself runs out of memory in these, with an error that nothing can catch.
      ['brackets', '['.repeat(MEGABYTE), /is nested too deeply \(more than 100 levels\)/],
      [
        'brackets that close',
        '['.repeat(400_000) + ']'.repeat(400_000),
        /is nested too deeply \(more than 100 levels\)/,
      ],
      ['mappings in mappings', '{a: '.repeat(200_000), /is nested too deeply \(more than 100 levels\)/],
      ['lists in lists', `${'- '.repeat(400_000)}a`, /is nested too deeply \(more than 100 levels\)/],
      ['keys of keys', '? '.repeat(400_000), /is nested too deeply \(more than 100 levels\)/],
      [
        'a staircase',
        Array.from({ length: 1000 }, (_, index) => `${' '.repeat(index)}a:`).join('\n'),
        /is nested too deeply \(more than 100 levels\)/,
      ],
      ['keys by the ten thousands', Array.from({ length: 80_000 }, (_, i) => `k${i}: 1`).join('\n'), /too many values/],
      ['aliases by the ten thousands', `a: &a [x]\nb: [${'*a,'.repeat(200_000)}]`, /too many values/],
      ['merges of merges', doubling((name, above) => `${name}: &${name} {<<: [*${above}, *${above}]}`), /expanded/],
      [
        'merges side by side',
        doubling((name, above) => `${name}: &${name} {x: {<<: *${above}}, y: *${above}}`),
        /expanded/,
      ],
      ['an alias of itself', 'a: &a [*a]', /an alias refers to a value that contains it/],
      ['a merge of itself', 'a: &a {<<: *a}', /expanded/],
      ['a line', `a: ${'x'.repeat(MEGABYTE)}`],
      ['a number', `a: ${'9'.repeat(MEGABYTE - 10)}`],
      ['a time', `a: 1${':1'.repeat(400_000)}`],
      ['quotes', '"'.repeat(MEGABYTE), /too many values|not valid YAML/],
      ['lines that are empty', '\n'.repeat(MEGABYTE), /too many values/],
      ['spaces', ' '.repeat(MEGABYTE)],
      ['escapes', `"${'\\x41'.repeat(200_000)}"`],
      ['tags', '!!python/object '.repeat(10_000), /not valid YAML/],
    ];
    for (const [name, text, message] of hostile) {
      it(`is not ended by ${name}`, async () => {
        for (const read of [parseYaml, (bytes: string, file: string) => readConfigFile(Buffer.from(bytes), file)]) {
          const outcome = await read(text, 'x.yml').catch((error: unknown) => error);
          if (message === undefined) expect(outcome).to.not.be.instanceOf(Error);
          else {
            expect(outcome).to.be.instanceOf(KdeployError);
            expect((outcome as KdeployError).message).to.match(message);
            expect((outcome as KdeployError).place?.file).to.equal('x.yml');
          }
        }
      });
    }

    it('still reads what is merely long', async () => {
      const long = `a: [${Array.from({ length: 5000 }, (_, index) => index).join(', ')}]\nb:    ${' '.repeat(300)}x\n`;
      expect((await parseYaml(long, 'x.yml')).value).to.have.property('b', 'x');
      const deep = Array.from({ length: 60 }, (_, index) => `${'  '.repeat(index)}a:`).join('\n');
      expect((await parseYaml(deep, 'x.yml')).value).to.have.property('a');
    });

    it('names the line of what is too deep', async () => {
      const error = await rejection(parseYaml(`a: 1\nb: ${'['.repeat(200)}`, 'x.yml'));
      expect(error.place).to.deep.equal({ file: 'x.yml', line: 2 });
    });
  });

  it('refuses bytes in another encoding, which Kedro could not read either', async () => {
    expect((await rejection(parseYaml(Buffer.from('name: caf\xe9', 'latin1'), 'x.yml'))).message).to.equal(
      'x.yml is not UTF-8 text',
    );
  });

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
            await readConfigFile(Buffer.from(bytes), 'x.yml');
          } catch (error) {
            expect(error).to.be.instanceOf(KdeployError);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
