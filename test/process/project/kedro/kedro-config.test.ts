import { expect } from 'chai';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KdeployError } from '../../../../src/errors.js';
import { readConfigWithKedro, type KedroConfigOptions } from '../../../../src/project/kedro/kedro-config.js';
import { rejection } from '../../../support/rejection.js';

/** The project's Python is played by real scripts, which see what a real one would. */
describe('readConfigWithKedro', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kdeploy kedro-config-'));
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function ask(
    script: string,
    options: Partial<KedroConfigOptions> = {},
  ): ReturnType<typeof readConfigWithKedro> {
    const python = join(folder, 'python');
    await writeFile(python, `#!/bin/sh\n${script}\n`);
    await chmod(python, 0o755);
    return readConfigWithKedro('mlflow.yml uses ${…}', {
      projectRoot: folder,
      env: undefined,
      findKedro: () => Promise.resolve({ kedro: join(folder, 'kedro'), python, origin: '.venv' }),
      environment: { PATH: process.env.PATH },
      ...options,
    });
  }

  const ANSWER =
    '{"document": {"a": 1}, "files": ["conf/local/mlflow.yml"], "folder": "conf/local", "patterns": ["mlflow*"]}';

  it('takes the last line, because the project may print while it is imported', async () => {
    expect(await ask(`echo hello; echo '${ANSWER}'`)).to.deep.equal(JSON.parse(ANSWER));
  });

  it('passes script, project and environment, and switches telemetry off', async () => {
    const answer = `printf '{"document": {"arguments": "%s|%s|%s", "telemetry": "%s", "folder": "%s"}, "files": [], "folder": "", "patterns": []}' "$(basename "$1")" "$2" "$3" "$DO_NOT_TRACK" "$(pwd)"`;
    expect((await ask(answer, { env: 'prod' })).document).to.deep.equal({
      arguments: `read_tracking_config.py|${folder}|prod`,
      telemetry: '1',
      folder,
    });
  });

  it('hands over no credentials of this shell', async () => {
    const script = `echo '{"document": {"seen": "'"$GITHUB_TOKEN$PLAIN"'"}, "files": [], "folder": "", "patterns": []}'`;
    const environment = { PATH: process.env.PATH, GITHUB_TOKEN: 'hunter2', PLAIN: 'plain' };
    expect((await ask(script, { environment })).document).to.deep.equal({ seen: 'plain' });
  });

  it('gives Kedro’s own reason, without the password in it', async () => {
    const error = await rejection(
      ask(`printf '%s' '{"error": "InterpolationKeyError", "message": "not found: http://u:hunter2@h\\nmore"}'`),
    );
    expect(error.code).to.equal('configuration');
    expect(error.message).to.equal('Kedro cannot load mlflow.yml: InterpolationKeyError: not found: http://***@h');
  });

  it('names a Kedro that is not the project’s, the version that is needed, and the project', async () => {
    const fails = (kedro: string): string =>
      `echo '{"error": "ValueError", "message": "does not match", "kedro": ${kedro}}'`;
    const project = (key: string, version: string): Promise<void> =>
      writeFile(join(folder, 'pyproject.toml'), `[tool.kedro]\nproject_name = "Spaceflights"\n${key} = "${version}"\n`);
    for (const [key, created, installed, needed] of [
      ['kedro_init_version', '0.18.14', '1.7.0', '>=0.18,<0.19'],
      ['project_version', '0.18.1', '0.19.9', '>=0.18,<0.19'],
      ['kedro_init_version', '1.0.0', '0.19.9', '>=1,<2'],
    ] as const) {
      await project(key, created);
      const error = await rejection(ask(fails(`"${installed}"`)));
      expect(error.code).to.equal('tool-missing');
      expect(error.message).to.equal(
        `${join(folder, 'kedro')} (.venv) is Kedro ${installed}, but the project Spaceflights needs kedro${needed}`,
      );
    }
    for (const [created, installed] of [
      ['0.18.14', '"0.18.1"'],
      ['1.0.0', '"1.7.0"'],
      ['1.0.0', '"1.0.0rc1"'],
      ['unknown', '"1.7.0"'],
      ['0.18.14', 'null'],
    ] as const) {
      await project('kedro_init_version', created);
      expect((await rejection(ask(fails(installed)))).code, `${created} ${installed}`).to.equal('configuration');
    }
  });

  it('shows the last lines of stderr when there is no answer', async () => {
    const error = await rejection(ask('echo "Traceback http://u:hunter2@h" >&2; exit 3'));
    expect(error.output.join()).to.equal('Traceback http://***@h');
    expect(error.message).to.contain('exit code 3').and.not.contain('hunter2');
  });

  it('does not take another answer for one', async () => {
    for (const text of [
      '[]',
      '{}',
      'null',
      '{"document": null, "files": [], "folder": "", "patterns": []}',
      '{"document": {}, "files": [1], "folder": "", "patterns": []}',
    ]) {
      expect((await rejection(ask(`echo '${text}'`))).code, text).to.equal('configuration');
    }
  });

  it('says why Kedro is needed when there is none', async () => {
    const findKedro = (): Promise<never> =>
      Promise.reject(new KdeployError('tool-missing', 'no kedro was found', { hint: 'name it' }));
    const error = await rejection(ask('', { findKedro }));
    expect(error.code).to.equal('tool-missing');
    expect(error.message).to.equal('mlflow.yml uses ${…}, which only Kedro can read, but no kedro was found');
    expect(error.hint).to.equal('name it');
  });

  it('says so when the Python of kedro cannot be told', async () => {
    const error = await rejection(
      ask('', { findKedro: () => Promise.resolve({ kedro: '/k', python: undefined, origin: 'PATH' }) }),
    );
    expect(error.message).to.contain('the Python of /k was not found');
  });
});
