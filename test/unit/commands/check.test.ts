import { mkdir, readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { RULES } from '../../../src/checks/rules.js';
import Check from '../../../src/commands/check.js';
import type { Report } from '../../../src/ui/reports/report.js';
import { TemporaryFolder } from '../temporary-folder.js';
import { runIsolated } from './isolated-command.js';

const GOOD = {
  'pyproject.toml':
    '[project]\ndependencies = ["kedro~=1.7"]\n[tool.kedro]\npackage_name = "demo"\nproject_name = "Demo"\nkedro_init_version = "1.7.0"\n',
  'requirements.txt': 'kedro~=1.7.0\nkedro-mlflow==2.0.3\nkedro-datasets\n',
  'src/demo/settings.py': '# nothing',
  'conf/local/mlflow.yml': 'server:\n  mlflow_tracking_uri: https://mlflow.example.com\n',
};

describe('kdeploy check', () => {
  let folder: TemporaryFolder;
  beforeEach(async () => {
    folder = await TemporaryFolder.create();
    await folder.write(GOOD);
  });
  afterEach(() => folder.remove());

  const check = (...argv: string[]) => runIsolated(Check, ['--project', folder.path, ...argv]);

  it('says on stderr how many checks passed, and where the image would log', async () => {
    expect(await check()).to.deep.equal({
      stdout: '',
      stderr: `${RULES.length} checks: no problems; logs to https://mlflow.example.com, experiment demo\n`,
      exitCode: undefined,
    });
  });

  it('prints findings on stdout, and points to the page of the first', async () => {
    await folder.write({ 'requirements.txt': 'kedro\n' });
    const { stdout, stderr, exitCode } = await check();
    expect(exitCode).to.equal(1);
    expect(stdout).to.match(
      /^requirements.txt: error: kedro-mlflow is missing .* \[kedro-mlflow-required\]\n {4}next: .*\n$/,
    );
    expect(stderr).to.match(
      /^to learn more about a finding: kdeploy check --explain kedro-mlflow-required\n.*\n\d+ checks: 1 error;/,
    );
  });

  it('prints nothing but the findings with --quiet', async () => {
    await folder.write({ 'requirements.txt': 'kedro\n' });
    expect((await check('--quiet')).stderr).to.equal('');
  });

  it('names what is switched off, and exits with 0 where only that was wrong', async () => {
    await folder.write({
      'requirements.txt': 'kedro\n',
      'conf/base/kdeploy.yml': 'checks:\n  kedro-mlflow-required: off\n',
    });
    const { stdout, stderr, exitCode } = await check();
    expect([stdout, exitCode]).to.deep.equal(['', undefined]);
    expect(stderr).to.match(/^\d+ checks: no problems;.*\ndisabled in kdeploy.yml: kedro-mlflow-required\n$/);
    expect(stderr.split(' ', 1)).to.deep.equal([String(RULES.length - 1)]);
  });

  it('prints the same with --json as with --format json', async () => {
    await folder.write({ 'requirements.txt': 'kedro\n' });
    const flag = (await check('--json')).stdout;
    const format = (await check('--format', 'json')).stdout;
    const report = JSON.parse(flag) as Report;
    expect(report).to.deep.equal(JSON.parse(format));
    expect(report.projects.map(({ name, folder: place, env }) => [name, place, env])).to.deep.equal([
      ['Demo', '', 'local'],
    ]);
    expect(report.projects[0]?.findings.map(({ rule }) => rule)).to.deep.equal(['kedro-mlflow-required']);
  });

  it('knows where the project lies in its repository', async () => {
    await folder.write({
      'services/one/requirements.txt': 'kedro\n',
      'services/one/pyproject.toml': GOOD['pyproject.toml'],
    });
    await mkdir(folder.file('.git'));
    const { stdout } = await runIsolated(Check, ['--project', folder.file('services/one'), '--format', 'github']);
    expect(stdout).to.contain('::error file=services/one/requirements.txt,');
  });

  it('prints no password, in no format', async () => {
    await folder.write({ 'conf/local/mlflow.yml': 'server: {mlflow_tracking_uri: "https://ada:hunter2@h"}\n' });
    for (const format of ['text', 'json', 'github', 'sarif']) {
      const { stdout, stderr, exitCode } = await check('--format', format);
      expect(exitCode, format).to.equal(1);
      expect(stdout, format).to.contain('tracking-uri-has-no-credentials');
      expect(stdout + stderr, format).not.to.contain('hunter2');
    }
  });

  describe('with --fix', () => {
    const text = (file: string) => readFile(folder.file(file), 'utf8').catch(() => undefined);
    const broken = { 'requirements.txt': 'kedro', '.netrc': 'machine h login ada password hunter2\n' };

    it('only shows what it would change where nobody can be asked, and says how to go on', async () => {
      await folder.write(broken);
      const { stdout, stderr, exitCode } = await check('--fix');
      expect(exitCode).to.equal(1);
      expect(stdout).to.contain('[kedro-mlflow-required]');
      expect(stderr).to.contain('+kedro-mlflow\n+kedro-datasets\n').and.to.contain('\n+.netrc\n');
      expect(stderr).to.contain('no changes made; to apply them: kdeploy check --fix --yes\n');
      expect(stdout + stderr).not.to.contain('hunter2');
      expect([await text('requirements.txt'), await text('.dockerignore')]).to.deep.equal(['kedro', undefined]);
    });

    it('changes it with --yes, and tells what remains', async () => {
      await folder.write({ ...broken, 'conf/local/mlflow.yml': 'server: {mlflow_tracking_uri: mlruns}\n' });
      const { stdout, stderr, exitCode } = await check('--fix', '--yes');
      expect(await text('requirements.txt')).to.equal('kedro\nkedro-mlflow\nkedro-datasets\n');
      expect(await text('.dockerignore')).to.match(/^Dockerfile\n[^]*\n\.netrc\n$/);
      expect(stderr).to.contain('changed: requirements.txt, .dockerignore\n');
      expect(stdout.match(/\[[a-z-]+\]/g)).to.deep.equal(['[tracking-uri-usable]']);
      expect(exitCode).to.equal(1);
    });

    it('exits with 0 when nothing remains, and has nothing to do the next time', async () => {
      await folder.write(broken);
      expect((await check('--fix', '-y')).exitCode).to.equal(undefined);
      const again = await check('--fix', '-y');
      expect([again.stdout, again.exitCode]).to.deep.equal(['', undefined]);
      expect(again.stderr).to.contain('nothing to fix automatically\n');
    });

    it('promises no fix that it would refuse: the finding has the command for the file’s source', async () => {
      await folder.write({ 'requirements.txt': 'kedro==1.7.0 --hash=sha256:aa\n' });
      const { stdout, stderr } = await check('--fix', '--yes');
      expect(stderr).to.contain('nothing to fix automatically\n').and.not.to.contain('fixable');
      expect(stdout).to.contain(
        'next: add kedro-mlflow to the file that it is compiled from, and compile requirements.txt again',
      );
      expect(await text('requirements.txt')).to.equal('kedro==1.7.0 --hash=sha256:aa\n');
    });

    it('leaves out what only may be a key, which the pipeline may need', async () => {
      await folder.write({ 'credentials.json': '{"type": "app"}\n' });
      const { stderr } = await check('--fix', '--yes');
      expect(stderr).to.contain('nothing to fix automatically\n');
    });

    it('prints a report of its own kind on stdout', async () => {
      await folder.write(broken);
      const { projects } = JSON.parse((await check('--fix', '--json')).stdout) as Report;
      expect(projects[0]?.findings.map(({ rule, fixable }) => [rule, fixable])).to.deep.equal([
        ['kedro-mlflow-required', true],
        ['build-context-has-no-credentials', true],
      ]);
      expect(JSON.stringify(projects)).not.to.contain('add-requirement');
    });

    it('is what a check without it points to', async () => {
      await folder.write(broken);
      expect((await check()).stderr).to.contain('2 are fixable with: kdeploy check --fix\n');
    });

    it('is for the files on disk, which is said without oclif’s heading', async () => {
      const { stderr, exitCode } = await check('--fix', '--commit', 'HEAD');
      expect(exitCode).to.equal(2);
      expect(stderr).to.match(/^Error: --commit=HEAD cannot also be provided when using --fix\n {2}next: /);
    });

    it('is needed for --yes', async () => {
      expect((await check('--yes')).exitCode).to.equal(2);
    });
  });

  describe('with --explain', () => {
    it('shows the page of a check, also outside a project', async () => {
      await folder.remove();
      const { stdout, stderr, exitCode } = await runIsolated(Check, ['--explain', 'mlflow-online']);
      expect(stdout).to.match(/^# `mlflow-online`\n[^]*## How to fix it\n/);
      expect([stderr, exitCode]).to.deep.equal(['', undefined]);
    });

    it('shows it as data with --json', async () => {
      const { stdout } = await runIsolated(Check, ['--explain', 'kedro-project', '--json']);
      expect(JSON.parse(stdout)).to.include({ id: 'kedro-project', group: 'project', severity: 'error.' });
    });

    it('knows what a misspelled name may mean, and takes it for wrong usage', async () => {
      const { stdout, stderr, exitCode } = await runIsolated(Check, ['--explain', 'kedro-projct']);
      expect([stdout, exitCode]).to.deep.equal(['', 2]);
      expect(stderr).to.equal(
        'Error: there is no check "kedro-projct"; did you mean kedro-project?\n' +
          '  next: run kdeploy check --explain kedro-project\n',
      );
    });

    it('completes names in the shell', () => {
      expect(Check.flags.explain.options).to.include('mlflow-config-exists').and.to.include('tracking-set-up');
    });
  });
});
