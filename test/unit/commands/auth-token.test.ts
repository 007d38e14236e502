import { captureOutput } from '@oclif/test';
import { expect } from 'chai';
import Token from '../../../src/commands/auth/token.js';
import { TemporaryFolder } from '../temporary-folder.js';
import { commandConfig } from './command-config.js';

/** The same command as `kdeploy auth token`, run in this process on a project that lies in a temporary folder. */
describe('kdeploy auth token', () => {
  let folder: TemporaryFolder;
  const environment = { ...process.env };
  const listeners = new Map<string, readonly unknown[]>();

  beforeEach(async () => {
    folder = await (
      await TemporaryFolder.create()
    ).write({
      'pyproject.toml':
        '[tool.kedro]\npackage_name = "flights"\nproject_name = "Flights"\nkedro_init_version = "1.0.0"\n',
      'src/flights/__init__.py': '',
      token: 'hunter2-from-the-file\n',
    });
    for (const name of Object.keys(process.env)) {
      if (/^(KDEPLOY|KEDRO|MLFLOW)_/.test(name)) Reflect.deleteProperty(process.env, name);
    }
    for (const name of ['SIGINT', 'SIGTERM']) listeners.set(name, process.rawListeners(name));
  });

  afterEach(async () => {
    for (const name of Object.keys(process.env)) {
      if (!(name in environment)) Reflect.deleteProperty(process.env, name);
    }
    Object.assign(process.env, environment);
    process.exitCode = undefined;
    for (const name of ['SIGINT', 'SIGTERM']) {
      for (const listener of process.rawListeners(name)) {
        if (listeners.get(name)?.includes(listener) !== true) process.removeListener(name, listener as () => void);
      }
    }
    await folder.remove();
  });

  const configure = (...authentication: object[]) =>
    folder.write({ 'conf/base/kdeploy.yml': JSON.stringify({ run_config: { authentication } }) });
  const run = async (...argv: string[]) => {
    const { stdout, stderr } = await captureOutput(async () =>
      Token.run(['--project', folder.path, ...argv], await commandConfig()),
    );
    return { stdout, stderr, exitCode: process.exitCode };
  };
  const vars = { type: 'Vars', params: ['MLFLOW_TRACKING_TOKEN'] };
  const tokenFile = (header: string) => ({ type: 'TokenFile', path: folder.file('token'), header });

  it('prints the header and nothing else, fit for `curl --header @-`', async () => {
    await configure(vars);
    process.env.MLFLOW_TRACKING_TOKEN = 'hunter2-token';
    expect(await run()).to.deep.equal({
      stdout: 'Authorization: Bearer hunter2-token\n',
      stderr: '',
      exitCode: undefined,
    });
  });

  it('prints the headers of all types, one a line', async () => {
    await configure(tokenFile('Proxy-Authorization'), vars);
    process.env.MLFLOW_TRACKING_TOKEN = 'hunter2-token';
    expect((await run()).stdout).to.equal(
      'Proxy-Authorization: Bearer hunter2-from-the-file\nAuthorization: Bearer hunter2-token\n',
    );
  });

  it('prints those of one type with --type, and needs nothing of the others', async () => {
    await configure(tokenFile('Proxy-Authorization'), vars);
    expect(await run('--type', 'TokenFile')).to.deep.equal({
      stdout: 'Proxy-Authorization: Bearer hunter2-from-the-file\n',
      stderr: '',
      exitCode: undefined,
    });
  });

  it('prints them as JSON', async () => {
    await configure(tokenFile('Authorization'));
    expect(JSON.parse((await run('--json')).stdout)).to.deep.equal({
      version: 1,
      headers: { Authorization: 'Bearer hunter2-from-the-file' },
    });
  });

  it('is a mistake where no type is configured', async () => {
    await configure();
    expect(await run()).to.deep.equal({
      stdout: '',
      stderr:
        'Error: kdeploy.yml configures no authentication\n' +
        '  next: add one under run_config.authentication in conf/base/kdeploy.yml: {type: GoogleOAuth2}\n',
      exitCode: 2,
    });
  });

  it('is a mistake where the type that --type names is not configured', async () => {
    await configure(vars);
    const { stdout, stderr, exitCode } = await run('--type', 'OIDC');
    expect([stdout, exitCode]).to.deep.equal(['', 2]);
    expect(stderr).to.contain('Error: kdeploy.yml configures no authentication of type OIDC\n');
  });

  for (const type of ['oidc', 'Var', 'GoogleOAuth']) {
    it(`is a mistake with --type ${type}, and names the types there are`, async () => {
      await configure(vars);
      const { stdout, stderr, exitCode } = await run('--type', type);
      expect([stdout, exitCode]).to.deep.equal(['', 2]);
      for (const known of ['GoogleOAuth2', 'Vars', 'OIDC', 'TokenFile']) expect(stderr).to.contain(known);
    });
  }

  it('prints no token, and none in part, when one of the types lacks something', async () => {
    await configure(tokenFile('Proxy-Authorization'), vars);
    const { stdout, stderr, exitCode } = await run();
    expect([stdout, exitCode]).to.deep.equal(['', 3]);
    expect(stderr).to.equal(
      'Error: not set in this shell: MLFLOW_TRACKING_TOKEN\n' +
        '  next: set it as in the container: `export MLFLOW_TRACKING_TOKEN=…`\n',
    );
  });
});
