import { cp, mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { expect } from 'chai';

import { runAsRoot, succeeds, asRoot } from '../support/environment/commands.js';
import { createWorkspace, type Workspace } from '../support/workspace.js';

/** A file system in memory, too small for anything; mounting one needs root. */
describe('a disk that is full', () => {
  let workspace: Workspace;
  let project: string;
  let disk: string;
  before(async function () {
    workspace = await createWorkspace();
    project = await workspace.tinyProject('tiny');
    disk = path.join(workspace.folder, 'disk');
    await mkdir(disk);
    const options = `size=1m,uid=${process.getuid?.() ?? 0},mode=755`;
    if (!(await succeeds(asRoot(['mount', '-t', 'tmpfs', '-o', options, 'tmpfs', disk])))) this.skip();
  });
  after(async () => {
    await runAsRoot(['umount', disk], { reject: false });
    await workspace.remove();
  });
  const fill = async (): Promise<void> => {
    await writeFile(path.join(disk, 'filling'), Buffer.alloc(8 * 1024 * 1024)).catch(() => undefined);
  };
  const build = (image: string, ...more: string[]): string[] => [
    ...['build', '--builder', 'engine', '--no-check', '--self-test', 'never'],
    ...['--image', `${workspace.prefix}/${image}`, '--tag', 'v1', ...more],
  ];

  it('is named before the build when the metadata file could not be written', async () => {
    await fill();
    const file = path.join(disk, 'metadata.json');
    const { exitCode, stdout, stderr } = await workspace.kdeploy(build('metadata', '--metadata-file', file), {
      cwd: project,
    });
    expect(exitCode, stderr).to.equal(2);
    expect(stdout).to.equal('');
    expect(stderr).to.contain(`${file} cannot be written; nothing was built`).and.to.contain('ENOSPC');
    expect(await workspace.imageId(`${workspace.prefix}/metadata:v1`)).to.equal(undefined);
    expect(await readdir(disk), 'no half of a file is left').to.deep.equal(['filling']);
  });

  it('costs the memory of the build, not the build', async () => {
    await fill();
    const env = { KDEPLOY_STATE_FOLDER: path.join(disk, 'state') };
    const { exitCode, stdout, stderr } = await workspace.kdeploy(build('state'), { cwd: project, env });
    expect(exitCode, stderr).to.equal(0);
    expect(stdout).to.equal(`${workspace.prefix}/state:v1\n`);
    expect(stderr).to.contain('this build could not be recorded').and.to.contain('the disk is full');
    const push = await workspace.kdeploy(['push'], { cwd: project, env });
    expect(push.exitCode, push.stderr).to.equal(2);
    expect(push.stderr).to.contain('this project has not been built');
  });

  it('leaves no half of a kdeploy.yml', async () => {
    const full = path.join(disk, 'project');
    await runAsRoot(['rm', '-f', path.join(disk, 'filling')]);
    await cp(project, full, { recursive: true });
    await fill();
    const { exitCode, stderr } = await workspace.kdeploy(['init'], { cwd: full });
    expect(exitCode, stderr).not.to.equal(0);
    expect(stderr).to.contain('kdeploy.yml').and.to.contain('ENOSPC').and.not.to.contain('a bug in kdeploy');
    expect(await readdir(path.join(full, 'conf', 'base'))).to.deep.equal(['catalog.yml']);
  });
});
