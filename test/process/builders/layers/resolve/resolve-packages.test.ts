import { readFile, readdir } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { sha256 } from '../../../../support/package-index.js';
import { rejection } from '../../../../support/rejection.js';
import { packageNamed, PYTHON, ResolveSandbox, versionsOf } from '../../../../support/resolve-sandbox.js';
import { tinyWheel } from '../../../../support/tiny-wheel.js';

const run = promisify(execFile);

const USER = { username: 'ada', password: 'correct-horse-7' };

const alpha = tinyWheel('alpha', '1.0', { requires: ['beta'] });
const beta = tinyWheel('beta', '1.0');
const newerBeta = tinyWheel('beta', '2.0');

describe('resolving the packages of an image', () => {
  let sandbox: ResolveSandbox;

  beforeEach(async () => (sandbox = await ResolveSandbox.create()));
  afterEach(async () => sandbox.remove());

  describe('from requirements.txt', () => {
    /** What pip itself would install, told by the same files and variables. */
    const pipVersions = async (): Promise<string[]> => {
      const words = ['-m', 'pip', 'install', '--dry-run', '--ignore-installed', '--quiet', '--report', '-'];
      const { stdout } = await run('python3', [...words, '--target', 'x', '-r', 'requirements.txt'], {
        cwd: sandbox.folder.file('project'),
        env: { ...sandbox.environment, PIP_DISABLE_PIP_VERSION_CHECK: '1' },
      });
      const report = JSON.parse(stdout) as { install: { metadata: { name: string; version: string } }[] };
      return report.install.map(({ metadata }) => `${metadata.name} ${metadata.version}`).sort();
    };

    it('takes everything from the index of pip.conf, and asks no public one', async () => {
      sandbox.indexes.offer('company', [alpha, beta], USER);
      await sandbox.folder.write({
        'home/.config/pip/pip.conf': `[global]\nindex-url = ${sandbox.indexes.urlFor('company', USER)}\n`,
      });
      await sandbox.write({ 'requirements.txt': 'alpha\n' });
      const resolution = await sandbox.resolve();
      expect(versionsOf(resolution)).to.deep.equal(['alpha 1.0', 'beta 1.0']);
      expect(resolution).to.include({ lockedBy: 'requirements.txt', isLocked: false });
      expect(resolution.indexes).to.deep.equal([{ url: sandbox.indexes.url('company'), ...USER }]);
      expect(packageNamed('alpha', resolution).artifact).to.deep.equal({
        kind: 'wheel',
        url: `http://${sandbox.indexes.host}/company/files/${alpha.filename}`,
        filename: alpha.filename,
        sha256: sha256(alpha.bytes),
        size: undefined,
        isDirect: false,
      });
      expect(sandbox.askedElsewhere).to.deep.equal([]);
    });

    it('takes the best version of all indexes, as pip does', async () => {
      sandbox.indexes.offer('company', [alpha, beta]);
      sandbox.indexes.offer('extra', [tinyWheel('alpha', '0.5'), newerBeta]);
      sandbox.environment = {
        ...sandbox.environment,
        PIP_INDEX_URL: sandbox.indexes.url('company'),
        PIP_EXTRA_INDEX_URL: sandbox.indexes.url('extra'),
      };
      await sandbox.write({ 'requirements.txt': 'alpha\n' });
      expect(versionsOf(await sandbox.resolve())).to.deep.equal(['alpha 1.0', 'beta 2.0']);
      expect(await pipVersions()).to.deep.equal(['alpha 1.0', 'beta 2.0']);
      expect(sandbox.askedElsewhere).to.deep.equal([]);
    });

    it('counts --index-url in the file in place of all that pip.conf has, as pip does', async () => {
      sandbox.indexes.offer('company', [newerBeta]);
      sandbox.indexes.offer('own', [beta]);
      sandbox.environment = { ...sandbox.environment, PIP_INDEX_URL: sandbox.indexes.url('company') };
      await sandbox.write({ 'requirements.txt': `--index-url ${sandbox.indexes.url('own')}\nbeta\n` });
      expect(versionsOf(await sandbox.resolve())).to.deep.equal(['beta 1.0']);
      expect(await pipVersions()).to.deep.equal(['beta 1.0']);
    });

    it('asks the public index beside an extra one, which pip would do as well', async () => {
      sandbox.indexes.offer('extra', [beta]);
      sandbox.environment = { ...sandbox.environment, PIP_EXTRA_INDEX_URL: sandbox.indexes.url('extra') };
      await sandbox.write({ 'requirements.txt': 'beta\n' });
      await rejection(sandbox.resolve());
      expect(sandbox.askedElsewhere).to.include('CONNECT pypi.org:443');
    });

    it('takes wheels from the folders of find-links, without any index', async () => {
      await sandbox.write({
        [`wheels/${alpha.filename}`]: alpha.bytes,
        [`wheels/${beta.filename}`]: beta.bytes,
        'requirements.txt': 'alpha\n',
        '.venv/pip.conf': '[install]\nno-index = yes\nfind-links =\n    ./wheels\n    file:///nowhere\n',
      });
      const resolution = await sandbox.resolve();
      expect(versionsOf(resolution)).to.deep.equal(['alpha 1.0', 'beta 1.0']);
      expect(packageNamed('alpha', resolution).artifact).to.include({
        url: `file://${sandbox.folder.file(`project/wheels/${alpha.filename}`)}`,
        isDirect: false,
      });
      expect(sandbox.indexes.asked).to.deep.equal([]);
    });

    it('lets a default index of uv count more than pip’s, and says so', async () => {
      sandbox.indexes.offer('company', [newerBeta]);
      sandbox.indexes.offer('own', [beta]);
      sandbox.environment = { ...sandbox.environment, PIP_INDEX_URL: sandbox.indexes.url('company') };
      await sandbox.folder.write({ 'home/.config/uv/uv.toml': `index-url = "${sandbox.indexes.url('own')}"\n` });
      await sandbox.write({ 'requirements.txt': 'beta\n' });
      expect(versionsOf(await sandbox.resolve())).to.deep.equal(['beta 1.0']);
      expect(sandbox.notes).to.have.lengthOf(1);
      expect(sandbox.notes[0]).to.match(/^the default index of .*uv\.toml is used, not that of PIP_INDEX_URL/);
    });

    it('limits versions by pip’s constraints, and takes pre-releases where pip is told to', async () => {
      const preview = tinyWheel('beta', '3.0rc1');
      sandbox.environment = {
        ...sandbox.environment,
        PIP_INDEX_URL: sandbox.indexes.offer('company', [beta, newerBeta, preview]),
        PIP_CONSTRAINT: 'limits.txt',
      };
      await sandbox.write({ 'requirements.txt': 'beta\n', 'limits.txt': 'beta<2\n' });
      expect(versionsOf(await sandbox.resolve())).to.deep.equal(['beta 1.0']);
      sandbox.environment = { ...sandbox.environment, PIP_CONSTRAINT: '', PIP_PRE: 'true' };
      expect(versionsOf(await sandbox.resolve())).to.deep.equal(['beta 3.0rc1']);
    });

    it('needs no Python of the image’s patch version, and downloads none', async () => {
      sandbox.environment = {
        ...sandbox.environment,
        PIP_INDEX_URL: sandbox.indexes.offer('company', [beta]),
        UV_PYTHON_DOWNLOADS: 'automatic',
      };
      await sandbox.write({ 'requirements.txt': 'beta\n' });
      const resolution = await sandbox.resolve({ python: { ...PYTHON, version: '3.11.1' } });
      expect(versionsOf(resolution)).to.deep.equal(['beta 1.0']);
      expect(sandbox.askedElsewhere).to.deep.equal([]);
    });

    it('keeps the lock, so that an unchanged project starts nothing and asks no index', async () => {
      sandbox.environment = { ...sandbox.environment, PIP_INDEX_URL: sandbox.indexes.offer('company', [alpha, beta]) };
      await sandbox.write({ 'requirements.txt': '-r more.txt\n', 'more.txt': 'alpha\n' });
      const first = await sandbox.resolve();
      sandbox.indexes.asked.length = 0;
      const unusable = { ...sandbox.uv, program: '/nonexistent/uv' };
      const second = await sandbox.resolve({ uv: unusable });
      expect(JSON.stringify(second)).to.equal(JSON.stringify(first));
      expect(sandbox.indexes.asked).to.deep.equal([]);

      await sandbox.write({ 'more.txt': 'beta\n' });
      expect((await rejection(sandbox.resolve({ uv: unusable }))).code).to.equal('tool-missing');
      expect(versionsOf(await sandbox.resolve())).to.deep.equal(['beta 1.0']);
    });

    it('keeps no password: not in the cache, not in what it says, and another one makes no new lock', async () => {
      sandbox.indexes.offer('company', [beta], USER);
      await sandbox.write({ 'requirements.txt': `-i ${sandbox.indexes.urlFor('company', USER)}\nbeta\n` });
      await sandbox.resolve();
      const files = await readdir(sandbox.folder.file('cache'), { recursive: true, withFileTypes: true });
      for (const entry of files.filter((each) => each.isFile()))
        expect(await readFile(`${entry.parentPath}/${entry.name}`, 'utf8')).not.to.contain(USER.password);
      const other = { username: 'ada', password: 'battery-staple-8' };
      await sandbox.write({ 'requirements.txt': `-i ${sandbox.indexes.urlFor('company', other)}\nbeta\n` });
      const again = await sandbox.resolve({ uv: { ...sandbox.uv, program: '/nonexistent/uv' } });
      expect(again.indexes).to.deep.equal([{ url: sandbox.indexes.url('company'), ...other }]);
    });

    it('throws a damaged lock away', async () => {
      sandbox.environment = { ...sandbox.environment, PIP_INDEX_URL: sandbox.indexes.offer('company', [beta]) };
      await sandbox.write({ 'requirements.txt': 'beta\n' });
      await sandbox.resolve();
      const [name = ''] = await readdir(sandbox.folder.file('cache/locks'));
      await sandbox.folder.write({ [`cache/locks/${name}`]: '0000\n{"packages":[],"locals":[]}\n' });
      expect(versionsOf(await sandbox.resolve())).to.deep.equal(['beta 1.0']);
    });

    it('names the line of a package that does not exist, in uv’s words', async () => {
      sandbox.environment = { ...sandbox.environment, PIP_INDEX_URL: sandbox.indexes.offer('company', [beta]) };
      await sandbox.write({ 'requirements.txt': '# ours\nbeta\nno_such.thing>=1\n' });
      const error = await rejection(sandbox.resolve());
      expect(error.code).to.equal('build-failed');
      expect(error.message).to.equal(
        'the packages in requirements.txt cannot be resolved for the image (Python 3.11.2, glibc 2.36, x86_64)',
      );
      expect(String(error.cause)).to.contain('no-such-thing was not found in the package registry');
      expect(error.place).to.deep.equal({ file: 'requirements.txt', line: 3 });
    });

    it('says that an index refuses, and what to do, without the password', async () => {
      sandbox.indexes.offer('company', [beta], USER);
      const wrong = { username: 'ada', password: 'wrong-horse-99' };
      sandbox.environment = { ...sandbox.environment, PIP_INDEX_URL: sandbox.indexes.urlFor('company', wrong) };
      await sandbox.write({ 'requirements.txt': 'beta\n' });
      const error = await rejection(sandbox.resolve());
      expect(error.code).to.equal('credentials');
      expect(error.hint).to.contain('UV_INDEX_<NAME>_PASSWORD');
      expect(JSON.stringify([error.message, String(error.cause), error.output])).not.to.contain(wrong.password);
    });

    it('says that an index does not answer', async () => {
      sandbox.environment = { ...sandbox.environment, PIP_INDEX_URL: 'http://127.0.0.1:1/simple' };
      await sandbox.write({ 'requirements.txt': 'beta\n' });
      expect((await rejection(sandbox.resolve())).code).to.equal('registry-unreachable');
    });

    it('takes files with the hashes of the requirements, and no others', async () => {
      sandbox.environment = { ...sandbox.environment, PIP_INDEX_URL: sandbox.indexes.offer('company', [alpha, beta]) };
      const line = (name: string, bytes: Buffer): string => `${name}==1.0 --hash=sha256:${sha256(bytes)}\n`;
      await sandbox.write({ 'requirements.txt': line('alpha', alpha.bytes) + line('beta', beta.bytes) });
      const resolution = await sandbox.resolve();
      expect(versionsOf(resolution)).to.deep.equal(['alpha 1.0', 'beta 1.0']);
      expect(resolution.isLocked).to.equal(true);

      await sandbox.write({ 'requirements.txt': line('alpha', alpha.bytes) + line('beta', newerBeta.bytes) });
      const wrong = await rejection(sandbox.resolve());
      expect(wrong.code).to.equal('configuration');
      expect(wrong.message).to.match(/^no file of beta 1\.0 that fits has one of the hashes/);

      await sandbox.write({ 'requirements.txt': line('alpha', alpha.bytes) });
      const missing = await rejection(sandbox.resolve());
      expect(missing.message).to.match(/^beta 1\.0 is needed, but it has no hash in the requirements/);
    });

    it('installs folders, archives, repositories and URLs as they are named, and editable ones as real ones', async () => {
      const native = tinyWheel('native', '1.0', { tag: 'cp311-cp311-manylinux_2_17_x86_64' });
      sandbox.indexes.offer('company', [beta, native], USER);
      const library = (name: string): string =>
        `[project]\nname = "${name}"\nversion = "0.1"\ndependencies = ["beta"]\n[build-system]\nrequires = []\n`;
      await sandbox.folder.write({ 'repository/pyproject.toml': library('from-git') });
      const git = (...words: string[]) => run('git', ['-C', sandbox.folder.file('repository'), ...words]);
      await git('init', '--quiet');
      await git('add', '.');
      await git('-c', 'user.name=a', '-c', 'user.email=a@example.com', 'commit', '--quiet', '-m', 'x');
      await git('tag', 'v1');
      const { stdout: commit } = await git('rev-parse', 'HEAD');
      const direct = `http://ada:${USER.password}@${sandbox.indexes.host}/company/files/${native.filename}`;
      await sandbox.write({
        'lib/pyproject.toml': library('ours'),
        [alpha.filename]: alpha.bytes,
        'requirements.txt': [
          `-i ${sandbox.indexes.urlFor('company', USER)}`,
          '-e ./lib',
          `./${alpha.filename}`,
          `native @ ${direct}`,
          `from-git @ git+file://${sandbox.folder.file('repository')}@v1`,
        ].join('\n'),
      });
      const resolution = await sandbox.resolve();
      expect(versionsOf(resolution)).to.deep.equal([
        'alpha 1.0',
        'beta 1.0',
        'from-git 0.1',
        'native 1.0',
        'ours folder',
      ]);
      expect(packageNamed('ours', resolution).artifact).to.deep.equal({
        kind: 'folder',
        path: sandbox.folder.file('project/lib'),
      });
      expect(packageNamed('alpha', resolution).artifact).to.include({
        url: `file://${sandbox.folder.file(`project/${alpha.filename}`)}`,
        isDirect: true,
      });
      expect(packageNamed('native', resolution).artifact).to.include({
        url: direct.replace(/\/\/.*@/, '//'),
        isDirect: true,
      });
      expect(packageNamed('from-git', resolution).artifact).to.deep.equal({
        kind: 'git',
        url: `file://${sandbox.folder.file('repository')}`,
        commit: commit.trim(),
        requestedRevision: 'v1',
      });

      // What a folder depends on is a part of the recipe.
      await sandbox.write({ 'lib/pyproject.toml': library('ours').replace('"beta"', '"native"') });
      expect((await rejection(sandbox.resolve({ uv: { ...sandbox.uv, program: '/nonexistent/uv' } }))).code).to.equal(
        'tool-missing',
      );
    });

    for (const { libc, expected } of [
      { libc: { kind: 'glibc', version: '2.28' }, expected: '1.0 cp311-cp311-manylinux_2_17_x86_64' },
      { libc: { kind: 'glibc', version: '2.36' }, expected: '2.0 cp311-cp311-manylinux_2_34_x86_64' },
      { libc: { kind: 'glibc', version: '2.42' }, expected: '2.0 cp311-cp311-manylinux_2_34_x86_64' },
      { libc: { kind: 'musl', version: '1.2' }, expected: '1.5 cp311-cp311-musllinux_1_2_x86_64' },
    ] as const) {
      it(`takes what fits ${libc.kind} ${libc.version}`, async () => {
        const wheel = (version: string, platform: string) =>
          tinyWheel('native', version, { tag: `cp311-cp311-${platform}_x86_64` });
        sandbox.environment = {
          ...sandbox.environment,
          PIP_INDEX_URL: sandbox.indexes.offer('company', [
            wheel('1.0', 'manylinux_2_17'),
            wheel('1.5', 'musllinux_1_2'),
            wheel('2.0', 'manylinux_2_34'),
          ]),
        };
        await sandbox.write({ 'requirements.txt': 'native\n' });
        const { version, artifact } = packageNamed('native', await sandbox.resolve({ python: { ...PYTHON, libc } }));
        expect(artifact.kind === 'wheel' ? `${version} ${artifact.filename.slice(11, -4)}` : '').to.equal(expected);
      });
    }

    it('names the package and the platform where no wheel fits', async () => {
      const wheel = tinyWheel('native', '1.0', { tag: 'cp311-cp311-manylinux_2_40_x86_64' });
      sandbox.environment = { ...sandbox.environment, PIP_INDEX_URL: sandbox.indexes.offer('company', [wheel]) };
      await sandbox.write({ 'requirements.txt': 'native\n' });
      const error = await rejection(sandbox.resolve());
      expect(error.code).to.equal('build-failed');
      expect(error.message).to.contain('Python 3.11.2, glibc 2.36, x86_64');
      expect(String(error.cause)).to.contain('native');
      expect(error.place).to.deep.equal({ file: 'requirements.txt', line: 1 });
    });

    it('reads the dependencies in pyproject.toml where there is nothing else', async () => {
      sandbox.environment = { ...sandbox.environment, PIP_INDEX_URL: sandbox.indexes.offer('company', [beta]) };
      await sandbox.write({ 'pyproject.toml': '[project]\nname = "p"\nversion = "0"\ndependencies = ["beta"]\n' });
      const resolution = await sandbox.resolve();
      expect(versionsOf(resolution)).to.deep.equal(['beta 1.0']);
      expect(resolution.lockedBy).to.equal('pyproject.toml');
    });

    it('is stopped', async () => {
      await sandbox.write({ 'requirements.txt': 'beta\n' });
      expect((await rejection(sandbox.resolve({ signal: AbortSignal.abort() }))).code).to.equal('interrupted');
    });
  });

  describe('from uv.lock', () => {
    const lock = async () =>
      run(sandbox.uv.program, ['lock', '--quiet'], { cwd: sandbox.folder.file('project'), env: sandbox.environment });

    /** A workspace whose root has a dev group, and a Kedro member with groups and extras that exclude one another. */
    const writeWorkspace = async (): Promise<void> => {
      sandbox.indexes.offer(
        'company',
        [alpha, beta, newerBeta, tinyWheel('pytest', '8.0'), tinyWheel('plain', '1.0')],
        USER,
      );
      sandbox.environment = {
        ...sandbox.environment,
        UV_INDEX_COMPANY_USERNAME: USER.username,
        UV_INDEX_COMPANY_PASSWORD: USER.password,
      };
      await sandbox.write({
        'pyproject.toml': [
          '[project]\nname = "root"\nversion = "0"\nrequires-python = ">=3.9"\ndependencies = ["plain"]',
          '[dependency-groups]\ndev = ["pytest"]',
          '[tool.uv]\npackage = false',
          'conflicts = [[{package = "spaceflights", extra = "old"}, {package = "spaceflights", extra = "new"}]]',
          '[tool.uv.workspace]\nmembers = ["packages/*"]',
          `[[tool.uv.index]]\nname = "company"\nurl = "${sandbox.indexes.url('company')}"\ndefault = true`,
        ].join('\n'),
        'packages/spaceflights/pyproject.toml': [
          '[project]\nname = "spaceflights"\nversion = "0.1"\nrequires-python = ">=3.9"',
          `dependencies = ["library", "alpha ; python_version >= '3.10'", "plain ; sys_platform == 'win32'"]`,
          '[project.optional-dependencies]\nold = ["beta==1.0"]\nnew = ["beta==2.0"]',
          '[dependency-groups]\ndev = ["pytest"]',
          '[tool.uv.sources]\nlibrary = {workspace = true}',
          '[tool.kedro]\npackage_name = "spaceflights"\nproject_name = "spaceflights"',
        ].join('\n'),
        'packages/library/pyproject.toml':
          '[project]\nname = "library"\nversion = "0.1"\nrequires-python = ">=3.9"\n[build-system]\nrequires = []\n',
      });
      await lock();
    };

    it('installs what the member needs: without extras, groups, and what the root needs', async () => {
      await writeWorkspace();
      const resolution = await sandbox.resolve({ project: sandbox.folder.file('project/packages/spaceflights') });
      expect(versionsOf(resolution)).to.deep.equal(['alpha 1.0', 'beta 2.0', 'library folder']);
      expect(resolution).to.include({ lockedBy: '../../uv.lock', isLocked: true });
      expect(packageNamed('library', resolution).artifact).to.deep.equal({
        kind: 'folder',
        path: sandbox.folder.file('project/packages/library'),
      });
      expect(resolution.indexes).to.deep.equal([{ url: sandbox.indexes.url('company'), ...USER }]);
    });

    it('asks no index, and starts nothing the second time', async () => {
      await writeWorkspace();
      sandbox.indexes.asked.length = 0;
      const project = sandbox.folder.file('project/packages/spaceflights');
      await sandbox.resolve({ project });
      await sandbox.resolve({ project, uv: { ...sandbox.uv, program: '/nonexistent/uv' } });
      expect(sandbox.indexes.asked).to.deep.equal([]);
    });

    it('is refused where pyproject.toml was changed since, with what refreshes it', async () => {
      await writeWorkspace();
      const project = sandbox.folder.file('project/packages/spaceflights');
      await sandbox.resolve({ project });
      const pyproject = await readFile(`${project}/pyproject.toml`, 'utf8');
      await sandbox.folder.write({
        'project/packages/spaceflights/pyproject.toml': pyproject.replace('"library"', '"library", "plain"'),
      });
      const error = await rejection(sandbox.resolve({ project }));
      expect(error.code).to.equal('configuration');
      expect(error.message).to.equal('../../uv.lock cannot be installed');
      expect(error.hint).to.contain('uv lock');
    });

    it('counts more than requirements.txt, and that is said', async () => {
      await writeWorkspace();
      await sandbox.write({ 'requirements.txt': 'nothing\n' });
      expect(versionsOf(await sandbox.resolve())).to.deep.equal(['plain 1.0']);
      expect(sandbox.notes).to.deep.equal([
        'uv.lock decides which packages are installed; requirements.txt is not read',
      ]);
    });
  });

  it('installs pylock.toml without starting anything', async () => {
    const text = [
      'lock-version = "1.0"',
      'created-by = "test"',
      '[[packages]]\nname = "beta"\nversion = "1.0"',
      `wheels = [{url = "https://ada:secret-99@example.com/${beta.filename}", hashes = {sha256 = "${sha256(beta.bytes)}"}}]`,
    ].join('\n');
    await sandbox.write({ 'pylock.toml': text });
    const resolution = await sandbox.resolve({ uv: { ...sandbox.uv, program: '/nonexistent/uv' } });
    expect(versionsOf(resolution)).to.deep.equal(['beta 1.0']);
    expect(resolution.indexes).to.deep.equal([
      { url: `https://example.com/${beta.filename}`, username: 'ada', password: 'secret-99' },
    ]);
  });

  describe('from poetry.lock', () => {
    const POETRY = {
      'format 1.1': (url: string): string =>
        [
          packageTable('alpha', '1.0', 'category = "main"', source(url), '[package.dependencies]\nbeta = ">=1"'),
          packageTable('beta', '1.0', 'category = "main"', source(url)),
          packageTable('plain', '1.0', 'category = "dev"', source(url)),
          '[metadata]\nlock-version = "1.1"',
          `[metadata.files]\nalpha = [${file(alpha)}]\nbeta = [${file(beta)}]\nplain = []`,
        ].join('\n'),
      'format 2.0': (url: string): string =>
        [
          packageTable('alpha', '1.0', `files = [${file(alpha)}]`, source(url), '[package.dependencies]\nbeta = ">=1"'),
          packageTable('beta', '1.0', `files = [${file(beta)}]`, source(url)),
          packageTable('plain', '1.0', 'files = []', source(url)),
          '[metadata]\nlock-version = "2.0"',
        ].join('\n'),
      'format 2.1': (url: string): string =>
        [
          packageTable('alpha', '1.0', `groups = ["main"]\nfiles = [${file(alpha)}]`, source(url)),
          packageTable('beta', '1.0', `groups = ["main", "dev"]\nfiles = [${file(beta)}]`, source(url)),
          packageTable('plain', '1.0', 'groups = ["dev"]\nfiles = []', source(url)),
          '[metadata]\nlock-version = "2.1"',
        ].join('\n'),
    };
    const PYPROJECT =
      '[tool.poetry.dependencies]\npython = ">=3.9"\nalpha = "*"\n[tool.poetry.group.dev.dependencies]\nplain = "*"\n';

    for (const [format, text] of Object.entries(POETRY)) {
      it(`installs the main group of ${format}, from the source that it is locked from only`, async () => {
        sandbox.indexes.offer('company', [alpha, beta, newerBeta], USER);
        sandbox.environment = {
          ...sandbox.environment,
          POETRY_HTTP_BASIC_OUR_OWN_USERNAME: USER.username,
          POETRY_HTTP_BASIC_OUR_OWN_PASSWORD: USER.password,
          PIP_INDEX_URL: 'http://127.0.0.1:1/simple',
        };
        await sandbox.write({ 'pyproject.toml': PYPROJECT, 'poetry.lock': text(sandbox.indexes.url('company')) });
        const resolution = await sandbox.resolve();
        expect(versionsOf(resolution)).to.deep.equal(['alpha 1.0', 'beta 1.0']);
        expect(resolution).to.include({ lockedBy: 'poetry.lock', isLocked: true });
        expect(resolution.indexes).to.deep.equal([{ url: sandbox.indexes.url('company'), ...USER }]);
        const again = await sandbox.resolve({ uv: { ...sandbox.uv, program: '/nonexistent/uv' } });
        expect(versionsOf(again)).to.deep.equal(['alpha 1.0', 'beta 1.0']);
      });
    }

    it('is refused where the index has another file than was locked', async () => {
      const other = tinyWheel('beta', '1.0', { code: 'x = 2\n' });
      const url = sandbox.indexes.offer('company', [alpha, other]);
      await sandbox.write({ 'pyproject.toml': PYPROJECT, 'poetry.lock': POETRY['format 2.1'](url) });
      const error = await rejection(sandbox.resolve());
      expect(error.code).to.equal('configuration');
      expect(error.message).to.match(/^no file of beta 1\.0 that fits has one of the hashes/);
    });

    it('is refused where pyproject.toml was changed since', async () => {
      const text = `${POETRY['format 2.1'](sandbox.indexes.url('company'))}\ncontent-hash = "${'0'.repeat(64)}"\n`;
      await sandbox.write({ 'pyproject.toml': PYPROJECT, 'poetry.lock': text });
      const error = await rejection(sandbox.resolve());
      expect(error.message).to.equal('poetry.lock is older than pyproject.toml, which was changed since');
      expect(error.hint).to.contain('poetry lock');
    });

    it('takes folders, files, URLs and commits without asking anybody', async () => {
      const entry = (name: string, lines: string): string =>
        packageTable(name, '1.0', 'groups = ["main"]', `[package.source]\n${lines}`);
      await sandbox.write({
        'pyproject.toml': PYPROJECT,
        'poetry.lock': [
          entry('ours', 'type = "directory"\nurl = "../lib"'),
          entry('beta', `type = "file"\nurl = "${beta.filename}"`),
          entry('alpha', `type = "url"\nurl = "https://example.com/${alpha.filename}"`),
          entry(
            'code',
            'type = "git"\nurl = "https://example.com/code.git"\nreference = "main"\nresolved_reference = "0123abc"',
          ),
          '[metadata]\nlock-version = "2.1"',
        ].join('\n'),
      });
      const resolution = await sandbox.resolve({ uv: { ...sandbox.uv, program: '/nonexistent/uv' } });
      expect(versionsOf(resolution)).to.deep.equal(['alpha 1.0', 'beta 1.0', 'code 1.0', 'ours folder']);
      expect(packageNamed('ours', resolution).artifact).to.include({ path: sandbox.folder.file('lib') });
      expect(packageNamed('code', resolution).artifact).to.deep.equal({
        kind: 'git',
        url: 'https://example.com/code.git',
        commit: '0123abc',
        requestedRevision: 'main',
      });
    });
  });
});

function packageTable(name: string, version: string, ...lines: readonly string[]): string {
  return ['[[package]]', `name = "${name}"`, `version = "${version}"`, 'optional = false', ...lines, ''].join('\n');
}

function source(url: string): string {
  return `[package.source]\ntype = "legacy"\nurl = "${url}"\nreference = "our-own"`;
}

function file({ filename, bytes }: ReturnType<typeof tinyWheel>): string {
  return `{file = "${filename}", hash = "sha256:${sha256(bytes)}"}`;
}
