import { expect } from 'chai';
import type { ImageDifference } from '../../../src/inspect/image-difference.js';
import { imageDifferenceText } from '../../../src/ui/image-difference-text.js';

const NONE: ImageDifference = {
  a: 'app:v1',
  b: 'oci:dist',
  identical: false,
  fields: [],
  variables: [],
  labels: [],
  packages: { changes: [], unread: [] },
  layers: { shared: [], onlyInA: [], onlyInB: [], reordered: false },
};
const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const layer = (letter: string, size: number | null, madeBy: string | null = null) => ({
  ...{ digest: digest(letter), size, madeBy },
});
const text = (difference: Partial<ImageDifference>) => imageDifferenceText({ ...NONE, ...difference });
/** Without the two names. */
const rest = (difference: Partial<ImageDifference>) => text(difference).split('\n').slice(3).join('\n');

describe('the difference of two images, for people', () => {
  it('names both, then what differs: values, variables, labels, packages and layers', () => {
    const difference: Partial<ImageDifference> = {
      fields: [
        { name: 'baked.trackingUri', a: 'https://staging', b: 'https://mlflow' },
        { name: 'baked.authentication', a: [], b: ['GoogleOAuth2', 'Vars'] },
        { name: 'cmd', a: ['kedro', 'run'], b: null },
      ],
      variables: [
        { name: 'KEDRO_ENV', change: 'changed', a: 'staging', b: 'prod' },
        { name: 'PATH', change: 'changed', a: null, b: null },
      ],
      labels: [{ name: 'maintainer', change: 'onlyInA', a: null, b: null }],
      packages: {
        changes: [
          { name: 'numpy', change: 'onlyInB', a: [], b: ['1.26'] },
          { name: 'pandas', change: 'changed', a: ['1.5.3', '2.0'], b: ['2.2'] },
        ],
        unread: [],
      },
      layers: {
        shared: [layer('a', 1000), layer('b', 500)],
        onlyInA: [layer('c', 12_000, 'RUN pip install …')],
        onlyInB: [layer('d', 5, 'kdeploy'), layer('e', 0)],
        reordered: false,
      },
    };
    expect(text(difference)).to.equal(`A  app:v1
B  oci:dist

tracking URI    https://staging → https://mlflow
authentication  none → GoogleOAuth2, Vars
cmd             ["kedro","run"] → none

variables
  KEDRO_ENV  staging → prod
  PATH       changed

labels
  maintainer  only in A

Python packages, in the layers that differ
  numpy   only in B: 1.26
  pandas  1.5.3, 2.0 → 2.2

layers
  in both: 2 layers, 1.5 kB
  only in A: 1 layer, 12 kB
    sha256:cccccccccccc  12 kB  RUN pip install …
  only in B: 2 layers, 5 B
    sha256:dddddddddddd  5 B  kdeploy
    sha256:eeeeeeeeeeee  0 B`);
  });

  it('says that two images are one', () => {
    const layers = { ...NONE.layers, shared: [layer('a', 1)] };
    expect(rest({ identical: true, layers })).to.equal('identical: both are the same image');
  });

  it('does not say so where something differs that it does not compare', () => {
    expect(rest({})).to.match(/^no difference in anything that kdeploy compares; /);
  });

  const fields: readonly [what: string, field: ImageDifference['fields'][number], expected: string][] = [
    [
      'an image that kdeploy did not build',
      { name: 'baked.version', a: null, b: '0.1.0' },
      'kdeploy  not built by kdeploy → 0.1.0',
    ],
    ['a value that is missing', { name: 'revision', a: '4b', b: null }, 'git revision  4b → none'],
    ['a value that is empty', { name: 'revision', a: '', b: null }, 'git revision  (empty) → none'],
    ['an empty command', { name: 'entrypoint', a: [], b: ['a b'] }, 'entrypoint  none → ["a b"]'],
    [
      'a secret',
      { name: 'source', a: 'https://***@host', b: 'https://***@host' },
      'source  https://***@host (differs in a secret, which is not shown)',
    ],
    ['escape sequences', { name: 'user', a: 'a\u001b[2J', b: 'b\nc' }, String.raw`user  a\x1b[2J → b c`],
  ];
  for (const [what, field, expected] of fields) {
    it(`tells of ${what}`, () => {
      expect(rest({ fields: [field] })).to.equal(expected);
    });
  }

  const entries: readonly [entry: ImageDifference['labels'][number], expected: string][] = [
    [{ name: 'x', change: 'onlyInA', a: '1', b: null }, 'x  only in A: 1'],
    [{ name: 'x', change: 'onlyInB', a: null, b: '' }, 'x  only in B: (empty)'],
    [{ name: 'x', change: 'onlyInB', a: null, b: 'y'.repeat(81) }, 'x  only in B'],
    [{ name: 'x', change: 'changed', a: '', b: '1' }, 'x  (empty) → 1'],
    [{ name: 'x', change: 'changed', a: null, b: '1' }, 'x  changed'],
    [{ name: 'x', change: 'changed', a: '***', b: '***' }, 'x  changed'],
    [{ name: 'x', change: 'changed', a: 'y'.repeat(81), b: '1' }, 'x  changed'],
    [{ name: 'x\u001b', change: 'changed', a: null, b: null }, String.raw`x\x1b  changed`],
  ];
  for (const [entry, expected] of entries) {
    it(`says ‘${expected}’ of a label`, () => {
      expect(rest({ labels: [entry] })).to.equal(`labels\n  ${expected}`);
    });
  }

  it('says nothing of packages that nobody looked for, and which layers could not be read', () => {
    const layers = { ...NONE.layers, onlyInA: [layer('a', null)] };
    expect(rest({ packages: null, layers })).to.equal(
      'layers\n  in both: 0 layers\n  only in A: 1 layer\n    sha256:aaaaaaaaaaaa  ',
    );
    expect(
      rest({ packages: { changes: [], unread: [digest('a'), digest('b')] }, layers })
        .split('\n')
        .slice(0, 2),
    ).to.deep.equal([
      'Python packages, in the layers that differ',
      '  unknown  what sha256:aaaaaaaaaaaa, sha256:bbbbbbbbbbbb contain: to read zstd, use Node.js 22.15 or later',
    ]);
  });

  it('tells of layers that are in another order alone', () => {
    const layers = { ...NONE.layers, shared: [layer('a', 1), layer('b', 2)], reordered: true };
    expect(rest({ layers })).to.equal('layers\n  in both: 2 layers, 3 B, in another order');
  });
});
