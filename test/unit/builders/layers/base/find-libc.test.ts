import { expect } from 'chai';
import { findLibc, type LinkedProgram } from '../../../../../src/builders/layers/base/find-libc.js';
import { elf, GLIBC, GLIBC_LOADER, MUSL_LOADER, treeOfLayers, type TestEntry } from './base-images.js';

const MUSL_BANNER = 'musl libc (x86_64)\nVersion %s\n';
const glibc = (version: string, machine?: number): Buffer =>
  elf([`GNU C Library (GNU libc) stable release version ${version}.`], machine);
const musl = elf([MUSL_BANNER, '1.2.4']);

const find = async (entries: readonly TestEntry[], program: Partial<LinkedProgram>): Promise<string> => {
  const { kind, version } = findLibc(await treeOfLayers(entries), {
    ...{ path: 'usr/bin/python3.11', machine: 'x86_64', loader: GLIBC_LOADER },
    ...program,
  });
  return `${kind} ${version}`;
};

const ALPINE: readonly TestEntry[] = [
  ['lib/ld-musl-x86_64.so.1', musl],
  ['lib/libc.musl-x86_64.so.1', { linkname: 'ld-musl-x86_64.so.1' }],
];

describe('the C library of a base', () => {
  // prettier-ignore
  const cases: readonly [what: string, entries: readonly TestEntry[], program: Partial<LinkedProgram>, expected: string][] = [
    ['Debian', GLIBC, {}, 'glibc 2.36'],
    ['CentOS', [['lib64', { linkname: 'usr/lib64' }], ['usr/lib64/libc-2.28.so', glibc('2.28')], ['usr/lib64/libc.so.6', { linkname: 'libc-2.28.so' }]], {}, 'glibc 2.28'],
    ['Nix', [['nix/store/g/lib/libc.so.6', glibc('2.40')], ...GLIBC], { loader: '/nix/store/g/lib/ld-linux-x86-64.so.2' }, 'glibc 2.40'],
    ['arm64', [['lib/aarch64-linux-gnu/libc.so.6', glibc('2.31', 183)], ['lib/libc.so.6', glibc('2.17')]], { machine: 'aarch64', loader: '/lib/ld-linux-aarch64.so.1' }, 'glibc 2.31'],
    ['two machines', [['lib/libc.so.6', glibc('2.17', 3)], ['usr/lib/libc.so.6', glibc('2.31')]], {}, 'glibc 2.31'],
    ['Buildroot', [['lib/ld-musl-x86_64.so.1', { linkname: 'libc.so' }], ['lib/libc.so', musl]], { loader: MUSL_LOADER }, 'musl 1.2'],
    ['Void', [['lib', { linkname: 'usr/lib' }], ['usr/lib/ld-musl-x86_64.so.1', { linkname: '/usr/lib/libc.so' }], ['usr/lib/libc.so', musl]], { loader: MUSL_LOADER }, 'musl 1.2'],
    ['Debian with glibc’s linker script', [...GLIBC, ['usr/lib/x86_64-linux-gnu/libc.so', 'GROUP ( /lib/x86_64-linux-gnu/libc.so.6 )'], ['usr/lib/libc.so', 'GROUP ( libc.so.6 )']], {}, 'glibc 2.36'],
    ['Alpine', ALPINE, { loader: MUSL_LOADER }, 'musl 1.2'],
    ['Debian with musl', [['lib/ld-musl-x86_64.so.1', { linkname: 'x86_64-linux-musl/libc.so' }], ['lib/x86_64-linux-musl/libc.so', musl], ['lib/x86_64-linux-gnu/libc.so.6', glibc('2.36')]], { loader: MUSL_LOADER }, 'musl 1.2'],
    ['Alpine with glibc', [...ALPINE, ['usr/lib/libc.so.6', glibc('2.35')]], { loader: MUSL_LOADER }, 'musl 1.2'],
    ['Alpine with glibc, for a Python of glibc', [...ALPINE, ['usr/lib/libc.so.6', glibc('2.35')]], {}, 'glibc 2.35'],
  ];
  for (const [what, entries, program, expected] of cases)
    it(`is ${expected} on ${what}`, async () => {
      expect(await find(entries, program)).to.equal(expected);
    });

  // prettier-ignore
  const unknown: readonly [what: string, entries: readonly TestEntry[], program: Partial<LinkedProgram>, expected: RegExp][] = [
    ['Python is linked statically', GLIBC, { loader: undefined }, /statically/],
    ['it is missing', [['lib64/ld-linux-x86-64.so.2', elf([])]], {}, /no libc\.so\.6/],
    ['it is for another machine', [['lib64/libc.so.6', glibc('2.36', 183)]], {}, /no libc\.so\.6/],
    ['it is no library', [['lib64/libc.so.6', 'GROUP ( /lib64/libc.so.6 )']], {}, /no libc\.so\.6/],
    ['the loader is another’s', [['lib/ld-musl-x86_64.so.1', elf(['1.2.4'])]], { loader: MUSL_LOADER }, /not musl/],
  ];
  for (const [what, entries, program, expected] of unknown)
    it(`is unknown where ${what}`, async () => {
      const error = await find(entries, program).catch((thrown: unknown) => thrown);
      expect(error).to.include({ code: 'configuration' });
      expect(String(error)).to.match(expected);
    });
});
