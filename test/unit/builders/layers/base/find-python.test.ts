import { expect } from 'chai';
import { findPython, type FoundPython } from '../../../../../src/builders/layers/base/find-python.js';
import { KdeployError } from '../../../../../src/errors.js';
import { DEBIAN, elf, GLIBC, GLIBC_LOADER, imageOfLayers, SLIM, treeOfLayers } from './base-images.js';
import type { TestEntry, TestImageOptions } from './base-images.js';

const PROGRAM = { mode: 0o755 };
const python = (version: string): Buffer => elf([GLIBC_LOADER, version]);

async function find(entries: readonly TestEntry[], options?: TestImageOptions): Promise<FoundPython> {
  return findPython(await treeOfLayers(entries), await imageOfLayers([], options));
}

async function failure(entries: readonly TestEntry[], options?: TestImageOptions): Promise<KdeployError> {
  const error = await find(entries, options).catch((thrown: unknown) => thrown);
  if (!(error instanceof KdeployError)) throw new Error('it was found');
  expect([error.code, error.hint !== undefined]).to.deep.equal(['configuration', true]);
  return error;
}

describe('the Python of a base', () => {
  it('is Debian’s, which has its library in itself', async () => {
    expect(await find(DEBIAN)).to.deep.equal({
      python: {
        ...{ version: '3.11.2', executable: '/usr/bin/python3.11', machine: 'x86_64' },
        libc: { kind: 'glibc', version: '2.36' },
      },
      prefix: 'usr',
      environment: undefined,
    });
  });

  it('is that of Python’s own image, which is linked to its library', async () => {
    const found = await find(SLIM, { env: ['PATH=/usr/local/bin:/usr/bin:/bin', 'PYTHON_VERSION=3.11.1'] });
    expect(found.python.version).to.equal('3.11.9');
    expect([found.python.executable, found.prefix]).to.deep.equal(['/usr/local/bin/python3.11', 'usr/local']);
  });

  // prettier-ignore
  const chosen: readonly [what: string, entries: readonly TestEntry[], env: string[], expected: string][] = [
    ['the first on the default PATH', [...SLIM, ...DEBIAN], [], '/usr/local/bin/python3.11'],
    ['the first on the image’s PATH', [...DEBIAN, ['usr/bin/python', { linkname: 'python3' }], ...SLIM], ['PATH=/usr/bin:/usr/local/bin'], '/usr/bin/python3.11'],
    ['python before python3', [...DEBIAN, ['usr/local/bin/python3', python('3.9.1'), PROGRAM], ['usr/sbin/python', { linkname: '/usr/bin/python3.11' }]], [], '/usr/bin/python3.11'],
    ['python3 where python is another one', [...DEBIAN, ['usr/bin/python2.7', python('2.7.18'), PROGRAM], ['usr/bin/python', { linkname: 'python2.7' }]], [], '/usr/bin/python3.11'],
    ['the newest where there is no other name', [...GLIBC, ['usr/bin/python3.9', python('3.9.2'), PROGRAM], ['usr/bin/python3.12', python('3.12.1'), PROGRAM]], [], '/usr/bin/python3.12'],
    ['not one that cannot be executed', [...DEBIAN, ['usr/local/bin/python3', python('3.9.1'), { mode: 0o644 }]], [], '/usr/bin/python3.11'],
    ['not a link to nothing', [...DEBIAN, ['usr/local/bin/python', { linkname: '/opt/gone/python' }]], [], '/usr/bin/python3.11'],
    ['not a folder', [...DEBIAN, ['usr/bin/python/']], [], '/usr/bin/python3.11'],
    ['behind alternatives', [...GLIBC, ['usr/bin/python3', { linkname: '/etc/alternatives/python3' }], ['etc/alternatives/python3', { linkname: '/usr/bin/python3.9' }], ['usr/bin/python3.9', python('3.9.2'), PROGRAM]], [], '/usr/bin/python3.9'],
    ['conda’s', [...DEBIAN, ['opt/conda/bin/python3.11', python('3.11.5'), PROGRAM], ['opt/conda/bin/python', { linkname: 'python3.11' }]], ['PATH=/opt/conda/bin:/usr/bin'], '/opt/conda/bin/python3.11'],
    ['with the last PATH of several', DEBIAN, ['PATH=/nowhere', 'PATH=bin:/usr/bin'], '/usr/bin/python3.11'],
  ];
  for (const [what, entries, env, expected] of chosen)
    it(`is ${what}`, async () => {
      expect((await find(entries, { env })).python.executable).to.equal(expected);
    });

  it('is found behind the base’s own environment, whose links lead out of it', async () => {
    const environment: TestEntry[] = [
      ...SLIM,
      ['app/env/bin/python', { linkname: '/usr/local/bin/python3.11' }],
      ['app/env/pyvenv.cfg', 'home = /usr/local/bin\ninclude-system-site-packages = true\n'],
    ];
    const found = await find(environment, { env: ['PATH=/app/env/bin:/usr/local/bin'] });
    expect(found.python.executable).to.equal('/usr/local/bin/python3.11');
    expect(found.environment).to.deep.equal({ folder: 'app/env', hasSystemPackages: true });
  });

  it('is found behind an environment that has a copy', async () => {
    const withHome = (home: string): TestEntry[] => [
      ...SLIM,
      ['app/env/bin/python3.11', python('3.11.9'), PROGRAM],
      ['app/env/bin/python', { linkname: 'python3.11' }],
      ['app/env/pyvenv.cfg', `home = ${home}\n`],
    ];
    const env = ['PATH=/app/env/bin'];
    const found = await find(withHome('/usr/local/bin'), { env });
    expect(found.python.executable).to.equal('/usr/local/bin/python3.11');
    expect(found.environment?.hasSystemPackages).to.equal(false);
    expect((await failure(withHome('/gone'), { env })).message)
      .to.include('/app/env')
      .and.to.include('/gone');
  });

  it('is in no environment where a link leads into one from outside, as Python sees it', async () => {
    const entries: TestEntry[] = [
      ...SLIM,
      ['app/env/bin/python', { linkname: '/usr/local/bin/python3.11' }],
      ['app/env/pyvenv.cfg', 'home = /usr/local/bin\n'],
      ['usr/bin/python', { linkname: '/app/env/bin/python' }],
    ];
    expect((await find(entries, { env: ['PATH=/usr/bin'] })).environment).to.equal(undefined);
  });

  // prettier-ignore
  const refused: readonly [what: string, entries: readonly TestEntry[], options: TestImageOptions, expected: RegExp][] = [
    ['there is none', GLIBC, {}, /no Python.*\/usr\/local\/bin, /],
    ['none is on PATH', DEBIAN, { env: ['PATH=/bin2'] }, /no Python.*in \/bin2$/],
    ['PATH is empty', DEBIAN, { env: ['PATH='] }, /PATH, which is empty/],
    ['it is PyPy', [...GLIBC, ['opt/pypy/bin/pypy3.10', python('3.10.14'), PROGRAM], ['opt/pypy/bin/python', { linkname: 'pypy3.10' }]], { env: ['PATH=/opt/pypy/bin'] }, /PyPy/],
    ['it is free-threaded', [...GLIBC, ['usr/bin/python3.13t', python('3.13.1'), PROGRAM], ['usr/bin/python3', { linkname: 'python3.13t' }]], {}, /free-threaded/],
    ['it is too old', [...GLIBC, ['usr/bin/python3', { linkname: 'python3.6' }], ['usr/bin/python3.6', python('3.6.15'), PROGRAM]], {}, /Python 3\.6\.15.*too old/],
    ['it is too old to tell its version', [...GLIBC, ['usr/bin/python3', { linkname: 'python3.7' }], ['usr/bin/python3.7', python(''), PROGRAM]], {}, /Python 3\.7 .*too old/],
    ['it is a script', [...GLIBC, ['root/.pyenv/shims/python', '#!/usr/bin/env bash\n', PROGRAM]], { env: ['PATH=/root/.pyenv/shims'] }, /\/root\/\.pyenv\/shims\/python is a script/],
    ['it is something else', [...GLIBC, ['usr/bin/python', { linkname: 'snake' }], ['usr/bin/snake', 'x', PROGRAM]], {}, /\/usr\/bin\/snake is not an interpreter/],
    ['its version is unknown', [...GLIBC, ['usr/bin/python3.11', python('3.12.1'), PROGRAM]], {}, /libpython3\.11\.so\.1\.0/],
    ['the base is for another machine', DEBIAN, { architecture: 'arm64' }, /for linux\/arm64, but .* for x86_64/],
    ['the machine is not supported', [...GLIBC, ['usr/bin/python3.11', elf([GLIBC_LOADER, '3.11.2'], 243), PROGRAM]], { architecture: 'riscv64' }, /another machine/],
  ];
  for (const [what, entries, options, expected] of refused)
    it(`is refused where ${what}`, async () => {
      expect((await failure(entries, options)).message).to.match(expected);
    });
});
