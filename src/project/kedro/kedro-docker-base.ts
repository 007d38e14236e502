import type { KedroCommand } from './kedro-command.js';
import { askedPythonVersion, pythonVersionOfKedro } from './kedro-python.js';

/**
 * kedro-docker's default base image: `python:X.Y-slim` of the Python that runs kedro (kedro_docker/plugin.py,
 * DEFAULT_BASE_IMAGE). `undefined` where the version is not known.
 *
 * @param folder Where the Python may be started to ask for its version; without one, nothing is started.
 */
export async function kedroDockerBaseImage(kedro: KedroCommand, folder?: string): Promise<string | undefined> {
  const version =
    (await pythonVersionOfKedro(kedro)) ?? (folder === undefined ? undefined : await askedPythonVersion(kedro, folder));
  return version === undefined ? undefined : `python:${version}-slim`;
}
