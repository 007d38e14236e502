import { readCatalog, type CatalogEntry } from '../project/kedro/catalog.js';
import type { Settings } from '../config/settings/settings.js';
import { KdeployError } from '../errors.js';
import { kedroDockerTemplate, readDockerfile, type Dockerfile } from '../project/dockerfile/dockerfile.js';
import { readBuildContext, type BuildContext } from '../project/dockerfile/dockerignore.js';
import type { Project } from '../project/project.js';
import { readProjectRequirements, type ProjectRequirements } from '../project/python/project-requirements.js';
import { readOnce } from '../project/sources/read-once.js';
import type { ProjectSource } from '../project/sources/source.js';
import { readTrackingConfig, type KedroConfig, type TrackingConfig } from '../project/tracking/tracking-config.js';
import { resolveTracking, type Tracking } from '../project/tracking/tracking.js';
import { once } from './once.js';

/** A part of the project: as it was read, or why it could not be. */
export type Loaded<T> =
  { readonly value: T; readonly error?: undefined } | { readonly value?: undefined; readonly error: KdeployError };

/** The project as the rules see it. Each part is read at the first question about it, and then shared. */
export interface CheckContext {
  readonly project: Project;
  readonly source: ProjectSource;
  readonly settings: Settings;
  readonly env: string | undefined;
  readonly processEnvironment: Readonly<Record<string, string | undefined>>;
  /** Kedro-docker's template when there is none. */
  dockerfile(): Promise<Loaded<Dockerfile>>;
  /** For a Dockerfile that cannot be read, which is one finding, it is assumed to install requirements.txt. */
  requirements(): Promise<ProjectRequirements>;
  trackingConfig(): Promise<Loaded<TrackingConfig>>;
  tracking(): Promise<Tracking>;
  /** `undefined` where only Kedro knows which files the catalog is made of. */
  catalog(): Promise<Loaded<CatalogEntry[] | undefined>>;
  buildContext(): Promise<BuildContext>;
}

export interface CheckContextOptions {
  readonly project: Project;
  readonly settings: Settings;
  readonly env: string | undefined;
  readonly processEnvironment: Readonly<Record<string, string | undefined>>;
  readonly resolveWithKedro: (reason: string) => Promise<KedroConfig>;
}

export function checkContext(options: CheckContextOptions): CheckContext {
  const { settings, env, processEnvironment, resolveWithKedro } = options;
  const source = readOnce(options.project.source);
  const project: Project = { ...options.project, source };

  const dockerfile = once(() => loaded(() => loadDockerfile(source, settings, processEnvironment)));
  const trackingConfig = once(() => loaded(() => readTrackingConfig({ project, env, resolveWithKedro })));
  return {
    project,
    source,
    settings,
    env,
    processEnvironment,
    dockerfile,
    trackingConfig,
    requirements: once(async () => {
      const value = (await dockerfile()).value ?? UNREADABLE_DOCKERFILE;
      const { pythonVersion } = value;
      const python = pythonVersion === undefined ? {} : { pythonVersion };
      return readProjectRequirements(source, value, { ...python, platform: settings.image.platform });
    }),
    catalog: once(() => loaded(() => readCatalog(project, env))),
    tracking: once(async () => {
      const config = (await trackingConfig()).value;
      return resolveTracking({ settings, config, processEnvironment, packageName: project.packageName });
    }),
    buildContext: once(async () =>
      readBuildContext(source, {
        dockerfile: settings.image.dockerfile,
        usesBuildKit: (await dockerfile()).value?.needsBuildKit ?? false,
      }),
    ),
  };
}

async function loadDockerfile(
  source: ProjectSource,
  { image, build }: Settings,
  processEnvironment: CheckContext['processEnvironment'],
): Promise<Dockerfile> {
  const given = Object.entries(build.args).map(([name, value]) => [name, value ?? processEnvironment[name]] as const);
  const buildArguments = {
    // Builders pass the python:X.Y-slim of the Python that runs kedro, unless told otherwise: its version is not known here.
    BASE_IMAGE: image.base ?? 'python:slim',
    ...Object.fromEntries(given.filter((entry): entry is readonly [string, string] => entry[1] !== undefined)),
  };
  const dockerfile = await readDockerfile({
    source,
    file: image.dockerfile,
    buildArguments,
    platform: image.platform,
  });
  if (dockerfile !== undefined) return dockerfile;
  if (image.dockerfile !== 'Dockerfile') {
    throw new KdeployError('configuration', `the project has no ${image.dockerfile}`, {
      hint: 'correct image.dockerfile in kdeploy.yml, or --dockerfile',
    });
  }
  return kedroDockerTemplate('Dockerfile', image.base, (await source.read('requirements.txt')) !== undefined);
}

/** What it copies is not known, so nothing is said about that. */
const UNREADABLE_DOCKERFILE: Dockerfile = {
  ...kedroDockerTemplate('Dockerfile', null, true),
  missingInclude: () => Promise.resolve(undefined),
};

/** What is wrong with the project becomes a value, so that one rule reports it; a bug stays an exception. */
async function loaded<T>(load: () => Promise<T>): Promise<Loaded<T>> {
  try {
    return { value: await load() };
  } catch (error) {
    if (error instanceof KdeployError) return { error };
    throw error;
  }
}
