import { expect } from 'chai';
import { bestWheel } from '../../../../../src/builders/layers/resolve/wheel-tags.js';
import { PYTHON } from '../../../../support/resolve-sandbox.js';

const best = (...tags: readonly string[]): string | undefined =>
  bestWheel(
    tags.map((tag) => ({ filename: `a-1.0-${tag}.whl` })),
    PYTHON,
  )?.filename.slice('a-1.0-'.length, -'.whl'.length);

describe('the wheel that fits best', () => {
  for (const [better, worse] of [
    ['cp311-cp311-manylinux_2_17_x86_64', 'cp311-abi3-manylinux_2_17_x86_64'],
    ['cp311-cp311-manylinux_2_28_x86_64', 'cp311-cp311-manylinux_2_17_x86_64'],
    ['cp311-cp311-manylinux_2_17_x86_64', 'cp311-cp311-manylinux2014_x86_64'],
    ['cp311-cp311-manylinux2014_x86_64.manylinux_2_17_x86_64', 'cp311-cp311-manylinux2014_x86_64'],
    ['cp39-abi3-manylinux_2_17_x86_64', 'py3-none-manylinux_2_17_x86_64'],
    ['cp310-abi3-manylinux_2_17_x86_64', 'cp39-abi3-manylinux_2_17_x86_64'],
    ['py3-none-manylinux1_x86_64', 'py3-none-any'],
    ['py311-none-any', 'py2.py3-none-any'],
    ['2-py3-none-any', '1-py3-none-any'],
    ['10-py3-none-any', '9-py3-none-any'],
    ['1-py3-none-any', 'py3-none-any'],
    ['py3-none-any', 'no-wheel'],
  ] as const) {
    it(`is ${better}, not ${worse}`, () => {
      expect(best(better, worse)).to.equal(better);
      expect(best(worse, better)).to.equal(better);
    });
  }

  for (const tag of [
    'cp312-cp312-manylinux_2_17_x86_64',
    'cp311-cp311t-manylinux_2_17_x86_64',
    'cp312-abi3-manylinux_2_17_x86_64',
    'cp310-cp310-manylinux_2_17_x86_64',
    'cp311-cp311-manylinux_2_37_x86_64',
    'cp311-cp311-manylinux_2_17_aarch64',
    'cp311-cp311-musllinux_1_2_x86_64',
    'cp311-cp311-macosx_11_0_arm64',
    'py2-none-any',
    'pp311-pypy311_pp73-manylinux_2_17_x86_64',
  ]) {
    it(`is not ${tag}, which does not run there`, () => expect(best(tag)).to.equal(undefined));
  }
});
