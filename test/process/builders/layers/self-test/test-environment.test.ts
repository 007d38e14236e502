import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import type { ImagePython } from '../../../../../src/builders/layers/image-python.js';
import {
  testEnvironment,
  type TestedPackage,
  type TestEnvironmentParts,
} from '../../../../../src/builders/layers/self-test/test-environment.js';
import { FolderCache } from '../../../../../src/cache/file-cache.js';
import { rejection } from '../../../../support/rejection.js';
import { TemporaryFolder } from '../../../../unit/temporary-folder.js';

const run = promisify(execFile);
const HOST = { system: 'linux', machine: 'x64', libc: { kind: 'glibc', version: '2.36' } } as const;

describe('an environment of the packages of an image', () => {
  let folder: TemporaryFolder;
  let cache: FolderCache;
  let python: ImagePython;
  let program: string;
  let notes: string[];
  let fetched: string[];

  before(async () => {
    const { stdout } = await run('python3', [
      '-c',
      'import sys; print(sys.executable, "%d.%d.%d" % sys.version_info[:3])',
    ]);
    const [executable = '', version = ''] = stdout.trim().split(' ');
    program = executable;
    python = { version, executable: '/usr/bin/python3', machine: 'x86_64', libc: { kind: 'glibc', version: '2.36' } };
  });

  beforeEach(async () => {
    folder = await TemporaryFolder.create();
    cache = new FolderCache(folder.file('my cache'));
    [notes, fetched] = [[], []];
  });

  afterEach(async () => folder.remove());

  const make = (packages: readonly TestedPackage[], changes: Partial<TestEnvironmentParts> = {}): Promise<string> =>
    testEnvironment(
      packages,
      python,
      {
        uv: { program: process.env.KDEPLOY_UV ?? 'uv' },
        hostPython: () => Promise.resolve(program),
        cache,
        fetch: (names) => {
          fetched.push(...names);
          return Promise.resolve(new Map(names.map((name) => [name, { file: folder.file(fileOf(name)) }])));
        },
        environment: {
          ...{ PATH: process.env.PATH, HOME: folder.file('home'), UV_OFFLINE: '1' },
          // What a user may have set for projects.
          ...{ UV_REQUIRE_HASHES: '1', UV_LINK_MODE: 'nonsense', UV_INDEX_URL: 'http://127.0.0.1:1/simple' },
        },
        note: (message) => notes.push(message),
        host: HOST,
        ...changes,
      },
      new AbortController().signal,
    );
  /** The wheels that were made last. */
  const fileOf = (name: string): string => `made/${name}`;
  const wheel = async (name: string, tag = 'py3-none-any', version = '1.0'): Promise<TestedPackage> => {
    const filename = `${name}-${version}-${tag}.whl`;
    const file = folder.file(fileOf(name));
    await mkdir(path.dirname(file), { recursive: true });
    await run('python3', ['-c', MAKE_WHEEL, file, name, version, tag]);
    const bytes = await readFile(file);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return { name, version, filename, sha256, size: bytes.length };
  };

  it('has the very wheels, without an index, and is kept', async () => {
    const packages = [await wheel('one'), await wheel('two')];
    const made = await make(packages);
    const { stdout } = await run(path.join(made, 'bin', 'python'), [
      '-c',
      'import one, two; print(one.NAME, two.NAME)',
    ]);
    expect(stdout.trim()).to.equal('one two');
    // It was made under another name.
    expect((await run(path.join(made, 'bin', 'one'))).stdout.trim()).to.equal('one runs');
    expect(await make(packages.toReversed())).to.equal(made);
    expect(notes).to.deep.equal([
      'making an environment of the same packages for the self-test; it is kept for the next one',
    ]);
    expect(await readdir(folder.file('my cache/environments'))).to.have.lengthOf(1);
    expect(await readdir(folder.file('my cache/scratch'))).to.deep.equal([]);
  });

  it('is another for other packages, and shares the files and the bytecode of those that are the same', async () => {
    const [one, two] = [await wheel('one'), await wheel('two')];
    const first = await make([one, two]);
    // Some machines tell Python to write no bytecode.
    const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '' };
    await run(path.join(first, 'bin', 'python'), ['-c', 'import one, two'], { env });
    const second = await make([one, await wheel('two', 'py3-none-any', '2.0')]);
    expect(second).not.to.equal(first);
    expect(fetched).to.deep.equal(['one', 'two', 'two']);
    const minor = python.version.split('.').slice(0, 2);
    const inode = async (made: string, module: string): Promise<number | undefined> => {
      const file = path.join(made, 'lib', `python${minor.join('.')}`, 'site-packages', module);
      return (await stat(file).catch(() => undefined))?.ino;
    };
    const bytecode = (name: string): string => `__pycache__/${name}.cpython-${minor.join('')}.pyc`;
    for (const file of ['one.py', bytecode('one')]) {
      expect(await inode(first, file), file).to.be.a('number');
      expect(await inode(second, file), file).to.equal(await inode(first, file));
    }
    expect(await inode(first, bytecode('two'))).to.be.a('number');
    expect(await inode(second, bytecode('two'))).to.equal(undefined);
  });

  it('is made anew where its Python is gone', async () => {
    const elsewhere = folder.file('bin/python');
    await mkdir(folder.file('bin'));
    await symlink(program, elsewhere);
    const packages = [await wheel('one')];
    const options = { hostPython: () => Promise.resolve(elsewhere) };
    const made = await make(packages, options);
    await rm(path.join(made, 'bin', 'python'));
    await symlink('/nowhere/python', path.join(made, 'bin', 'python'));
    expect(await make(packages, options)).to.equal(made);
    await run(path.join(made, 'bin', 'python'), ['-c', 'import one']);
    expect(notes).to.have.lengthOf(2);
  });

  const platforms: readonly [what: string, tag: string, host: object, isFile: boolean][] = [
    ['pure, on any machine', 'py3-none-any', { system: 'darwin', machine: 'arm64', libc: undefined }, true],
    ['compiled, on the same', 'py3-none-manylinux_2_28_x86_64', HOST, true],
    [
      'compiled, with a newer libc here',
      'py3-none-manylinux_2_28_x86_64',
      { ...HOST, libc: { kind: 'glibc', version: '2.41' } },
      true,
    ],
    [
      'compiled, with an older libc here',
      'py3-none-manylinux_2_28_x86_64',
      { ...HOST, libc: { kind: 'glibc', version: '2.31' } },
      false,
    ],
    [
      'compiled, with another libc here',
      'py3-none-manylinux_2_28_x86_64',
      { ...HOST, libc: { kind: 'musl', version: undefined } },
      false,
    ],
    ['compiled, on another machine', 'py3-none-manylinux_2_28_x86_64', { ...HOST, machine: 'arm64' }, false],
    [
      'compiled, on another system',
      'py3-none-manylinux_2_28_x86_64',
      { system: 'darwin', machine: 'x64', libc: undefined },
      false,
    ],
  ];
  for (const [what, tag, host, isFile] of platforms)
    it(`takes ${isFile ? 'the wheel' : 'the version of an index'} of a package that is ${what}`, async () => {
      // Stands in for uv, and says what it was asked for.
      const asked = folder.file('asked');
      await writeFile(folder.file('uv'), `#!/bin/sh\nprintf '%s\\n' "$@" >> '${asked}'\n`, { mode: 0o755 });
      await make([await wheel('one', tag)], {
        uv: { program: folder.file('uv') },
        host: host as typeof HOST,
      }).catch(() => undefined);
      const words = (await readFile(asked, 'utf8')).trim().split('\n');
      expect(path.basename(words.at(-1) ?? '')).to.equal(isFile ? `one-1.0-${tag}.whl` : 'one==1.0');
      expect(words.includes('--no-index')).to.equal(isFile);
    });

  it('says what to do where a package cannot be had, and keeps nothing', async () => {
    const error = await rejection(make([await wheel('one', 'cp27-cp27m-win32')]));
    expect([error.code, error.message]).to.deep.equal([
      'self-test-failed',
      'uv could not install the packages of the image on this machine, to test it',
    ]);
    expect(error.output.join('\n')).to.contain('one');
    expect(error.hint).to.contain('--self-test container').and.to.contain('--self-test never');
    expect(await readdir(folder.file('my cache'))).not.to.include('environments');
  });

  it('says which Python is missing', async () => {
    const error = await rejection(make([], { hostPython: () => Promise.resolve(undefined) }));
    expect([error.code, error.message.replace(/3\.\d+/, '3.N')]).to.deep.equal([
      'tool-missing',
      'the self-test needs Python 3.N, as the image has it, on this machine',
    ]);
    expect(error.hint).to.match(/uv python install 3\.\d+`; or test in a container .*--self-test never/);
  });

  it('says that uv is missing', async () => {
    const error = await rejection(make([await wheel('one')], { uv: { program: folder.file('no/uv') } }));
    expect(error.code).to.equal('tool-missing');
  });
});

const MAKE_WHEEL = `
import sys, zipfile
file, name, version, tag = sys.argv[1:]
info = f"{name}-{version}.dist-info"
with zipfile.ZipFile(file, "w") as wheel:
    wheel.writestr(f"{name}.py", f"NAME = {name!r}\\ndef main():\\n    print(NAME, 'runs')\\n")
    wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\\nName: {name}\\nVersion: {version}\\n")
    wheel.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: {tag}\\n")
    wheel.writestr(f"{info}/entry_points.txt", f"[console_scripts]\\n{name} = {name}:main\\n")
    wheel.writestr(f"{info}/RECORD", "")
`;
