import { expect } from 'chai';
import { parseWheelName } from '../../../../../src/builders/layers/resolve/wheel-name.js';

describe('the name of a wheel', () => {
  it('says distribution, version and tags', () => {
    expect(parseWheelName('numpy-2.3.5-cp311-cp311-manylinux_2_28_x86_64.whl')).to.deep.equal({
      distribution: 'numpy',
      version: '2.3.5',
      build: undefined,
      tags: ['cp311-cp311-manylinux_2_28_x86_64'],
    });
  });

  it('stands for every combination of a compressed set', () => {
    expect(parseWheelName('a_b-1.0-py2.py3-none-Any.macosx_1.whl')?.tags).to.deep.equal([
      'py2-none-any',
      'py2-none-macosx_1',
      'py3-none-any',
      'py3-none-macosx_1',
    ]);
  });

  for (const [name, build] of [
    ['a-1.0-1-py3-none-any.whl', [1, '']],
    ['a-1.0-12local-py3-none-any.whl', [12, 'local']],
  ] as const) {
    it(`has the build ${build.join('')} in ${name}`, () => {
      expect(parseWheelName(name)?.build).to.deep.equal(build);
    });
  }

  for (const name of [
    'a-1.0.tar.gz',
    'a-1.0-py3-none-any.whl.metadata',
    'a-1.0-py3-none.whl',
    'a-1.0-build-py3-none-any.whl',
    '-1.0-py3-none-any.whl',
    `a-1-${'py.'.repeat(50)}py-${'n.'.repeat(50)}n-any.whl`,
  ]) {
    it(`is not ${name.slice(0, 40)}`, () => expect(parseWheelName(name)).to.equal(undefined));
  }
});
