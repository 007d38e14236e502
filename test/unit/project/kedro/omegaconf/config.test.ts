import { expect } from 'chai';
import { readConfigFile, toPlainData } from '../../../../../src/project/kedro/omegaconf/config.js';
import { rejection } from '../../../../support/rejection.js';

async function read(text: string | Buffer): Promise<unknown> {
  const { content } = await readConfigFile(Buffer.from(text), 'x.yml');
  return content === undefined ? 'left to Kedro' : toPlainData(content);
}

describe('readConfigFile', () => {
  const cases: [text: string, expected: unknown][] = [
    ['', {}],
    ['# nothing', {}],
    ['a: 1e3\nb: 1.\nc: .5\nd: 1_0.5', { a: 1000, b: 1, c: 0.5, d: 10.5 }],
    ['a: 010\nb: 089\nc: 0x1F\nd: 0b11\ne: -1_000\nf: 0o17', { a: 8, b: '089', c: 31, d: 3, e: -1000, f: '0o17' }],
    ['a: 12:30:45\nb: 1:99\nc: 0:10', { a: 45_045, b: '1:99', c: '0:10' }],
    ['a: 2024-01-02\nb: 2024-01-02T03:04:05Z', { a: '2024-01-02', b: '2024-01-02T03:04:05Z' }],
    ['a: y\nb: yes\nc: Off\nd: oN\ne: "yes"', { a: 'y', b: true, c: false, d: 'oN', e: 'yes' }],
    ['a: ~\nb:\nc: NULL\nd: nULL', { a: null, b: null, c: null, d: 'nULL' }],
    [
      'x: &x {a: 1, b: 2}\ny: {<<: *x, b: 3}\nz: {<<: [*x, {a: 9, c: 9}]}',
      { x: { a: 1, b: 2 }, y: { a: 1, b: 3 }, z: { a: 1, b: 2, c: 9 } },
    ],
    ['__proto__: {a: 1}', JSON.parse('{"__proto__": {"a": 1}}')],
  ];
  for (const [text, expected] of cases) {
    it(`reads ${JSON.stringify(text)} as OmegaConf does`, async () => expect(await read(text)).to.deep.equal(expected));
  }

  const open: [name: string, text: string][] = [
    ['tags', 'a: !!python/object/apply:os.system [ls]'],
    ['tags of YAML itself', 'a: !!str 1'],
    ['keys that are no text', '1: a'],
    ['keys that are booleans', 'on: a'],
    ['keys that are lists', '? [a]\n: b'],
    ['two merges in one mapping, where the later wins', 'x: &x {a: 1}\ny: &y {a: 2}\nz:\n  <<: *x\n  <<: *y'],
    ['tabs', 'a:\tb'],
    ['directives', '%YAML 1.2\n---\na: 1'],
    ['control characters', 'a: \u0007'],
    ['infinity', 'a: .inf'],
    ['numbers without digits', 'a: 0x_'],
    ['numbers without end', `a: ${'9'.repeat(5000)}`],
    ['an equals sign alone', 'a: ='],
    ['more than OmegaConf expands', Array.from({ length: 5001 }, (_, index) => `k${index}: [1]`).join('\n')],
    ['lists', '- a'],
  ];
  for (const [name, text] of open) {
    it(`leaves ${name} to Kedro`, async () => expect(await read(text)).to.equal('left to Kedro'));
  }

  it('tells numbers apart that Python writes differently', async () => {
    const { content } = await readConfigFile(Buffer.from('a: 1\nb: 1.0'), 'x.yml');
    expect([...(content ?? [])]).to.deep.equal([
      ['a', 1n],
      ['b', 1],
    ]);
  });

  it('refuses bytes that are no UTF-8, as Kedro does', async () => {
    expect((await rejection(read(Buffer.from([0x61, 0x3a, 0x20, 0xff])))).message).to.equal('x.yml is not UTF-8 text');
  });
});
