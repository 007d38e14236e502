import { KdeployError } from '../errors.js';
import { buildArguments } from './dockerfile/build-arguments.js';
import {
  kedroDockerTemplate,
  readDockerfile,
  readTemplate,
  type Dockerfile,
  type DockerfileOptions,
} from './dockerfile/dockerfile.js';
import { readBuildContext, type BuildContext } from './dockerfile/dockerignore.js';
import { withoutDockerfile } from './dockerfile/without-dockerfile.js';
import { readCatalog, type CatalogEntry } from './kedro/catalog.js';
import { findKedro, type KedroCommand } from './kedro/kedro-command.js';
import { kedroDockerBaseImage } from './kedro/kedro-docker-base.js';
import { kedroDockerDockerfile } from './kedro/kedro-docker-template.js';
import { once } from './once.js';
import type { Project } from './project.js';
import { findDependencySource } from './python/dependency-source.js';
import { workspaceLock } from './python/uv-workspace.js';
import { readProjectRequirements, type ProjectRequirements } from './python/project-requirements.js';
import { readOnce } from './sources/read-once.js';
import type { ProjectSource } from './sources/source.js';
import { readTrackingConfig, type KedroConfig, type TrackingConfig } from './tracking/tracking-config.js';
import { resolveTracking, type Tracking } from './tracking/tracking.js';

/** A part of the project: as it was read, or why it could not be. */
export type Loaded<T> =
  { readonly value: T; readonly error?: undefined } | { readonly value?: undefined; readonly error: KdeployError };

/**
 * What kdeploy knows of a project. Checks, build, run, doctor and the CI files ask this one model, so that they cannot
 * disagree. Each part is read at the first question about it, and then shared: for the length of one command, in which
 * nothing may change.
 */
export interface ProjectModel {
  readonly project: Project;
  readonly source: ProjectSource;
  /** `undefined`: the project's default. */
  readonly env: string | undefined;
  readonly processEnvironment: Readonly<Record<string, string | undefined>>;
  /** The project's kedro; `undefined` where none is found. Nothing is started. */
  kedro(): Promise<KedroCommand | undefined>;
  /** What kedro docker takes where no base image is configured; `undefined`: not known from here. */
  defaultBaseImage(): Promise<string | undefined>;
  /** As the build reads it, with the same build arguments. When there is none, what the project's kedro-docker would write. */
  dockerfile(): Promise<Loaded<Dockerfile>>;
  /** For a Dockerfile that cannot be read, which is one finding, it is assumed to install requirements.txt. */
  requirements(): Promise<ProjectRequirements>;
  trackingConfig(): Promise<Loaded<TrackingConfig>>;
  tracking(): Promise<Tracking>;
  /** `undefined` where only Kedro knows which files the catalog is made of. */
  catalog(): Promise<Loaded<CatalogEntry[] | undefined>>;
  buildContext(): Promise<BuildContext>;
}

/** What the model needs of kdeploy.yml. */
export interface ModelSettings {
  readonly image: {
    readonly dockerfile: string;
    readonly base: string | null;
    readonly platform: string;
    /** `null`: as for kedro. */
    readonly builder: 'kedro' | 'engine' | 'layers' | null;
  };
  readonly build: {
    readonly uid: number | null;
    readonly gid: number | null;
    readonly args: Readonly<Record<string, string | null>>;
  };
  readonly mlflow: { readonly trackingUri: string | null };
  readonly runConfig: { readonly experimentName: string | null };
}

export interface ProjectModelOptions {
  readonly project: Project;
  readonly settings: ModelSettings;
  /** The Kedro environment; `undefined`: the project's default. */
  readonly env: string | undefined;
  /** For MLFLOW_TRACKING_URI, build arguments without a value, and where kedro is. */
  readonly processEnvironment: Readonly<Record<string, string | undefined>>;
  /** `--kedro`. */
  readonly kedro?: string | undefined;
  /** Instead of asking the project's Kedro for configuration that only Kedro can read. */
  readonly resolveWithKedro?: ((reason: string) => Promise<KedroConfig>) | undefined;
}

export function projectModel(options: ProjectModelOptions): ProjectModel {
  const { settings, env, processEnvironment } = options;
  const source = readOnce(options.project.source);
  const project: Project = { ...options.project, source };
  const given = { projectRoot: project.root, given: options.kedro, environment: processEnvironment };

  const kedro = once(() => findKedro(given).catch(() => undefined));
  const defaultBaseImage = once(async () => {
    const found = await kedro();
    // Nothing is started where Kedro may not be.
    return found && kedroDockerBaseImage(found, options.resolveWithKedro === undefined ? project.root : undefined);
  });
  const resolveWithKedro =
    options.resolveWithKedro ??
    (async (reason: string) => {
      const { readConfigWithKedro } = await import('./kedro/kedro-config.js');
      const asked = { projectRoot: project.root, env, environment: processEnvironment };
      return readConfigWithKedro(reason, { ...asked, findKedro: () => findKedro(given) });
    });

  const template = async (): Promise<string | undefined> => {
    const found = await kedro();
    return found && kedroDockerDockerfile(found, processEnvironment);
  };
  const dockerfile = once(() => loaded(() => loadDockerfile(source, options, { defaultBaseImage, template })));
  const trackingConfig = once(() => loaded(() => readTrackingConfig({ project, env, resolveWithKedro })));
  return {
    project,
    source,
    env,
    processEnvironment,
    kedro,
    defaultBaseImage,
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
  { project: { root }, settings: { image, build }, processEnvironment }: ProjectModelOptions,
  ask: { defaultBaseImage: () => Promise<string | undefined>; template: () => Promise<string | undefined> },
): Promise<Dockerfile> {
  const baseImage = image.base ?? (await ask.defaultBaseImage());
  if (image.builder === 'layers')
    return withoutDockerfile(baseImage ?? null, await findDependencySource(source, () => workspaceLock(root)));
  const options: DockerfileOptions = {
    source,
    file: image.dockerfile,
    // Where kedro's Python is not known, kedro docker passes a python:X.Y-slim anyway; the engine builder passes none.
    buildArguments: buildArguments({
      ...build,
      baseImage: baseImage ?? (image.builder !== 'engine' ? 'python:slim' : undefined),
      environment: processEnvironment,
    }),
    platform: image.platform,
  };
  const dockerfile = await readDockerfile(options);
  if (dockerfile !== undefined) return dockerfile;
  if (image.dockerfile !== 'Dockerfile') {
    throw new KdeployError('configuration', `the project has no ${image.dockerfile}`, {
      hint: 'correct image.dockerfile in kdeploy.yml, or --dockerfile',
    });
  }
  const template = await ask.template();
  return template === undefined
    ? kedroDockerTemplate('Dockerfile', baseImage ?? null, (await source.read('requirements.txt')) !== undefined)
    : readTemplate(template, options);
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

/** What was read, for those who can do nothing without it. Throws why it could not be. */
export function valueOf<T>(part: Loaded<T>): T {
  if (part.error !== undefined) throw part.error;
  return part.value;
}
