import { appendFile, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { expect } from 'chai';
import { execa } from 'execa';

import { environment } from '../support/environment/mocha.js';
import { createWorkspace, type Workspace } from '../support/workspace.js';

describe('the self-test of a build', () => {
  let workspace: Workspace;
  before(async () => {
    workspace = await createWorkspace();
  });
  after(() => workspace.remove());

  const build = (project: string, image: string, ...more: string[]) =>
    workspace.kdeploy(
      [
        'build',
        '--builder',
        'engine',
        '--base-image',
        environment().baseImage,
        '--image',
        image,
        '--tag',
        'v1',
        ...more,
      ],
      { cwd: project },
    );

  it('stops an image that lacks what kedro-mlflow needs, says so, and moves no tag', async () => {
    const project = await workspace.project('lacking');
    // Behind the installation that other images have, too, which takes half a minute.
    const file = path.join(project, 'Dockerfile');
    const lacking = (await readFile(file, 'utf8')).replace(
      /^RUN uv pip install --system .*$/m,
      '$&\nRUN uv pip uninstall --system kedro-datasets',
    );
    expect(lacking).to.contain('uninstall');
    await writeFile(file, lacking);
    const image = `${workspace.prefix}/lacking`;
    const { exitCode, stdout, stderr } = await build(project, image, '--no-check');
    expect(exitCode, stderr).to.equal(4);
    expect(stdout).to.equal('');
    expect(stderr).to.contain('would not log to MLflow').and.to.contain("No module named 'kedro_datasets'");
    expect(await workspace.imageId(`${image}:v1`)).to.equal(undefined);
  });

  /** Without PYTHONPATH and entrypoint, and not without the runtime. */
  async function expectTracked(image: string): Promise<void> {
    const run = (...options: string[]) =>
      execa('docker', ['run', '--rm', '--network', 'none', ...options], {
        env: { ...environment().env },
        extendEnv: false,
        stdin: 'ignore',
        reject: false,
      });
    const replaced = await run(
      '--env',
      'PYTHONPATH=/x',
      '--entrypoint',
      'python',
      image,
      '-c',
      'import kdeploy_runtime',
    );
    expect(replaced.exitCode, replaced.stderr).to.equal(0);
    const hidden = await run('--tmpfs', '/opt/kdeploy/lib', '--entrypoint', 'kedro', image, 'info');
    expect(hidden.exitCode, hidden.stderr).to.equal(78);
    expect(hidden.stderr).to.contain('kdeploy: its runtime is not found');
  }

  it('is run again only when something changed that decides how it ends', async () => {
    const project = await workspace.project('edited');
    const inSource = (...parts: string[]) => path.join(project, 'src', 'spaceflights', ...parts);
    const selfTest = async (): Promise<string> => {
      const { exitCode, stdout, stderr } = await build(project, `${workspace.prefix}/edited`, '--json');
      expect(exitCode, stderr).to.equal(0);
      return (JSON.parse(stdout) as { selfTest: string }).selfTest;
    };
    expect(await selfTest(), 'the first build').to.equal('passed');
    await expectTracked(`${workspace.prefix}/edited:v1`);
    expect(await selfTest(), 'nothing changed').to.equal('known to pass');
    await appendFile(inSource('pipelines', 'data_science', 'nodes.py'), '\n# edited\n');
    expect(await selfTest(), 'an edited node').to.equal('known to pass');
    await appendFile(inSource('settings.py'), '\n# edited\n');
    expect(await selfTest(), 'edited settings').to.equal('passed');
    await appendFile(inSource('settings.py'), 'raise RuntimeError("settings that do not load")\n');
    const broken = await build(project, `${workspace.prefix}/edited`);
    expect(broken.exitCode, broken.stderr).to.equal(4);
    expect(broken.stderr).to.contain('settings that do not load');
  });
});
