import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { buildArchive, buildCommit, buildFolder } from '../../../../../src/builders/layers/wheels/build-source.js';
import type { BuiltWheel, Workshop } from '../../../../../src/builders/layers/wheels/build-wheel.js';
import type { LockedPackage, SourceArchive } from '../../../../../src/builders/layers/resolve/locked-package.js';
import { rejection } from '../../../../support/rejection.js';
import { TemporaryFolder } from '../../../../unit/temporary-folder.js';
import { TemporaryRepository } from '../../../git/temporary-repository.js';
import { workshopIn } from './workshop.js';

const run = promisify(execFile);

/**
 * Stands for uv: writes the wheel that the source asks for in `wheel-name`, of its other files' names and texts, and notes what
 * it was called with.
 */
const FAKE_UV = `#!/bin/sh
echo "$@" >> "$HOME/calls"
while [ "$1" != -- ]; do [ "$1" = --out-dir ] && output=$2; shift; done
source=$2
case $source in *.tar.gz) mkdir "$HOME/sdist.$$" && tar xzf "$source" -C "$HOME/sdist.$$" && source=$(echo "$HOME/sdist.$$"/*) ;; esac
echo "token ghp_0123456789abcdefghijklmnopqrstuvwxyz" >&2
[ -e "$source/needs" ] && [ ! -e "$source/$(cat "$source/needs")" ] && { echo "no $(cat "$source/needs")" >&2; exit 2; }
touch "$source/left-by-the-build"
{ echo "$SOURCE_DATE_EPOCH $PYTHONHASHSEED $(umask)"; cat "$source/text"; } > "$output/$(cat "$source/wheel-name")"
`;

