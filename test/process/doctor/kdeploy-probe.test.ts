import { chmod, symlink } from 'node:fs/promises';
import { delimiter } from 'node:path';
import { expect } from 'chai';
import { kdeployProbe } from '../../../src/doctor/kdeploy-probe.js';
import { inProject, outsideOfProject } from '../../unit/doctor/contexts.js';
import { TemporaryFolder } from '../../unit/temporary-folder.js';

describe('the probe for other kdeploys', () => {
  let folder: TemporaryFolder;

  beforeEach(async () => (folder = await TemporaryFolder.create()));
  afterEach(async () => folder.remove());

  const program = async (path: string, script: string): Promise<void> => {
    await folder.write({ [path]: `#!/bin/sh\n${script}\n` });
    await chmod(folder.file(path), 0o755);
  };
  const kdeploy = (path: string, version: string) => program(path, `echo "kdeploy/${version} linux-x64 node-v24.1.0"`);
  const on = (...folders: string[]) => ({
    PATH: [...folders.map((each) => folder.file(each)), '/usr/bin', '/bin'].join(delimiter),
  });
  const OWN = `1.2.3 in /lib/node_modules/kdeploy, with Node.js ${process.versions.node}`;
  const BOTH = 'install the same version in both places, or keep one; to remove the other: ';

  it('tells where this one is, where no other is', async () => {
    expect(await kdeployProbe.run(outsideOfProject(on('none')))).to.deep.equal({ status: 'ok', detail: OWN });
  });

  it('has nothing against the same version in another place', async () => {
    await kdeploy('a/kdeploy', '1.2.3');
    expect((await kdeployProbe.run(outsideOfProject(on('a')))).status).to.equal('ok');
  });

  it('tells of each other version on PATH, also of one behind another, and how to remove it', async () => {
    await kdeploy('lib/node_modules/kdeploy/bin/run.js', '1.1.0');
    await folder.write({ 'npm/bin/.keep': '' });
    await symlink(folder.file('lib/node_modules/kdeploy/bin/run.js'), folder.file('npm/bin/kdeploy'));
    await kdeploy('same/kdeploy', '1.2.3');
    await kdeploy('share/uv/tools/kdeploy/bin/kdeploy', '1.3.0');
    const environment = on('same', 'npm/bin', 'share/uv/tools/kdeploy/bin');
    expect(await kdeployProbe.run(outsideOfProject(environment))).to.deep.equal({
      status: 'failed',
      detail: `${OWN}, but ${folder.file('npm/bin/kdeploy')} is 1.1.0, ${folder.file('share/uv/tools/kdeploy/bin/kdeploy')} is 1.3.0`,
      remedy: `${BOTH}npm uninstall --global kdeploy; uv tool uninstall kdeploy`,
    });
  });

  it('looks beside the project’s kedro, whose kdeploy is that of kedro deploy, and into its .venv', async () => {
    await program('kedro/bin/kedro', '');
    await kdeploy('kedro/bin/kdeploy', '1.1.0');
    await kdeploy('project/.venv/bin/kdeploy', '1.0.0');
    await folder.write({ 'project/.venv/pyvenv.cfg': '' });
    const found = await kdeployProbe.run(
      inProject({
        root: folder.file('project'),
        kedro: folder.file('kedro/bin/kedro'),
        environment: on('kedro/bin', 'project/.venv/bin'),
      }),
    );
    expect(found).to.deep.equal({
      status: 'failed',
      detail: `${OWN}, but ${folder.file('kedro/bin/kdeploy')} is 1.1.0, ${folder.file('project/.venv/bin/kdeploy')} is 1.0.0`,
      remedy: `${BOTH}pip uninstall kdeploy, for ${folder.file('kedro/bin/kdeploy')}; pip uninstall kdeploy, in the environment ${folder.file('project/.venv')}`,
    });
  });

  it('takes for none what does not tell a version: a stand-in of a version manager, a folder, another program', async () => {
    await program('shims/kdeploy', 'echo "pyenv: kdeploy: command not found" >&2; exit 127');
    await folder.write({ 'sources/kdeploy/README.md': '' });
    await program('other/kdeploy', 'echo "KDeploy for Kubernetes 3.1"');
    const environment = on('shims', 'sources', 'other');
    expect(await kdeployProbe.run(outsideOfProject(environment))).to.deep.equal({ status: 'ok', detail: OWN });
  });
});
