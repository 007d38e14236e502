import { rm } from 'node:fs/promises';
import path from 'node:path';

import { expect } from 'chai';

import { executable } from '../support/command.js';
import { environment } from '../support/environment/mocha.js';
import { packageIndexVariables } from '../support/environment/package-index.js';
import { pythonTool } from '../support/hook-managers.js';
import { isNight, nightly } from '../support/nightly.js';
import { PushSandbox, run, type Ended } from '../support/push-sandbox.js';
import { standInWheel } from '../support/stand-in-wheel.js';
import { MLFLOW_YML, projectFiles } from '../process/hook/projects.js';

const BUILD = ['build', '--builder', 'kedro', '--no-check', '--tracking-uri', 'https://mlflow.example.com', '--image'];
const VERSION = '0.1.0+unreleased';

/**
 * kdeploy as uvx and pipx run it: in an environment of its own, whose programs are first on PATH. A kedro is installed beside it, which
 * has nothing of the project. What the project's does is shown by its failure, whose message names the program.
 */
describe('kdeploy in an environment of its own', () => {
  let sandbox: PushSandbox;
  let wheel: string;
  /** By uvx and by pipx, each with what is behind it. */
  let ways: Readonly<Record<string, readonly string[]>>;

  before(async function () {
    this.timeout(120_000);
    sandbox = await PushSandbox.create();
    const wheels = await standInWheel(sandbox.file('wheels'), VERSION, [process.execPath, executable]);
    wheel = path.join(wheels, `kdeploy-${VERSION}-py3-none-any.whl`);
    const uvx = path.join(path.dirname(environment().python), 'uvx');
    const pipx = isNight ? await pythonTool('pipx==1.8.0') : '';
    ways = {
      uvx: [uvx, '--offline', '--python', environment().python, '--from', wheel, 'kdeploy'],
      pipx: [path.join(pipx, 'pipx'), 'run', '--python', environment().python, '--spec', wheel, 'kdeploy'],
    };
    const mlflow = MLFLOW_YML.replace('https:', '${a:b}');
    const files = { ...projectFiles(), 'conf/local/mlflow.yml': mlflow };
    for (const [file, text] of Object.entries(files)) await sandbox.write(`flights/${file}`, text);
    for (const place of ['venv/bin', 'conda/envs/ml/bin'])
      for (const name of ['kedro', 'python']) await sandbox.write(`${place}/${name}`, '#!/bin/sh\nexit 1\n', 0o755);
    await sandbox.write('conda/envs/ml/conda-meta/history', '');
    // pipx installs a newer pip for itself.
    Object.assign(sandbox.env, packageIndexVariables(), environment().variables, {
      PATH: '/usr/bin:/bin',
      UV_CACHE_DIR: sandbox.file('uv'),
    });
  });
  after(() => sandbox.remove());

  const start = (
    way: string,
    words: readonly string[],
    variables: Readonly<Record<string, string>>,
  ): Promise<Ended> => {
    const [command = '', ...before] = ways[way] ?? [];
    return run(command, [...before, ...words], sandbox.file('flights'), { ...sandbox.env, ...variables });
  };
  const PATH = (folder: string) => [sandbox.file(folder), '/usr/bin', '/bin'].join(path.delimiter);

  // pipx first makes an environment for itself: 15 s.
  for (const [way, describeIt] of [
    ['uvx', describe],
    ['pipx', nightly.describe],
  ] as const)
    describeIt(`by ${way}`, () => {
      it('says where it looked for kedro, and which one it passed over, where the project has none', async () => {
        const { exitCode, stderr } = await start(way, [...BUILD, 'registry.example.com/flights'], {});

        expect(exitCode, stderr).to.equal(3);
        expect(stderr).to.match(
          /kedro was not found for the project \(searched --kedro, KDEPLOY_KEDRO, \.venv, VIRTUAL_ENV, PATH, CONDA_PREFIX(?:; \S+\/bin\/kedro is in the environment of kdeploy itself)?\)/,
        );
      });

      it('asks the Kedro that is active: a virtual environment, or one of conda', async () => {
        const active = { PATH: PATH('venv/bin'), VIRTUAL_ENV: sandbox.file('venv') };
        const { stdout, stderr } = await start(way, ['check'], active);
        expect(stdout + stderr).to.contain(`exit code 1: ${sandbox.file('venv/bin/python')} `);
        const conda = { PATH: PATH('conda/envs/ml/bin'), CONDA_PREFIX: sandbox.file('conda/envs/ml') };
        expect((await start(way, ['check'], conda)).stdout).to.contain(sandbox.file('conda/envs/ml/bin/python'));
      });

      it('asks the Kedro of the project’s .venv, which is not active', async () => {
        for (const name of ['kedro', 'python'])
          await sandbox.write(`flights/.venv/bin/${name}`, '#!/bin/sh\nexit 1\n', 0o755);
        const { stdout } = await start(way, ['check'], { PATH: PATH('venv/bin'), VIRTUAL_ENV: sandbox.file('venv') });
        expect(stdout).to.contain(`exit code 1: ${sandbox.file('flights/.venv/bin/python')} `);
        await rm(sandbox.file('flights/.venv'), { recursive: true });
      });
    });
});
