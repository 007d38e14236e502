import { open, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { RUNTIME_FOLDER } from '../../../image/baked-environment.js';
import { templatePath } from '../../../template-files.js';
import { VENV } from '../base/venv.js';
import type { ScratchFolder } from './scratch-folder.js';

/** The command that starts the project, as the packages have installed it. */
const KEDRO = 'kedro';
/** A script is a few lines; whatever has this name may be anything. */
const MAXIMUM_SCRIPT_BYTES = 64 * 1024;

/**
 * Completes the virtual environment of an image that is laid out in a scratch folder: its Python is that of an environment on
 * this machine, whose packages it finds as if they were its own. That environment is shared and stays as it is; what the
 * bake has put into the image's site-packages is read from there. Returns the Python's path.
 */
export async function layVenv(scratch: ScratchFolder, environment: string, minor: string): Promise<string> {
  const python = scratch.locate(`${VENV}/bin/python`);
  const sitePackages = `${VENV}/lib/python${minor}/site-packages`;
  await scratch.file(`${VENV}/pyvenv.cfg`, 0o644, await readFile(path.join(environment, 'pyvenv.cfg')));
  await scratch.linkOut(`${VENV}/bin/python`, path.join(environment, 'bin', 'python'));
  for (const name of ['python3', `python${minor}`]) await scratch.link(`${VENV}/bin/${name}`, 'python');
  const script = await scriptIn(path.join(environment, 'bin', KEDRO));
  // The self-test asks the Python of this command as well.
  if (script !== undefined)
    await scratch.file(
      `${VENV}/bin/${KEDRO}`,
      0o755,
      script.replace(/^.*/, () => `#!${python}`),
    );

  await leadToRuntime(scratch, sitePackages);
  const packages = path.join(environment, 'lib', `python${minor}`, 'site-packages');
  await scratch.file(`${sitePackages}/_kdeploy_network.py`, 0o644, await readFile(templatePath('host/no_network.py')));
  await scratch.file(`${sitePackages}/_kdeploy_network.pth`, 0o644, 'import _kdeploy_network\n');
  // Before kdeploy.pth, in whose place the image's own packages come before the runtime.
  const lead = `import site; site.addsitedir(${JSON.stringify(packages)})\n`;
  await scratch.file(`${sitePackages}/_kdeploy_packages.pth`, 0o644, lead);
  return python;
}

/** The image's .pth files name the runtime by its place in the image. */
async function leadToRuntime(scratch: ScratchFolder, sitePackages: string): Promise<void> {
  const names = await readdir(scratch.locate(sitePackages)).catch(() => []);
  for (const name of names.filter((each) => each.endsWith('.pth'))) {
    const text = await readFile(scratch.locate(`${sitePackages}/${name}`), 'utf8');
    const led = text.replaceAll(RUNTIME_FOLDER, () => scratch.locate(RUNTIME_FOLDER));
    await scratch.file(`${sitePackages}/${name}`, 0o644, led);
  }
}

async function scriptIn(file: string): Promise<string | undefined> {
  const handle = await open(file, 'r').catch(() => undefined);
  if (handle === undefined) return undefined;
  try {
    if ((await handle.stat()).size > MAXIMUM_SCRIPT_BYTES) return undefined;
    const text = await handle.readFile('utf8');
    return text.startsWith('#!') ? text : undefined;
  } finally {
    await handle.close();
  }
}
