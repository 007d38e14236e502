import { createHash } from 'node:crypto';
import { LABEL_FORMAT, LABELS, OCI_LABELS, readBakedLabels } from './labels.js';
import { BAKED_VARIABLES, bakedEnvironment, RUNTIME_FOLDER } from './baked-environment.js';
import type { Locations } from './locations.js';
import { environmentValue, withEnvironment, type RunConfiguration } from './run-configuration.js';

/** What the container starts with; the base image's own entrypoint follows it. */
export const RUNTIME_ENTRYPOINT: readonly string[] = ['python', '-m', 'kdeploy_runtime'];

/** A file to put into the image, at an absolute path, owned by the image's own user. */
export interface BakedFile {
  readonly path: string;
  readonly content: Buffer;
}

/**
 * Everything that turns a project's image into a tracked image, as data: whoever applies it (on the engine, in a
 * registry) adds the files as one layer and replaces the run configuration, and decides nothing.
 */
export interface BakePlan {
  /** Folders that must already exist in the image, with a sentence for when one does not. */
  readonly needs: readonly { readonly folder: string; readonly otherwise: string }[];
  /** Sorted by path. */
  readonly files: readonly BakedFile[];
  /** For the site-packages of the image's own Python, which only the image can name; its path is relative to them. */
  readonly pathFile?: BakedFile;
  readonly configuration: RunConfiguration;
  /** sha256 of what the plan puts in, times and revisions left out: equal plans bake equal behaviour. */
  readonly digest: string;
}

/** kdeploy's Python package, for every image: it describes the pipelines and passes parameters on, tracked or not. */
export interface BakedRuntime {
  /** Its files, paths relative to RUNTIME_FOLDER. */
  readonly runtime: readonly BakedFile[];
  /** The .pth file that leads Python to RUNTIME_FOLDER. */
  readonly pathFile?: BakedFile;
}

/** What is baked about tracking; absent when the image is built without it (`mlflow.enabled: auto` or `false`). */
export interface BakedTracking extends BakedRuntime {
  readonly uri: string;
  /** Only where it differs from `uri`. */
  readonly registryUri: string | undefined;
  readonly experiment: string;
  /** Authentication types by name, in order. */
  readonly authenticationTypes: readonly string[];
  /** The value of KDEPLOY_AUTH; `undefined` without authentication. */
  readonly authentication: string | undefined;
  readonly signsRequests: boolean;
  /** A template such as `spaceflights-{dag.run_id}`; `undefined`: MLflow and kedro-mlflow name the run. */
  readonly runName: string | undefined;
  readonly onUnreachable: 'fail' | 'warn';
  /** How mlflow.yml wants the experiment made, as JSON, for a runtime that comes before kedro-mlflow; `undefined`: by its defaults. */
  readonly experimentOptions: string | undefined;
  /** The text of `mlflow.yml` as the image shall have it. */
  readonly mlflowYaml: string;
  /** Where it goes, relative to the working directory; all files but the first become empty. */
  readonly mlflowFiles: readonly string[];
  /** A digest of all that a self-test's verdict rests on and that a bake decides: everything but addresses and names. */
  readonly selfTestSubject: string;
}

/** Where the image came from; each becomes an OCI label where it is known. */
export interface Origin {
  /** RFC 3339. */
  readonly created: string;
  readonly revision?: string;
  readonly source?: string;
  readonly version?: string;
  readonly title?: string;
  readonly baseName?: string;
  readonly baseDigest?: string;
}

export interface PlanInput {
  readonly image: RunConfiguration;
  readonly kdeployVersion: string;
  /** The Kedro environment: `local`, `production`. */
  readonly env: string;
  /** The project's folder of configuration, as settings.py names it; default `conf`. */
  readonly confSource?: string;
  /** Whether a `kedro run` uses that environment without being told; default: only where it is `local`. */
  readonly isDefaultEnv?: boolean;
  readonly tracking: BakedTracking | undefined;
  /** All that an image without tracking gets. */
  readonly untracked?: BakedRuntime;
  /** `name:tag` under which the image will be known, for the tags of its MLflow runs. */
  readonly imageName: string | undefined;
  readonly origin: Origin;
  /** Whether the image is discarded unless it passes its self-test: then it can say that it has. */
  readonly isSelfTested?: boolean;
}

/**
 * Plans the bake of an image (design: "What is baked"). Planning for an image that is already baked gives the plan of
 * a fresh bake: nothing is chained or prepended twice, and nothing of the earlier bake remains.
 * Throws KdeployError `configuration` where the image's own environment contradicts the plan, and `image-unusable` where a
 * later kdeploy baked it in a way that this one does not know.
 */
export function planBake(input: PlanInput): BakePlan {
  const {
    tracking,
    untracked,
    kdeployVersion,
    env,
    isDefaultEnv = env === 'local',
    confSource = 'conf',
    origin,
  } = input;
  const image = withoutEarlierBake(input.image);
  const files =
    tracking === undefined
      ? runtimeFiles(untracked?.runtime ?? [])
      : bakedFiles(image.workingDirectory, `${confSource}/${env}`, tracking);
  const entrypoint = tracking === undefined ? image.entrypoint : [...RUNTIME_ENTRYPOINT, ...image.entrypoint];
  const environment =
    tracking === undefined ? image.env : bakedEnvironment({ image: image.env, env, isDefaultEnv, tracking });
  const { pathFile } = tracking ?? untracked ?? {};
  const digest = digestOf(
    [...files, ...(pathFile ? [pathFile] : [])],
    entrypoint,
    image.cmd,
    environment,
    env,
    kdeployVersion,
  );
  return {
    needs: tracking === undefined ? [] : [confFolder(image.workingDirectory, confSource)],
    files,
    ...(pathFile && { pathFile }),
    configuration: {
      ...image,
      env: tracking === undefined ? environment : withEnvironment(environment, traceVariables(input)),
      entrypoint,
      labels: {
        ...image.labels,
        ...originLabels(origin),
        ...kdeployLabels(kdeployVersion, env, digest, tracking),
        ...(input.isSelfTested === true && tracking !== undefined && { [LABELS.selfTest]: tracking.selfTestSubject }),
      },
    },
    digest,
  };
}