describe('a wheel that is built', () => {
  let folder: TemporaryFolder;
  let environment: NodeJS.ProcessEnv;

  beforeEach(async () => {
    folder = await TemporaryFolder.create();
    await folder.write({ 'fake-uv': FAKE_UV, 'home/.keep': '' });
    await chmod(folder.file('fake-uv'), 0o755);
    environment = { PATH: process.env.PATH, HOME: folder.file('home'), GIT_CONFIG_GLOBAL: '/dev/null' };
  });
  afterEach(() => folder.remove());

  const workshop = (changes: Partial<Workshop> = {}): Workshop =>
    workshopIn(folder, { uv: { program: folder.file('fake-uv') }, environment, ...changes });
  const calls = async (): Promise<string[]> =>
    (await readFile(folder.file('home/calls'), 'utf8').catch(() => '')).split('\n').filter((line) => line !== '');
  const asked = (artifact: LockedPackage['artifact'], version: string | undefined = '1.2'): LockedPackage => ({
    ...{ name: 'tiny-pkg', version, artifact },
  });
  const PURE = 'tiny_pkg-1.2-py3-none-any.whl';
  const COMPILED = 'tiny_pkg-1.2-cp311-cp311-linux_x86_64.whl';

  describe('from an sdist', () => {
    const archive = async (name: string, more: Readonly<Record<string, string>> = {}): Promise<SourceArchive> => {
      await folder.write({ 'tiny_pkg-1.2/wheel-name': name, 'tiny_pkg-1.2/text': 'one', 'tiny_pkg-1.2/a/text': 'two' });
      await folder.write({ 'tiny_pkg-1.2/a/wheel-name': name, ...more });
      await run('tar', ['czf', 'sdist.tar.gz', 'tiny_pkg-1.2'], { cwd: folder.path });
      const sha256 = createHash('sha256')
        .update(await readFile(folder.file('sdist.tar.gz')))
        .digest('hex');
      return {
        ...{ kind: 'archive', url: 'https://example.com/tiny_pkg-1.2.tar.gz', filename: 'tiny_pkg-1.2.tar.gz' },
        ...{ sha256, size: undefined, isDirect: false },
      };
    };
    const build = async (
      source: SourceArchive,
      changes: Partial<Workshop> = {},
      version: string | undefined = '1.2',
    ): Promise<BuiltWheel> => {
      const file = { sha256: source.sha256 ?? '', file: () => Promise.resolve(folder.file('sdist.tar.gz')) };
      return buildArchive(asked(source, version), source, file, workshop(changes));
    };

    it('is kept by its hash', async () => {
      const { filename, file, sha256 } = await build(await archive(PURE));
      expect([filename, file]).to.deep.equal([PURE, folder.file(`cache/wheels/${sha256}`)]);
    });

    it('is made with what its bytes must not depend on', async () => {
      const { file } = await build(await archive(PURE), { environment: { ...environment, SOURCE_DATE_EPOCH: '7' } });
      expect(await readFile(file, 'utf8')).to.equal('1577836800 0 0022\none');
    });

    it('is built once, for each Python and platform', async () => {
      const source = await archive(PURE);
      await build(source);
      await build(source);
      expect(await calls()).to.have.length(1);
      const { python } = workshop();
      await build(source, { python: { ...python, version: '3.12.1' } });
      await build(source, { python: { ...python, version: '3.12.9' } });
      expect(await calls()).to.have.length(2);
      await build(source, { python: { ...python, machine: 'aarch64' } });
      await build(source, { python: { ...python, libc: { kind: 'musl', version: '1.2' } } });
      expect(await calls()).to.have.length(4);
    });

    it('is built again where what was kept is damaged', async () => {
      const source = await archive(PURE);
      const { file } = await build(source);
      await folder.write({ [file.slice(folder.path.length + 1)]: 'damaged' });
      expect(await readFile((await build(source)).file, 'utf8')).to.contain('one');
      const [key] = await readdir(folder.file('cache/built-wheels'));
      await folder.write({ [`cache/built-wheels/${key}`]: '{"sha256":"../x","filename":1}' });
      await build(source);
      expect(await calls()).to.have.length(3);
    });

    it('is that of a folder in it, where one is named', async () => {
      const { file } = await build({ ...(await archive(PURE)), subdirectory: 'a' });
      expect(await readFile(file, 'utf8')).to.contain('two');
    });

    it('leaves nothing but the wheel', async () => {
      await build({ ...(await archive(PURE)), subdirectory: 'a' });
      expect(await readdir(folder.file('cache/scratch'))).to.deep.equal([]);
    });

    it('may have compiled code where this machine is like the image', async () => {
      expect((await build(await archive(COMPILED))).filename).to.equal(COMPILED);
    });

    const mac = { system: 'darwin', machine: 'arm64', libc: undefined } as const;

    it('may be built on any machine where nothing is compiled', async () => {
      expect((await build(await archive(PURE), { host: mac })).filename).to.equal(PURE);
    });

    it('is refused with code that was compiled for another machine', async () => {
      const error = await rejection(build(await archive(COMPILED), { host: mac }));
      expect([error.code, error.message]).to.deep.equal([
        'build-failed',
        `tiny-pkg 1.2 has no wheel for Linux x86_64 with glibc 2.36 and CPython 3.11, and ${COMPILED} was built here, on darwin arm64`,
      ]);
      expect(error.hint).to.contain('--find-links');
      expect(await readdir(folder.file('cache/wheels')).catch(() => [])).to.deep.equal([]);
    });

    it('names the platform where its build fails on another one', async () => {
      const error = await rejection(build(await archive(PURE, { 'tiny_pkg-1.2/needs': 'gcc' }), { host: mac }));
      expect(error.message).to.contain('and its build failed here, on darwin arm64');
      expect(error.output).to.include('no gcc');
    });

    it('fails with the last words of the build, without secrets', async () => {
      const error = await rejection(build(await archive(PURE, { 'tiny_pkg-1.2/needs': 'gcc' })));
      expect([error.code, error.message]).to.deep.equal([
        'build-failed',
        'the wheel of tiny-pkg 1.2 could not be built',
      ]);
      expect(error.output).to.deep.equal(['token ***', 'no gcc']);
    });

    for (const [what, name, words] of [
      ['another version', 'tiny_pkg-1.3-py3-none-any.whl', 'which is tiny-pkg 1.3'],
      ['another name', 'other-1.2-py3-none-any.whl', 'which is other 1.2'],
    ] as const) {
      it(`is refused with ${what} than the lock has`, async () => {
        const error = await rejection(build(await archive(name)));
        expect(error.message).to.equal(`the wheel of tiny-pkg 1.2 is ${name}, ${words}`);
      });
    }

    it('needs uv', async () => {
      const error = await rejection(build(await archive(PURE), { uv: { program: folder.file('missing') } }));
      expect(error.code).to.equal('tool-missing');
    });

    it('ends with the interruption, and leaves nothing', async () => {
      const stop = new AbortController();
      await folder.write({ 'fake-uv': '#!/bin/sh\nsleep 60\n' });
      const source = await archive(PURE);
      setTimeout(() => stop.abort(), 100);
      expect((await rejection(build(source, { signal: stop.signal }))).code).to.equal('interrupted');
      expect(await readdir(folder.file('cache/scratch'))).to.deep.equal([]);
    });
  });

  describe('from a commit', () => {
    it('is built once', async () => {
      const repository = await TemporaryRepository.create();
      try {
        await repository.write('pkg/text', 'from git');
        await repository.write('pkg/wheel-name', PURE);
        const commit = await repository.commit('x');
        const git = { kind: 'git', url: pathToFileURL(repository.root).href, commit, subdirectory: 'pkg' } as const;
        await buildCommit(asked(git, undefined), git, workshop());
        const { file } = await buildCommit(asked(git, undefined), git, workshop());
        expect(await readFile(file, 'utf8')).to.contain('from git');
        expect(await calls()).to.have.length(1);
      } finally {
        await repository.remove();
      }
    });
  });

  describe('from a folder', () => {
    const project = { 'lib/pyproject.toml': '', 'lib/text': 'one', 'lib/wheel-name': PURE };
    const build = (where = 'lib'): Promise<BuiltWheel> => {
      const local = { kind: 'folder', path: folder.file(where) } as const;
      return buildFolder(asked(local, undefined), local, workshop());
    };
    const built = async (where = 'lib'): Promise<string> => readFile((await build(where)).file, 'utf8');

    it('is built once, until a file changes', async () => {
      await folder.write(project);
      await build();
      await folder.write({
        'lib/__pycache__/x.pyc': 'x',
        'lib/tiny.egg-info/PKG-INFO': 'x',
        'lib/build/lib/x.py': 'x',
      });
      await build();
      expect(await calls()).to.have.length(1);
      await folder.write({ 'lib/text': 'two' });
      expect(await built()).to.contain('two');
      await chmod(folder.file('lib/text'), 0o755);
      await build();
      expect(await calls()).to.have.length(3);
    });

    it('is the same for the same files in another folder', async () => {
      await folder.write(project);
      await folder.write({ 'elsewhere/pyproject.toml': '', 'elsewhere/text': 'one', 'elsewhere/wheel-name': PURE });
      expect((await build()).sha256).to.equal((await build('elsewhere')).sha256);
      expect(await calls()).to.have.length(1);
    });

    it('leaves the folder as it is', async () => {
      await folder.write(project);
      await build();
      expect(await readdir(folder.file('lib'))).to.have.members(['pyproject.toml', 'text', 'wheel-name']);
    });

    it('is of what git has or would add', async () => {
      await folder.write({ ...project, '.gitignore': 'data\n', 'lib/data/large.csv': 'x', 'lib/new/build/x.py': 'x' });
      await run('git', ['init', '--quiet'], { cwd: folder.path });
      await build();
      await folder.write({ 'lib/data/large.csv': 'y' });
      await build();
      expect(await calls()).to.have.length(1);
      await folder.write({ 'lib/new/build/x.py': 'y' });
      await build();
      await run('git', ['add', '.'], { cwd: folder.path });
      await rm(folder.file('lib/new/build/x.py'));
      await build();
      expect(await calls()).to.have.length(3);
    });

    for (const [what, files] of [
      ['takes its version from git', { 'lib/pyproject.toml': '[build-system]\nrequires = ["hatch-vcs"]\n' }],
      ['needs a file beside it', { 'lib/needs': '../beside', beside: 'x' }],
    ] as const) {
      it(`is built in place each time where it ${what}`, async () => {
        await folder.write({ ...project, ...files });
        await build();
        await build();
        expect((await calls()).filter((call) => call.endsWith(` ${folder.file('lib')}`))).to.have.length(2);
      });
    }

    it('is built in place where it has links', async () => {
      await folder.write(project);
      await symlink('/etc', folder.file('lib/link'));
      await build();
      expect(await calls()).to.have.length(1);
      expect((await calls())[0]).to.match(/ -- .*\/lib$/);
    });

    it('has to be there', async () => {
      const error = await rejection(build('gone'));
      expect([error.code, error.message.split(':')[0]]).to.deep.equal([
        'configuration',
        `${folder.file('gone')} cannot be read`,
      ]);
    });
  });
});
