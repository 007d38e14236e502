import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { execa } from 'execa';
import { executable } from '../support/command.js';

/** As Node answers where HOME is not set and the user has no account, such as with `docker run --user 54321`. */
const NO_ACCOUNT = `data:text/javascript,${encodeURIComponent(`
  import os from 'node:os';
  import { syncBuiltinESMExports } from 'node:module';
  os.homedir = () => {
    if (process.env.HOME === undefined) throw new Error('uv_os_homedir returned ENOENT (no such file or directory)');
    return process.env.HOME;
  };
  os.userInfo = () => {
    throw new Error('uv_os_get_passwd returned ENOENT (no such file or directory)');
  };
  syncBuiltinESMExports();
`)}`;

describe('a machine that lacks something', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'kdeploy-test-'));
  });
  after(() => rm(folder, { recursive: true }));

  const kdeploy = (environment: Readonly<Record<string, string>>, ...words: string[]) =>
    execa(process.execPath, ['--import', NO_ACCOUNT, executable, ...words], {
      cwd: folder,
      env: { PATH: process.env.PATH ?? '', DOCKER_HOST: 'tcp://127.0.0.1:1', ...environment },
      extendEnv: false,
      reject: false,
    });

  for (const [what, environment] of [
    ['no HOME', {}],
    ['an empty HOME', { HOME: '' }],
    ['a HOME that is not there', { HOME: '/nonexistent/home' }],
  ] as const) {
    it(`stops no command: ${what}, and a user without an account`, async () => {
      const version = await kdeploy(environment, '--version');
      expect([version.exitCode, version.stderr]).to.deep.equal([0, '']);
      const check = await kdeploy(environment, 'check');
      expect([check.exitCode, check.stderr]).to.match(/^2,Error: .* is not in a Kedro project\n/);
      const push = await kdeploy(environment, 'push', 'registry.invalid/x');
      expect(push.exitCode, push.stderr).to.equal(3);
      expect(await readdir(folder)).to.deep.equal([]);
    });
  }

  it('is told by its name: a user without an account, whose name an engine over ssh would need', async () => {
    const { exitCode, stderr } = await kdeploy({ DOCKER_HOST: 'ssh://build' }, 'push', 'registry.invalid/x');
    expect([exitCode, stderr.split('\n')[0]]).to.deep.equal([
      3,
      "Error: the engine's address names no user, and this one has no account",
    ]);
  });

  it('is not a bug: a full disk behind the standard output', async function () {
    if (process.platform !== 'linux') this.skip();
    const { exitCode, stderr } = await execa(
      'sh',
      ['-c', '"$0" "$1" --version > /dev/full', process.execPath, executable],
      {
        cwd: folder,
        reject: false,
      },
    );
    expect([exitCode, stderr.split('\n')[0]]).to.deep.equal([
      2,
      'Error: the output cannot be written: the disk is full',
    ]);
  });
});
