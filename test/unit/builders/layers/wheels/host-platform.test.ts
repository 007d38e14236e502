import { expect } from 'chai';
import {
  fits,
  hostPlatform,
  shownHost,
  shownTarget,
  type HostPlatform,
} from '../../../../../src/builders/layers/wheels/host-platform.js';

const image = {
  version: '3.11.2',
  executable: '/usr/bin/python3.11',
  machine: 'x86_64',
  libc: { kind: 'glibc', version: '2.36' },
} as const;
const linux = (version: string, machine = 'x64'): HostPlatform => ({
  system: 'linux',
  machine,
  libc: { kind: 'glibc', version },
});

describe('code that is compiled on this machine', () => {
  for (const [what, host, expected] of [
    ['the same glibc', linux('2.36'), true],
    ['an older glibc', linux('2.9'), true],
    ['a newer glibc', linux('2.41'), false],
    ['a glibc of another age', linux('3.0'), false],
    ['another processor', linux('2.36', 'arm64'), false],
    ['musl', { system: 'linux', machine: 'x64', libc: { kind: 'musl', version: undefined } }, false],
    ['macOS', { system: 'darwin', machine: 'x64', libc: undefined }, false],
  ] as const) {
    it(`${expected ? 'runs' : 'does not run'} in an image with glibc 2.36 where this machine has ${what}`, () => {
      expect(fits(host, image)).to.equal(expected);
    });
  }

  it('runs in an image with musl where this machine has it', () => {
    const musl = { system: 'linux', machine: 'arm64', libc: { kind: 'musl', version: undefined } } as const;
    expect(fits(musl, { machine: 'aarch64', libc: { kind: 'musl', version: '1.2' } })).to.equal(true);
  });

  it('is told by names that people know', () => {
    expect(shownTarget(image)).to.equal('Linux x86_64 with glibc 2.36 and CPython 3.11');
    expect(shownHost(linux('2.41'))).to.equal('linux x64 with glibc 2.41');
    expect(shownHost({ system: 'darwin', machine: 'arm64', libc: undefined })).to.equal('darwin arm64');
    expect(hostPlatform()).to.include({ system: process.platform, machine: process.arch });
  });
});
