import { expect } from 'chai';
import fc from 'fast-check';
import { readConfigFile, toPlainData, type ConfigMap } from '../../../../../src/project/kedro/omegaconf/config.js';
import { resolveConfig, type Resolvers } from '../../../../../src/project/kedro/omegaconf/resolve.js';

async function mapOf(yaml: string): Promise<ConfigMap> {
  const { content } = await readConfigFile(Buffer.from(yaml), 'x.yml');
  if (content === undefined) throw new Error(`not read: ${yaml}`);
  return content;
}

async function resolved(yaml: string, globals = 'g: 1\nn: {m: two}\nf: 1.0\nz: null'): Promise<unknown> {
  const resolvers: Resolvers = { globals: await mapOf(globals), hasRuntimeParameters: true };
  const { value, unresolved } = resolveConfig(await mapOf(yaml), resolvers);
  return unresolved.length > 0 ? unresolved.map(({ kind, path }) => `${kind} ${path.join('.')}`) : toPlainData(value);
}

describe('resolveConfig', () => {
  const cases: [name: string, yaml: string, expected: unknown][] = [
    ['a key of the root, with its type', 'a: 5\nb: ${a}', { a: 5, b: 5 }],
    ['keys further down', 'a: {b: {c: x}}\nd: ${a.b.c}', { a: { b: { c: 'x' } }, d: 'x' }],
    ['a whole section', 'a: {b: "${c}"}\nc: 1\nd: ${a}', { a: { b: 1 }, c: 1, d: { b: 1 } }],
    ['a neighbour, and one further up', 's: {a: 1, b: "${.a}", t: {c: "${..a}"}}', { s: { a: 1, b: 1, t: { c: 1 } } }],
    ['chains', 'a: ${b}\nb: ${c}\nc: 1', { a: 1, b: 1, c: 1 }],
    [
      'within text, as Python writes it',
      'a: x${b}-${c}-${d}\nb: yes\nc: null\nd: 010',
      { a: 'xTrue-None-8', b: true, c: null, d: 8 },
    ],
    [
      'globals',
      'a: ${globals:g}\nb: ${globals:n.m}\nc: ${globals:z}\nd: ${globals:n}',
      { a: 1, b: 'two', c: null, d: { m: 'two' } },
    ],
    [
      'defaults of globals',
      'a: ${globals:x, y}\nb: "${globals:x, \'a b\'}"\nc: ${globals:x,-3}\nd: ${globals:x,null}',
      { a: 'y', b: 'a b', c: -3, d: null },
    ],
    ['defaults of runtime parameters', 'a: ${runtime_params:x, true}', { a: true }],
    ['dollars that are none', 'a: $5 {b} $c', { a: '$5 {b} $c' }],
    ['random names alone', 'a: "${km.random_name:}"', { a: '${km.random_name:}' }],
    ['floats alone', 'a: ${globals:f}', { a: 1 }],
  ];
  for (const [name, yaml, expected] of cases) {
    it(`resolves ${name}`, async () => expect(await resolved(yaml)).to.deep.equal(expected));
  }

  const open: [name: string, yaml: string, expected: string[]][] = [
    ['a float within text, whose digits are Python’s', 'a: x${globals:f}', ['ask a']],
    ['a section within text', 'a: x${globals:n}', ['ask a']],
    ['what is not there', 'a: ${b}\nc: {d: "${.e}"}', ['ask a', 'ask c.d']],
    ['above the root', 'a: ${..b}\nb: 1', ['ask a']],
    ['a circle', 'a: ${b}\nb: ${a}', ['ask a', 'ask b']],
    ['itself', 'a: {b: "${a}"}', ['ask a.b']],
    ['lists', 'a: [1]\nb: ${a.0}\nc: ["${.x}"]', ['ask b', 'ask c.0']],
    ['another interpolation on the way', 'a: ${b}\nb: {c: 1}\nd: ${a.c}', ['ask d']],
    ['nesting', 'a: ${globals:x, ${globals:g}}', ['ask a']],
    ['escapes', "a: '\\${b}'\nb: 1", ['ask a']],
    ['resolvers that it does not know', 'a: ${today:}', ['ask a']],
    ['keys', '"${a}": 1', ['ask ${a}']],
    ['what OmegaConf calls missing', 'a: ???', ['ask a']],
    ['runtime parameters without a default', 'a: ${runtime_params:x}', ['ask a']],
    ['hidden globals', 'a: ${globals:_x, 1}', ['ask a']],
    ['a random name by another name', 'a: ${b}\nb: ${km.random_name:}', ['ask a']],
    ['numbers with a point as default', 'a: ${globals:x, 1.5}', ['ask a']],
    ['globals that are not there, which Kedro refuses', 'a: ${globals:x}', ['refused a']],
    ['the environment, which Kedro refuses', 'a: ${oc.env:HOME}', ['refused a']],
  ];
  for (const [name, yaml, expected] of open) {
    it(`leaves ${name}`, async () => expect(await resolved(yaml)).to.deep.equal(expected));
  }

  it('does not grow with text that doubles itself', async () => {
    const lines = Array.from({ length: 40 }, (_, index) => `a${index + 1}: "\${a${index}}\${a${index}}"`);
    const { unresolved } = resolveConfig(await mapOf(['a0: xxxxxxxxxx', ...lines].join('\n')), {
      globals: new Map(),
      hasRuntimeParameters: true,
    });
    expect(unresolved.length).to.be.greaterThan(0);
  });

  it('never throws, and leaves text without ${ as it is', () => {
    const piece = fc.constantFrom(
      '${',
      '}',
      'a',
      '.',
      ':',
      ',',
      ' ',
      '$',
      '\\',
      '[',
      '0',
      'globals',
      'oc.env',
      "'",
      '???',
      'null',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join('');
        const { value, unresolved } = resolveConfig(new Map([['a', text]]), {
          globals: new Map([['a', 'b']]),
          hasRuntimeParameters: true,
        });
        if (!text.includes('${') && !text.endsWith('???')) {
          expect(unresolved).to.deep.equal([]);
          expect(value.get('a')).to.equal(text);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
