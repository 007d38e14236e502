import { expect } from 'chai';
import type { ImagePython, Libc } from '../../../../../src/builders/layers/image-python.js';
import { knownPlatforms, pythonPlatform } from '../../../../../src/builders/layers/resolve/python-platform.js';
import { KdeployError } from '../../../../../src/errors.js';

const KNOWN = [17, 28, 31, 34, 36, 40].flatMap((minor) =>
  ['x86_64', 'aarch64'].map((machine) => `${machine}-manylinux_2_${minor}`),
);
const ALL = ['linux', ...KNOWN, 'x86_64-unknown-linux-musl', 'aarch64-unknown-linux-musl', 'x86_64-apple-darwin'];

const python = (libc: Libc, machine: ImagePython['machine'] = 'x86_64'): ImagePython => ({
  version: '3.11.2',
  executable: '/usr/bin/python3.11',
  libc,
  machine,
});

describe('uv’s name for the platform of an image', () => {
  for (const [version, name] of [
    ['2.36', 'x86_64-manylinux_2_36'],
    ['2.35', 'x86_64-manylinux_2_34'],
    ['2.42', 'x86_64-manylinux_2_40'],
    ['2.28', 'x86_64-manylinux_2_28'],
    ['2.12', 'x86_64-manylinux_2_17'],
  ] as const) {
    it(`is ${name} for glibc ${version}`, () => {
      expect(pythonPlatform(python({ kind: 'glibc', version }), ALL)).to.equal(name);
    });
  }

  it('is of its machine, and of musl', () => {
    expect(pythonPlatform(python({ kind: 'glibc', version: '2.31' }, 'aarch64'), ALL)).to.equal(
      'aarch64-manylinux_2_31',
    );
    expect(pythonPlatform(python({ kind: 'musl', version: '1.2' }), ALL)).to.equal('x86_64-unknown-linux-musl');
  });

  it('needs a newer uv where it has none', () => {
    for (const kind of ['glibc', 'musl'] as const)
      expect(() => pythonPlatform(python({ kind, version: '2.36' }), ['linux'])).to.throw(
        KdeployError,
        /does not know/,
      );
  });

  it('is one of those that its help lists, short or long', () => {
    const short =
      '      --python-platform <PYTHON_PLATFORM>\n          The platform [possible values: windows,\n          linux, x86_64-manylinux_2_17]\n      --universal';
    expect(knownPlatforms(short)).to.deep.equal(['windows', 'linux', 'x86_64-manylinux_2_17']);
    const long =
      '      --python-platform <PYTHON_PLATFORM>\n          The platform.\n\n          Possible values:\n          - linux:                 An alias\n          - x86_64-manylinux_2_17: A platform\n\n      --universal\n          - other: thing';
    expect(knownPlatforms(long)).to.deep.equal(['linux', 'x86_64-manylinux_2_17']);
    expect(knownPlatforms('nothing of the kind')).to.deep.equal([]);
  });
});
