import { expect } from 'chai';
import type { AllowedHashes } from '../../../../../src/builders/layers/resolve/choose-artifact.js';
import { readPylock, type PylockContext } from '../../../../../src/builders/layers/resolve/pylock.js';
import { hideGivenSecrets } from '../../../../../src/secrets/given-secrets.js';
import { rejection } from '../../../../support/rejection.js';
import { PYTHON, versionsOf } from '../../../../support/resolve-sandbox.js';

const HASH = 'a'.repeat(64);
const wheel = (tag: string, more = `, hashes = {sha256 = "${HASH}"}`): string =>
  `{url = "https://files.example.com/native-1.0-${tag}.whl"${more}}`;
const entry = (name: string, ...lines: readonly string[]): string =>
  ['[[packages]]', `name = "${name}"`, 'version = "1.0"', ...lines, ''].join('\n');
const pure = `wheels = [${wheel('py3-none-any')}]`;

const read = (body: string, changes: Partial<PylockContext> = {}) =>
  readPylock(`lock-version = "1.0"\ncreated-by = "test"\n${body}`, {
    python: PYTHON,
    file: 'pylock.toml',
    folder: '/project',
    ...changes,
  });

describe('a lock of PEP 751', () => {
  it('installs the best wheel of each package, sorted by name', async () => {
    const packages = await read(
      entry('Zeta_x', pure) +
        entry(
          'native',
          `wheels = [${wheel('py3-none-any')}, ${wheel('cp311-cp311-manylinux_2_28_x86_64', ', size = 12')}, ${wheel('cp312-cp312-manylinux_2_28_x86_64')}]`,
          'sdist = {url = "https://files.example.com/native-1.0.tar.gz"}',
        ),
    );
    expect(packages.map(({ name }) => name)).to.deep.equal(['native', 'zeta-x']);
    expect(packages[0]).to.deep.equal({
      name: 'native',
      version: '1.0',
      artifact: {
        kind: 'wheel',
        url: 'https://files.example.com/native-1.0-cp311-cp311-manylinux_2_28_x86_64.whl',
        filename: 'native-1.0-cp311-cp311-manylinux_2_28_x86_64.whl',
        sha256: undefined,
        size: 12,
        isDirect: false,
      },
    });
  });

  it('takes the sdist where no wheel fits', async () => {
    const [only] = await read(
      entry(
        'native',
        `wheels = [${wheel('cp312-cp312-win_amd64')}]`,
        `sdist = {url = "https://files.example.com/native-1.0.tar.gz", hashes = {sha256 = "${HASH.toUpperCase()}"}}`,
      ),
    );
    expect(only?.artifact).to.deep.equal({
      kind: 'archive',
      url: 'https://files.example.com/native-1.0.tar.gz',
      filename: 'native-1.0.tar.gz',
      sha256: HASH,
      size: undefined,
      isDirect: false,
    });
  });

  it('takes the source of a package that may have no wheel', async () => {
    const lock = entry('native', pure, 'sdist = {url = "https://files.example.com/native-1.0.tar.gz"}');
    const [only] = await read(lock, { isFromSource: (name) => name === 'native' });
    expect(only?.artifact.kind).to.equal('archive');
  });

  it('takes folders, repositories, and files by path or URL', async () => {
    const packages = await read(
      [
        entry('a', 'directory = {path = "lib/a", editable = true, subdirectory = "python"}'),
        entry(
          'b',
          'vcs = {type = "git", url = "https://tok@git.example.com/b.git", requested-revision = "main", commit-id = "0123", subdirectory = "s"}',
        ),
        entry('c', `archive = {path = "w/c-1.0-py3-none-any.whl", hashes = {sha256 = "${HASH}"}}`),
        entry('d', 'archive = {url = "https://example.com/d-1%2B2.zip#sha256=x", subdirectory = "s"}'),
      ].join(''),
    );
    expect(packages.map(({ artifact }) => artifact)).to.deep.equal([
      { kind: 'folder', path: '/project/lib/a/python' },
      {
        kind: 'git',
        url: 'https://git.example.com/b.git',
        commit: '0123',
        requestedRevision: 'main',
        subdirectory: 's',
      },
      {
        kind: 'wheel',
        url: 'file:///project/w/c-1.0-py3-none-any.whl',
        filename: 'c-1.0-py3-none-any.whl',
        sha256: HASH,
        size: undefined,
        isDirect: true,
      },
      {
        kind: 'archive',
        url: 'https://example.com/d-1%2B2.zip',
        filename: 'd-1+2.zip',
        sha256: undefined,
        size: undefined,
        isDirect: true,
        subdirectory: 's',
      },
    ]);
  });

  it('takes credentials out of URLs, and remembers them', async () => {
    const [only] = await read(
      entry('native', `wheels = [${wheel('py3-none-any').replace('//', '//ada:correct-horse-7@')}]`),
    );
    expect(only?.artifact).to.include({ url: 'https://files.example.com/native-1.0-py3-none-any.whl' });
    expect(hideGivenSecrets('correct-horse-7')).to.equal('***');
  });

  for (const [marker, isInstalled] of [
    ["python_version >= '3.11'", true],
    ["python_full_version < '3.11.2'", false],
    ["python_full_version == '3.11.2'", true],
    ["sys_platform == 'linux' and platform_machine == 'x86_64'", true],
    ["platform_system == 'Windows'", false],
    ["implementation_name == 'cpython'", true],
    ["platform_python_implementation != 'CPython'", false],
    ["'dev' in extras", false],
    ["'default' in dependency_groups", true],
    ["'docs' in dependency_groups", false],
    ["extra == 'x'", false],
  ] as const) {
    it(`${isInstalled ? 'installs' : 'leaves out'} what has the marker ${marker}`, async () => {
      const lock = `default-groups = ["default"]\nextras = ["dev"]\n${entry('a', `marker = "${marker}"`, pure)}`;
      expect(await read(lock)).to.have.lengthOf(isInstalled ? 1 : 0);
    });
  }

  it('installs the one of several entries of a package whose marker applies', async () => {
    const packages = await read(
      entry('a', `marker = "python_version < '3.10'"`, pure) +
        entry('a', `marker = "python_version >= '3.10'"`, pure).replace('1.0', '2.0'),
    );
    expect(versionsOf({ packages })).to.deep.equal(['a 2.0']);
  });

  for (const [what, body, message] of [
    ['several entries that apply', entry('a', pure) + entry('A', pure), 'several entries of a'],
    ['another Python', `requires-python = ">=3.12"\n${entry('a', pure)}`, 'requires Python >=3.12'],
    ['a package for another Python', entry('a', 'requires-python = ">=3.12"', pure), 'a in it requires Python >=3.12'],
    ['other environments', `environments = ["sys_platform == 'win32'"]\n`, 'its environments'],
    ['a marker that is none', entry('a', 'marker = "python >"', pure), 'is not a marker'],
    ['a repository that is not git', entry('a', 'vcs = {type = "hg", url = "https://a", commit-id = "1"}'), 'hg'],
    ['a commit that is not there', entry('a', 'vcs = {type = "git", url = "https://a"}'), 'without a commit'],
    ['a file that is nowhere', entry('a', 'wheels = [{name = "a-1.0-py3-none-any.whl"}]'), 'neither a URL nor a path'],
    ['a package without a name', '[[packages]]\nversion = "1"\n', 'has no name'],
  ] as const) {
    it(`is refused with ${what}`, async () => {
      const error = await rejection(read(body));
      expect(error.code).to.equal('configuration');
      expect(error.message).to.contain(message);
      expect(error.place).to.deep.equal({ file: 'pylock.toml' });
    });
  }

  for (const [what, text, message] of [
    ['is no TOML', 'lock-version = "1.0"\n[[[', 'is not valid TOML'],
    ['has no format', 'created-by = "x"', 'it has no lock-version'],
    ['is of a later format', 'lock-version = "2.0"', 'it has the format 2.0'],
  ] as const) {
    it(`is refused where it ${what}`, async () => {
      const error = await rejection(readPylock(text, { python: PYTHON, file: 'pylock.toml', folder: '/project' }));
      expect(error.message).to.contain(message);
    });
  }

  it('is refused, with what exists, where nothing of a package fits', async () => {
    const tags = ['cp312-cp312-win_amd64', 'cp311-cp311-musllinux_1_2_x86_64'];
    const error = await rejection(read(entry('native', `wheels = [${tags.map((tag) => wheel(tag)).join(', ')}]`)));
    expect(error.code).to.equal('build-failed');
    expect(error.message).to.equal(
      `native 1.0 has no wheel for the image (Python 3.11.2, glibc 2.36, x86_64) and no source that could be built; there are wheels for ${tags.join(', ')}`,
    );
    const direct = await rejection(read(entry('a', 'archive = {url = "https://e/a-1.0-cp39-cp39-win32.whl"}')));
    expect(direct.message).to.match(/^a 1\.0 has no wheel for the image/);
  });

  describe('with hashes that are allowed', () => {
    const OTHER = 'b'.repeat(64);
    const allowed = (...hashes: readonly string[]): { allowedHashes: AllowedHashes } => ({
      allowedHashes: new Map([['native', hashes.map((hash) => `sha256:${hash}`)]]),
    });
    const lock = entry(
      'native',
      `wheels = [${wheel('cp311-cp311-manylinux_2_17_x86_64')}, ${wheel('py3-none-any', `, hashes = {sha256 = "${OTHER}"}`)}]`,
    );

    it('takes the best of the files that have one', async () => {
      const [both] = await read(lock, allowed(HASH, OTHER));
      expect(both?.artifact).to.include({ sha256: HASH });
      const [other] = await read(lock, allowed(OTHER));
      expect(other?.artifact).to.include({ sha256: OTHER });
    });

    it('refuses other files, packages without any, and what has no hash', async () => {
      expect((await rejection(read(lock, allowed('c'.repeat(64))))).message).to.contain('no file of native 1.0');
      expect((await rejection(read(lock, { allowedHashes: new Map() }))).message).to.contain('has no hash');
      const folder = await rejection(read(entry('native', 'directory = {path = "x"}'), allowed(HASH)));
      expect(folder.message).to.contain('no hash can be checked');
      const archive = 'archive = {url = "https://e/native-1.0.zip"}';
      expect((await rejection(read(entry('native', archive), allowed(HASH)))).message).to.contain('no file of native');
    });
  });
});
