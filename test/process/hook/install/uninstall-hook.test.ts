import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { uninstallHook } from '../../../../src/hook/install/uninstall-hook.js';
import { rejection } from '../../../support/rejection.js';
import { PushSandbox } from '../../../support/push-sandbox.js';

describe('uninstalling the hook', () => {
  let sandbox: PushSandbox;
  beforeEach(async () => {
    sandbox = await PushSandbox.create();
  });
  afterEach(() => sandbox.remove());

  const uninstall = (force = false) => uninstallHook({ directory: sandbox.root, force });
  const hooks = async () =>
    (await readdir(join(sandbox.root, '.git/hooks'))).filter((name) => !name.endsWith('.sample'));

  it('leaves nothing behind, and pushes are not checked any more', async () => {
    await sandbox.commitProject();
    await sandbox.install();
    expect(await uninstall()).to.deep.equal({ hook: '.git/hooks/pre-push', action: 'removed' });
    expect(await hooks()).to.deep.equal([]);
    await sandbox.push(['main']);
    expect(await sandbox.calls()).to.deep.equal([]);
  });

  it('leaves nothing behind in a folder of hooks that are committed, the line endings that it asked for among it', async () => {
    await sandbox.git(sandbox.root, 'config', 'core.hooksPath', 'tools/hooks');
    await sandbox.install();
    await uninstall();
    expect(await readdir(join(sandbox.root, 'tools/hooks'))).to.deep.equal([]);
  });

  it('is content where there is nothing, and so can be repeated', async () => {
    expect((await uninstall()).action).to.equal('none');
    await sandbox.install();
    await uninstall();
    expect((await uninstall()).action).to.equal('none');
  });

  it('leaves a hook of somebody else as it is', async () => {
    const file = await sandbox.foreignHook('work tree/.git/hooks/pre-push');
    const text = await readFile(file, 'utf8');
    const error = await rejection(uninstall(true));
    expect([error.code, error.exitCode]).to.deep.equal(['usage', 2]);
    expect(error.message).to.equal('.git/hooks/pre-push was not installed by kdeploy, so it was kept');
    expect(await readFile(file, 'utf8')).to.equal(text);
  });

  it('takes an edited hook away with force, and puts the earlier one back', async () => {
    await sandbox.write('work tree/.git/hooks/pre-push', 'theirs', 0o755);
    await sandbox.install();
    await writeFile(sandbox.hook, `${await readFile(sandbox.hook, 'utf8')}# mine\n`);
    expect((await rejection(uninstall())).message).to.contain('was edited after kdeploy wrote it');
    expect((await uninstall(true)).action).to.equal('restored');
    expect(await readFile(sandbox.hook, 'utf8')).to.equal('theirs');
  });

  it('gives the earlier hook back when somebody deleted kdeploy’s by hand', async () => {
    await sandbox.write('work tree/.git/hooks/pre-push.before-kdeploy', 'theirs', 0o755);
    expect((await uninstall()).action).to.equal('restored');
    expect(await hooks()).to.deep.equal(['pre-push']);
  });
});
