import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { KedroCommand } from './kedro-command.js';

/**
 * kedro-docker's default base image: `python:X.Y-slim` of the Python that runs kedro (kedro_docker/plugin.py,
 * DEFAULT_BASE_IMAGE). Read from the virtual environment's pyvenv.cfg, because starting Python costs more than the
 * whole build; `undefined` outside of one.
 */
export async function kedroDockerBaseImage(kedro: KedroCommand): Promise<string | undefined> {
  try {
    const config = await readFile(path.join(path.dirname(path.dirname(kedro.kedro)), 'pyvenv.cfg'), 'utf8');
    const version = /^version(?:_info)?\s*=\s*(\d+\.\d+)/m.exec(config)?.[1];
    return version === undefined ? undefined : `python:${version}-slim`;
  } catch {
    // No virtual environment: the Dockerfile's own default applies.
    return undefined;
  }
}
