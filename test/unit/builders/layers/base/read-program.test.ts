import { expect } from 'chai';
import fc from 'fast-check';
import { readProgram, type Program } from '../../../../../src/builders/layers/base/read-program.js';
import { inPieces } from '../../../image/layer-bytes.js';
import { elf, GLIBC_LOADER, MUSL_LOADER } from './base-images.js';

const read = (bytes: Buffer, size?: number): Promise<Program> => readProgram(inPieces(bytes, size));

describe('what a program says of itself', () => {
  const versions: readonly [texts: string[], expected: string[]][] = [
    [['3.11.2'], ['3.11.2']],
    [['3.13.0rc1'], ['3.13.0rc1']],
    [['3.12.0a7'], ['3.12.0a7']],
    // Built from a checkout.
    [['3.11.2+'], ['3.11.2']],
    // Merged with a longer text, which is a weaker witness.
    [['/root/.pyenv/versions/3.11.7'], ['3.11.7']],
    [
      ['/build/Python-3.11.7', '3.11.8'],
      ['3.11.8', '3.11.7'],
    ],
    [
      ['3.2.0', '3.11.2'],
      ['3.2.0', '3.11.2'],
    ],
    [['1.2.13', '3.11', 'v3.11.2', '13.11.2', '3.11.2.1', '3.11.2 (main)', '3.11.2-6', '3.111.2'], []],
  ];
  for (const [texts, expected] of versions)
    it(`finds ${expected.join(' and ') || 'no version'} in ${texts.join(', ')}`, async () => {
      for (const size of [1, 7, 4096])
        expect((await read(elf(texts), size)).pythonVersions, String(size)).to.deep.equal(expected);
    });

  it('finds the versions that expressions find which look behind themselves', async () => {
    const banner = 'musl libc (x86_64)\nVersion %s\n';
    const part = fc.constantFrom('\0', '/', '-', '.', '1', '3', '0', '12', 'a', 'b', 'rc', '+');
    // Random parts alone are a version too seldom.
    const version = fc.constantFrom('3.11.2', '3.1.13rc1', '1.3.1', '1.31.113', '3.3.11.1', '3.1.1a1');
    const ended = fc
      .tuple(fc.constantFrom('\0', '/', '-', '.', '1'), version, fc.constantFrom('\0', '+\0', '.'))
      .map((parts) => parts.join(''));
    const texts = fc.array(fc.oneof(part, ended), { maxLength: 40, size: 'max' }).map((parts) => parts.join(''));
    const some = { python: 0, musl: 0 };
    await fc.assert(
      fc.asyncProperty(texts, fc.integer({ min: 1, max: 80 }), async (random, size) => {
        const text = banner + random;
        const [whole, ends] = [new Set<string>(), new Set<string>()];
        const python = /(?<=([\0/-]))(3\.\d{1,2}\.\d{1,2}(?:(?:a|b|rc)\d{1,2})?)\+?\0/g;
        for (const [, before, each = ''] of text.matchAll(python)) (before === '\0' ? whole : ends).add(each);
        const musl = new Set([...text.matchAll(/(?<=\0)(1\.\d{1,2}\.\d{1,3})(?=\0)/g)].map(([each]) => each));
        const expected = {
          pythonVersions: [...new Set([...whole, ...ends])],
          musl: musl.size === 1 ? [...musl][0] : undefined,
        };
        some.python += expected.pythonVersions.length;
        some.musl += musl.size;
        const { pythonVersions, musl: found } = await read(Buffer.from(text, 'latin1'), size);
        expect({ pythonVersions, musl: found }).to.deep.equal(expected);
      }),
      { numRuns: 1000 },
    );
    expect([some.python > 100, some.musl > 100], JSON.stringify(some)).to.deep.equal([true, true]);
  });

  it('does not take a version that the file ends with before it is terminated', async () => {
    expect((await read(Buffer.from('\x7fELF\0\x003.11.2'))).pythonVersions).to.deep.equal([]);
  });

  const machines: readonly [what: string, bytes: Buffer, kind: Program['kind'], machine: Program['machine']][] = [
    ['x86_64', elf([]), 'elf', 'x86_64'],
    ['aarch64', elf([], 183), 'elf', 'aarch64'],
    ['riscv64', elf([], 243), 'elf', undefined],
    ['32 bits of x86_64', Buffer.from(elf([]).fill(1, 4, 5)), 'elf', undefined],
    ['the most significant byte first', Buffer.from(elf([]).fill(2, 5, 6)), 'elf', undefined],
    ['half a header', elf([]).subarray(0, 12), 'elf', undefined],
    ['a script', Buffer.from('#!/bin/sh\nexec python3.11\n'), 'script', undefined],
    ['nothing', Buffer.alloc(0), 'other', undefined],
    ['text', Buffer.from('\x7fELV\x02\x01'), 'other', undefined],
  ];
  for (const [what, bytes, kind, machine] of machines)
    it(`tells what ${what} is`, async () => {
      for (const size of [1, 4096]) expect(await read(bytes, size)).to.include({ kind, machine });
    });

  const loaders: readonly [text: string, expected: string | undefined][] = [
    [GLIBC_LOADER, GLIBC_LOADER],
    [MUSL_LOADER, MUSL_LOADER],
    ['/lib/ld-linux-aarch64.so.1', '/lib/ld-linux-aarch64.so.1'],
    ['/nix/store/abc-glibc-2.38-27/lib/ld-linux-x86-64.so.2', '/nix/store/abc-glibc-2.38-27/lib/ld-linux-x86-64.so.2'],
    ['ld-linux-x86-64.so.2', undefined],
    ['/lib64/ld-linux-x86-64.so.2 --help', undefined],
  ];
  for (const [text, expected] of loaders)
    it(`is started by ${expected ?? 'no loader'} where it has ${text}`, async () => {
      for (const size of [3, 4096]) expect((await read(elf([text]), size)).loader, String(size)).to.equal(expected);
    });

  const glibcs: readonly [text: string, expected: string | undefined][] = [
    ['GNU C Library (Debian GLIBC 2.36-9+deb12u14) stable release version 2.36.\nCopyright', '2.36'],
    ['GNU C Library (Ubuntu GLIBC 2.35-0ubuntu3.1) stable release version 2.35.', '2.35'],
    ['GNU C Library (GNU libc) stable release version 2.28.', '2.28'],
    ['GNU C Library (GNU libc) development release version 2.42.9000.', '2.42'],
    ['GNU C Library\n release version 2.36', undefined],
    ['glibc 2.36', undefined],
  ];
  for (const [text, expected] of glibcs)
    it(`is ${expected === undefined ? 'not glibc' : `glibc ${expected}`} where it has ${JSON.stringify(text)}`, async () => {
      for (const size of [5, 4096]) expect((await read(elf([text]), size)).glibc, String(size)).to.equal(expected);
    });

  it('is musl where it prints so, with the one version that it has', async () => {
    const banner = 'musl libc (x86_64)\nVersion %s\nDynamic Program Loader\n';
    expect((await read(elf([banner, '/proc/self/fd/', '1.2.4', 'x']), 3)).musl).to.equal('1.2.4');
    // zlib's, say.
    expect((await read(elf(['1.2.13']))).musl).to.equal(undefined);
    expect((await read(elf([banner, '1.2.4', '1.2.13']))).musl).to.equal(undefined);
    expect((await read(elf([banner]))).musl).to.equal(undefined);
  });

  it('names the library of Python that it is linked to', async () => {
    const linked = async (text: string) => (await read(elf([text]), 5)).libraryVersion;
    expect(await linked('libpython3.11.so.1.0')).to.equal('3.11');
    expect(await linked('libpython3.7m.so.1.0')).to.equal('3.7');
    expect(await linked('libpython3.so')).to.equal(undefined);
    expect(await linked('libpython2.7.so.1.0')).to.equal(undefined);
  });
});
