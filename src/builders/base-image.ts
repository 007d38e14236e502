import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Settings } from '../config/settings/settings.js';
import { readDockerfile } from '../project/dockerfile/dockerfile.js';
import { findKedro, type KedroCommand } from '../project/kedro/kedro-command.js';
import type { Project } from '../project/project.js';

/** The base image that a build starts from, for the labels; `undefined` where it cannot be told beforehand. */
export async function baseImageOf(project: Project, settings: Settings): Promise<string | undefined> {
  const buildArguments = settings.image.base === null ? {} : { BASE_IMAGE: settings.image.base };
  const dockerfile = await readDockerfile({ source: project.source, file: settings.image.dockerfile, buildArguments });
  return dockerfile?.baseImage;
}

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
    // No virtual environment: the Dockerfile's own default stands.
    return undefined;
  }
}

/** The same for a project whose kedro may not be installed at all; the engine builder does without it then. */
export async function defaultBaseImage(projectRoot: string, given: string | undefined): Promise<string | undefined> {
  const kedro = await findKedro({ projectRoot, given }).catch(() => undefined);
  return kedro && kedroDockerBaseImage(kedro);
}
