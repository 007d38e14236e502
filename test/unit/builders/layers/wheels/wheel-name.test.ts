import { expect } from 'chai';
import { isPure, parseWheelName } from '../../../../../src/builders/layers/wheels/wheel-name.js';

describe('the name of a wheel', () => {
  it('says the name, the version and the tags', () => {
    expect(parseWheelName('numpy-2.3.5-cp311-cp311-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl')).to.deep.equal({
      name: 'numpy',
      version: '2.3.5',
      build: undefined,
      python: ['cp311'],
      abi: ['cp311'],
      platform: ['manylinux_2_27_x86_64', 'manylinux_2_28_x86_64'],
    });
  });

  for (const [filename, name, version, build] of [
    ['kedro_mlflow-1.0.0-py3-none-any.whl', 'kedro-mlflow', '1.0.0', undefined],
    ['Kedro.MLflow-1.0.0-py3-none-any.whl', 'kedro-mlflow', '1.0.0', undefined],
    ['six-1.17.0-py2.py3-none-any.whl', 'six', '1.17.0', undefined],
    ['torch-2.9.0+cu128-cp311-cp311-linux_x86_64.whl', 'torch', '2.9.0+cu128', undefined],
    ['a-1!2.0rc1.post2.dev3-py3-none-any.whl', 'a', '1!2.0rc1.post2.dev3', undefined],
    ['a-1.0-1-py3-none-any.whl', 'a', '1.0', '1'],
    ['a-1.0-2local-py3-none-any.whl', 'a', '1.0', '2local'],
  ] as const) {
    it(`is read from ${filename}`, () => {
      expect(parseWheelName(filename)).to.include({ name, version, build });
    });
  }

  for (const filename of [
    '',
    'numpy-2.3.5.tar.gz',
    'numpy-2.3.5-cp311-cp311.whl',
    'numpy-2.3.5-cp311-cp311-linux_x86_64.whl.metadata',
    'numpy-latest-py3-none-any.whl',
    'kedro-mlflow-1.0-py3-none-any.whl',
    'a-1.0-local-py3-none-any.whl',
    'a-1.0-1-2-py3-none-any.whl',
    '../a-1.0-py3-none-any.whl',
    'a-1.0-py3-none-any/b.whl',
    '-1.0-py3-none-any.whl',
    '.a-1.0-py3-none-any.whl',
    'a-1.0-py3-none-any.WHL',
  ]) {
    it(`is not ${JSON.stringify(filename)}`, () => {
      expect(parseWheelName(filename)).to.equal(undefined);
    });
  }

  for (const [filename, pure] of [
    ['a-1.0-py3-none-any.whl', true],
    ['a-1.0-cp311-none-any.whl', true],
    ['a-1.0-py3-none-manylinux_2_17_x86_64.whl', false],
    ['a-1.0-cp39-abi3-any.whl', false],
    ['a-1.0-cp311-cp311-linux_x86_64.whl', false],
  ] as const) {
    it(`tells whether anything was compiled: ${filename}`, () => {
      expect(isPure(parseWheelName(filename)!)).to.equal(pure);
    });
  }
});