/** The plan's path file in each of the folders that an image's Pythons look into. */
export function pathFiles({ pathFile }: BakePlan, locations: Locations | undefined): BakedFile[] {
  if (pathFile === undefined) return [];
  return (locations?.sitePackages ?? []).map((folder) => ({ ...pathFile, path: `${folder}/${pathFile.path}` }));
}

function bakedFiles(workingDirectory: string, environmentFolder: string, tracking: BakedTracking): BakedFile[] {
  const configuration = tracking.mlflowFiles.map((path, index) => {
    const empty = path.endsWith('.json') ? '{}\n' : `# Written by kdeploy: see ${tracking.mlflowFiles[0] ?? ''}.\n`;
    return { path: below(workingDirectory, path), content: Buffer.from(index === 0 ? tracking.mlflowYaml : empty) };
  });
  // Kedro refuses an environment without a folder, and .dockerignore leaves conf/local out.
  const hasFolder = tracking.mlflowFiles.some((path) => path.startsWith(`${environmentFolder}/`));
  const folder = { path: below(workingDirectory, `${environmentFolder}/.kdeploy`), content: Buffer.alloc(0) };
  return [...runtimeFiles(tracking.runtime), ...configuration, ...(hasFolder ? [] : [folder])].sort(byPath);
}

function runtimeFiles(runtime: readonly BakedFile[]): BakedFile[] {
  return runtime.map(({ path, content }) => ({ path: `${RUNTIME_FOLDER}/${path}`, content })).sort(byPath);
}

function byPath(a: BakedFile, b: BakedFile): number {
  return a.path < b.path ? -1 : 1;
}

function below(workingDirectory: string, path: string): string {
  return `${workingDirectory === '/' ? '' : workingDirectory}/${path}`;
}

function confFolder(workingDirectory: string, confSource: string): BakePlan['needs'][number] {
  return {
    folder: below(workingDirectory, confSource),
    otherwise: `the image has no ${confSource}/ folder in its working directory ${workingDirectory}, so it does not contain a Kedro project`,
  };
}

/** What the runtime tags each MLflow run with, so that a model leads back to its code. No part of the plan's digest. */
function traceVariables({ imageName, origin, kdeployVersion }: PlanInput): Record<string, string | undefined> {
  return {
    KDEPLOY_IMAGE: imageName,
    KDEPLOY_GIT_REVISION: origin.revision,
    KDEPLOY_VERSION: kdeployVersion,
  };
}

/** Baking a baked image again (another environment, another kdeploy) must not chain or prepend anything twice. */
function withoutEarlierBake(image: RunConfiguration): RunConfiguration {
  const baked = readBakedLabels(image.labels);
  if (baked === undefined) return image;
  const own: readonly string[] = Object.values(LABELS);
  const labels = Object.fromEntries(Object.entries(image.labels).filter(([name]) => !own.includes(name)));
  // Baked without tracking: its variables and entrypoint are the project's own.
  if (baked.trackingUri === undefined) return { ...image, labels };
  const chained = RUNTIME_ENTRYPOINT.every((part, index) => image.entrypoint[index] === part);
  // The project's own stays.
  const provider = environmentValue(image.env, 'MLFLOW_TRACKING_AUTH');
  const pythonPath = environmentValue(image.env, 'PYTHONPATH')
    ?.split(':')
    .filter((folder) => folder !== RUNTIME_FOLDER)
    .join(':');
  return {
    ...image,
    entrypoint: chained ? image.entrypoint.slice(RUNTIME_ENTRYPOINT.length) : image.entrypoint,
    env: withEnvironment(image.env, {
      PYTHONPATH: pythonPath === '' ? undefined : pythonPath,
      ...Object.fromEntries(BAKED_VARIABLES.map((name) => [name, undefined])),
      MLFLOW_TRACKING_AUTH: provider === 'kdeploy' ? undefined : provider,
    }),
    labels,
  };
}

function originLabels(origin: Origin): Record<string, string> {
  const entries = Object.entries(OCI_LABELS).map(([key, label]) => [label, origin[key as keyof Origin]] as const);
  return Object.fromEntries(entries.filter((entry): entry is [(typeof entry)[0], string] => entry[1] !== undefined));
}

function kdeployLabels(
  version: string,
  env: string,
  plan: string,
  tracking: BakedTracking | undefined,
): Record<string, string> {
  return {
    [LABELS.format]: String(LABEL_FORMAT),
    [LABELS.version]: version,
    [LABELS.env]: env,
    [LABELS.plan]: plan,
    ...(tracking !== undefined && {
      [LABELS.trackingUri]: tracking.uri,
      [LABELS.experiment]: tracking.experiment,
      [LABELS.authentication]: tracking.authenticationTypes.join(','),
    }),
  };
}

function digestOf(files: readonly BakedFile[], ...rest: unknown[]): string {
  const hash = createHash('sha256').update(JSON.stringify(rest));
  for (const { path, content } of files) hash.update(`\n${path} ${content.length}\n`).update(content);
  return `sha256:${hash.digest('hex')}`;
}
