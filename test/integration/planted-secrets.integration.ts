import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { expect } from 'chai';

import { runCommand, type Outcome } from '../support/command.js';
import { FakeServer } from '../support/fake-server.js';

/** Fake, and nowhere but in these tests. */
const SECRET = 'hunter2-planted-0123456789';
const OTHER = 'hunter2-of-the-environment';
const FORMS = [
  'hunter2',
  Buffer.from(`me:${SECRET}`).toString('base64'),
  Buffer.from(SECRET).toString('base64').replace(/=+$/, ''),
];

/** What a server, a file or a commit may say to move the cursor, and to give a CI system a command. */
const HOSTILE =
  '\u001b[2J\u009b1A\r\n::error file=x::owned\n  ::add-mask::x\n##[group]x ##vso[task.setvariable]y\u202e';

/** No secret, no control character, no command of a CI system, on stdout and on stderr. */
function expectHarmless({ stdout, stderr }: Outcome, what: string, { annotations = false } = {}): void {
  for (const text of [stdout, stderr]) {
    for (const form of FORMS) expect(text, what).not.to.contain(form);
    // eslint-disable-next-line no-control-regex -- what must not be there
    expect(text, what).not.to.match(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202E]/);
    expect(text, what).not.to.match(/##\w*\[/);
    const lines = text
      .split('\n')
      .filter((line) => !annotations || !/^::(?:error|warning|notice) .*title=kdeploy/.test(line));
    for (const line of lines) expect(line.trim(), what).not.to.match(/^::/);
  }
}

describe('a secret that is planted, and text that is hostile', () => {
  let folder: string;
  let project: string;
  let server: FakeServer;
  let env: Record<string, string>;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'kdeploy-planted-'));
    project = path.join(folder, 'project');
    server = await FakeServer.start(({ headers }) => ({
      status: 403,
      headers: { 'Content-Type': 'application/json' },
      body: {
        errors: [{ code: 'DENIED', message: `${HOSTILE} ${JSON.stringify(headers)} ${SECRET} ${OTHER}` }],
        error_code: 'PERMISSION_DENIED',
        message: `${HOSTILE} ${JSON.stringify(headers)} ${SECRET}`,
      },
    }));
    env = {
      PATH: process.env.PATH ?? '',
      HOME: folder,
      CI: 'true',
      DOCKER_HOST: `tcp://me:${SECRET}@127.0.0.1:1`,
      MLFLOW_TRACKING_TOKEN: OTHER,
      HTTP_PROXY: `http://me:${OTHER}@127.0.0.1:1`,
      NO_PROXY: '127.0.0.1,localhost',
    };
    const auth = Buffer.from(`me:${SECRET}`).toString('base64');
    await write({
      'pyproject.toml': '[tool.kedro]\npackage_name = "demo"\nproject_name = "demo"\nkedro_init_version = "1.0.0"\n',
      'requirements.txt': `--index-url https://me:${SECRET}@pypi.example.com/simple\nkedro~=1.0\nkedro-mlflow~=2.0\n`,
      'src/demo/settings.py': '',
      'conf/base/kdeploy.yml': 'image: {name: registry.example.com/team/app}\n',
      'conf/local/mlflow.yml': `server: {mlflow_tracking_uri: "https://me:${SECRET}@mlflow.example.com"}\n`,
      '../.docker/config.json': JSON.stringify({ auths: { [server.host]: { auth } } }),
    });
  });

  afterEach(async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function write(files: Readonly<Record<string, string>>): Promise<void> {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(project, name)), { recursive: true });
      await writeFile(path.join(project, name), text);
    }
  }

  async function tried(commands: readonly (readonly string[])[], more: Record<string, string> = {}): Promise<void> {
    for (const args of commands) {
      const outcome = await runCommand(args, { cwd: project, env: { ...env, ...more } });
      expectHarmless(outcome, args.join(' '), { annotations: args.includes('github') });
      expect(outcome.stdout + outcome.stderr, args.join(' ')).not.to.equal('');
      if (args.includes('--json')) JSON.parse(outcome.stdout);
    }
  }

  it('is in no finding, in any format', () =>
    tried([
      ['check'],
      ['check', '--json'],
      ...['json', 'github', 'sarif'].map((format) => ['check', '--format', format]),
      ['check', '--verbose'],
    ]));

  it('is not in the words for a broken file', async () => {
    await write({
      'pyproject.toml': `[tool.kedro]\npackage_name = "demo"\nurl = "https://me:${SECRET}@host\npassword = ${SECRET} ${SECRET}\n`,
    });
    await tried([['check'], ['check', '--json', '--verbose'], ['build', '--verbose'], ['doctor']]);
    await write({
      'pyproject.toml': '[tool.kedro]\npackage_name = "demo"\nproject_name = "demo"\nkedro_init_version = "1.0.0"\n',
      'conf/base/kdeploy.yml': `image: "a" ${SECRET}: {{\n`,
      'conf/local/mlflow.yml': `password: "a" "${SECRET}"\n`,
    });
    await tried([['check'], ['check', '--json', '--verbose'], ['inspect', '--run', 'x', '--verbose']]);
  });

  it('is not in the words for a flag, an argument or a setting', async () => {
    const address = `https://me:${SECRET}@host/path`;
    await write({
      'conf/base/kdeploy.yml': `run_config:\n  authentication:\n    - {type: OIDC, issuer: "${address}", client_id: x, client_secret_variable: MLFLOW_TRACKING_TOKEN}\n`,
    });
    await tried([['check'], ['check', '--json'], ['auth', 'token', '--json'], ['doctor', '--json']]);
    await tried([
      ['build', '--secret', SECRET],
      ['build', '--secret', `id=x,value=${SECRET}`, '--json'],
      ['build', '--platform', address],
      ['inspect', address],
      ['inspect', `me:${SECRET}@host/app`, '--json'],
      ['push', address],
      ['check', '--tracking-uri', address],
    ]);
  });

  it('is not in what an engine, a registry or MLflow is said to have answered', async () => {
    await tried([
      ['doctor', '--verbose'],
      ['doctor', '--json'],
      ['push', 'registry.example.com/team/app:v1', '--verbose'],
      ['inspect', 'registry.example.com/team/app:v1', '--json'],
      ['inspect', '--remote', `${server.host}/team/app:v1`, '--verbose'],
      ['inspect', '--remote', `${server.host}/team/app:v1`, '--json'],
    ]);
    expect(server.asked.length).to.be.greaterThan(0);
    server.asked.length = 0;
    const online = ['--online', '--tracking-uri', server.url];
    await write({
      'conf/base/kdeploy.yml': 'run_config: {authentication: [{type: Vars, params: [MLFLOW_TRACKING_TOKEN]}]}\n',
    });
    await tried([
      ['check', ...online],
      ...['json', 'github', 'sarif'].map((format) => ['check', ...online, '--format', format]),
      ['inspect', '--run', 'r1', '--tracking-uri', server.url, '--verbose'],
    ]);
    expect(server.asked.some(({ headers }) => headers.authorization === `Bearer ${OTHER}`)).to.equal(true);
  });

  it('is text, and no command, where a file or a key has such a name', async () => {
    await write({
      [`conf/base/catalog_${HOSTILE.replaceAll('/', '')}.yml`]: `x: {type: "${'a'.repeat(3)}`,
      'conf/base/kdeploy.yml': `${JSON.stringify(HOSTILE)}: 1\n`,
    });
    await tried([['check'], ['check', '--json'], ['check', '--format', 'github'], ['check', '--format', 'sarif']]);
  });
});
