import { chmod, readFile, writeFile } from 'node:fs/promises';
import { expect } from 'chai';
import { hookProbe } from '../../../src/doctor/hook-probe.js';
import { PushSandbox } from '../../support/push-sandbox.js';
import { TemporaryFolder } from '../../unit/temporary-folder.js';
import { inProject, outsideOfProject } from '../../unit/doctor/contexts.js';
import { restoreEnvironment } from '../../support/restore-environment.js';

describe('the pre-push hook’s probe', () => {
  let sandbox: PushSandbox;
  const environment = { ...process.env };

  beforeEach(async () => {
    sandbox = await PushSandbox.create();
    sandbox.useGitConfiguration();
  });
  afterEach(async () => {
    restoreEnvironment(environment);
    await sandbox.remove();
  });

  const probe = () => hookProbe.run(inProject({ root: sandbox.root }));
  const withWindowsLineEndings = async () =>
    writeFile(sandbox.hook, (await readFile(sandbox.hook, 'utf8')).replaceAll('\n', '\r\n'));

  it('tells which hook is installed', async () => {
    await sandbox.install();
    expect(await probe()).to.deep.equal({ status: 'ok', detail: '.git/hooks/pre-push' });
  });

  it('finds one that was checked out with Windows line endings; installing it again helps', async () => {
    await sandbox.install();
    await withWindowsLineEndings();
    expect(await probe()).to.deep.equal({
      status: 'failed',
      detail: '.git/hooks/pre-push has Windows line endings (CRLF), so git cannot start it',
      remedy: 'kdeploy hook install',
    });
    await sandbox.install();
    expect((await probe()).status).to.equal('ok');
  });

  it('keeps the edits of one that was edited', async () => {
    await sandbox.install();
    await writeFile(sandbox.hook, `${await readFile(sandbox.hook, 'utf8')}# mine\n`);
    await withWindowsLineEndings();
    expect(await probe()).to.include({ status: 'failed', remedy: "sed -i 's/\\r$//' .git/hooks/pre-push" });
  });

  it('finds one that git ignores because it is not executable', async () => {
    await sandbox.install();
    await chmod(sandbox.hook, 0o644);
    expect(await probe()).to.include({ status: 'failed', remedy: 'chmod +x .git/hooks/pre-push' });
  });

  it('has nothing to say without a hook, of a hook of somebody else, and outside of git or a project', async () => {
    expect((await probe()).status).to.equal('skipped');
    await sandbox.foreignHook('work tree/.git/hooks/pre-push');
    expect((await probe()).status).to.equal('skipped');
    expect((await hookProbe.run(outsideOfProject())).status).to.equal('skipped');
    const folder = await TemporaryFolder.create();
    expect((await hookProbe.run(inProject({ root: folder.path }))).status).to.equal('skipped');
    await folder.remove();
  });
});
