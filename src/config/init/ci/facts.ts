import { realpath } from 'node:fs/promises';
import { relative, sep } from 'node:path';
import { withSettings } from '../../settings/open-project.js';
import type { Settings } from '../../settings/settings.js';
import { KdeployError } from '../../../errors.js';
import { committableFiles } from '../../../git/committable-files.js';
import { defaultBranch } from '../../../git/default-branch.js';
import { remoteLocation, type RemoteLocation } from '../../../git/remote-url.js';
import { readRepository } from '../../../git/repository.js';
import { parseRepositoryName, type ImageReference } from '../../../image/reference.js';
import { pythonVersionOf, readDockerfile } from '../../../project/dockerfile/dockerfile.js';
import { ownInstruction } from '../../../project/dockerfile/own-instruction.js';
import type { Project } from '../../../project/project.js';
import { parsePyProject, textAt } from '../../../project/python/pyproject.js';
import type { ProjectSource } from '../../../project/sources/source.js';
import { findKedro } from '../../../project/kedro/kedro-command.js';
import { kedroDockerBaseImage } from '../../../project/kedro/kedro-docker-base.js';
import { projectModel, valueOf, type ProjectModel } from '../../../project/model.js';
import { installedPackage } from './installation.js';
import { registryOf, type Registry } from './registry.js';

/** What a pipeline is made from. Nothing in it is a secret. */
export interface PipelineFacts {
  /** Absolute. */
  readonly repositoryRoot: string;
  /** The project's folder in the repository, with forward slashes: `''` at its root. */
  readonly folder: string;
  /** Distinguishes this project's file and jobs from those of its neighbours. */
  readonly slug: string;
  readonly defaultBranch: string;
  readonly remote: RemoteLocation | undefined;
  readonly env: string;
  readonly image: ImageReference;
  readonly registry: Registry;
  /** `linux/amd64`. */
  readonly platform: string;
  /** What the build is to start from, where only this machine's Python knows. */
  readonly baseImage: string | undefined;
  /** The Dockerfile takes its base from outside, nobody says which, and its own default is this one. */
  readonly baseImageUnsaid: string | undefined;
  /** `layers` where it makes what kedro docker would: it needs no engine, and packages that did not change are not made anew. */
  readonly builder: 'engine' | 'layers';
  /** The image's, or one that kdeploy runs on: `3.11`. */
  readonly python: string;
  readonly hasDockerfile: boolean;
  /** Whether kdeploy.yml says who owns the files in the image. */
  readonly ownerSaid: boolean;
  /** Where only Kedro can read mlflow.yml: what to install to have it. */
  readonly kedro: { readonly python: string; readonly requirements: string | undefined } | undefined;
  /** The variables from which build secrets and arguments take their values. */
  readonly variables: readonly string[];
  /** Whether a clone of the repository says where to log. */
  readonly tracked: boolean;
  /** What pip installs; `undefined` where the user has to say. */
  readonly kdeployPackage: string | undefined;
}

export interface FactsOptions {
  readonly project: Project;
  /** `undefined`: the environment that a plain `kedro run` of this project uses. */
  readonly env: string | undefined;
  /** From --image, where there is no kdeploy.yml yet. */
  readonly image: string | undefined;
  readonly kdeployVersion: string;
  /** --kdeploy-package. */
  readonly kdeployPackage?: string | undefined;
}

/** Throws KdeployError `usage` for what no pipeline can be written for, `configuration` for files that are broken. */
export async function pipelineFacts({
  project,
  image,
  kdeployVersion,
  ...options
}: FactsOptions): Promise<PipelineFacts> {
  const kdeployPackage = installedPackage(kdeployVersion, options.kdeployPackage);
  const repository = await readRepository(project.root);
  if (repository === undefined) {
    throw new KdeployError('usage', 'the project is not in a git repository, which a pipeline needs', {
      hint: 'create one with git init; if there is one already, install git',
    });
  }
  const repositoryRoot = await realpath(repository.root);
  const folder = relative(repositoryRoot, await realpath(project.root))
    .split(sep)
    .join('/');
  const branch = (await defaultBranch(project.root)) ?? 'main';
  refuseUnwritable(folder, 'the folder of the project', 'rename the folder');
  refuseUnwritable(branch, 'the default branch', 'rename the branch');

  const source = await committableFiles(project.root, project.source);
  const committed = { ...project, source };
  // Not this shell's variables: they are not there in CI.
  const { settings, env } = await withSettings(committed, {
    env: options.env,
    environmentVariables: {},
    flags: image === undefined ? {} : { image },
  });
  const reference = imageOf(settings);
  const resolveWithKedro = () => Promise.reject(new KedroNeeded());
  const model = projectModel({ project: committed, settings, env, processEnvironment: {}, resolveWithKedro });
  const builder = await builderOf(source, settings);
  const base = await baseImage(model, settings, builder);
  const tracking = await trackingFacts(model, settings);
  const imageBase = base.baseImage ?? settings.image.base;
  return {
    repositoryRoot,
    folder,
    slug: slugOf(project.packageName),
    defaultBranch: branch,
    remote: repository.remoteUrl === undefined ? undefined : remoteLocation(repository.remoteUrl),
    env,
    image: reference,
    registry: registryOf(reference),
    platform: settings.image.platform,
    builder,
    python: (imageBase === null ? undefined : minorPythonOf(imageBase)) ?? OWN_PYTHON,
    ...base,
    ownerSaid: settings.build.uid !== null || settings.build.gid !== null,
    kedro: tracking.needsKedro ? await kedroInstall(source, imageBase) : undefined,
    variables: variablesOf(settings),
    tracked: tracking.tracked,
    kdeployPackage,
  };
}

/** Characters by which a name would be code in YAML, in a shell or in the CI services' own expressions. */
function refuseUnwritable(name: string, what: string, hint: string): void {
  const found = /[\p{Cc}$`"\\]/u.exec(name)?.[0];
  if (found === undefined) return;
  throw new KdeployError(
    'usage',
    `${what} has ${JSON.stringify(found)} in its name, which a pipeline file cannot contain`,
    {
      hint,
    },
  );
}

function imageOf({ image }: Settings): ImageReference {
  if (image.name !== null) return parseRepositoryName(image.name, { tagAllowed: true }).withoutTag();
  throw new KdeployError(
    'usage',
    'no image name is configured, so the registry that the pipeline logs in to is unknown',
    {
      hint: 'set image.name in conf/base/kdeploy.yml; if that file does not exist yet, pass --image registry.example.com/team/app',
    },
  );
}

/** Of `python:3.11.4-slim` 3.11: a service offers no old patch versions. */
function minorPythonOf(image: string): string | undefined {
  return /^3\.\d+/.exec(pythonVersionOf(image) ?? '')?.[0];
}

/** One that the wheel runs on, where the image's is not known. */
const OWN_PYTHON = '3.13';

/**
 * As `kdeploy build` chooses without an engine. Not `kedro`: that needs the project's Python and the docker command, and the
 * engine makes the same image of a Dockerfile.
 */
async function builderOf(source: ProjectSource, { image }: Settings): Promise<'engine' | 'layers'> {
  if (image.builder !== null) return image.builder === 'layers' ? 'layers' : 'engine';
  const dockerfile = await source.read(image.dockerfile);
  if (dockerfile === undefined) return 'layers';
  return ownInstruction(dockerfile.toString('utf8'), image.dockerfile) === undefined ? 'layers' : 'engine';
}

/** A base that no registry has: whatever comes back changed by it is taken from outside. */
const PROBE = 'kdeploy.invalid/base';

/** Where `kedro docker init` has still to write the Dockerfile; its default changes from one version to the next. */
const OF_TEMPLATE = 'an old Python';

async function baseImage(
  { source, project }: ProjectModel,
  { image }: Settings,
  builder: PipelineFacts['builder'],
): Promise<Pick<PipelineFacts, 'baseImage' | 'baseImageUnsaid' | 'hasDockerfile'>> {
  const read = (buildArguments: Readonly<Record<string, string>>) =>
    readDockerfile({ source, file: image.dockerfile, buildArguments });
  const [own, probed] = await Promise.all([read({}), read({ BASE_IMAGE: PROBE })]);
  const none = { baseImage: undefined, baseImageUnsaid: undefined, hasDockerfile: own !== undefined };
  const takesBase = builder === 'layers' || own === undefined || probed?.baseImage === PROBE;
  if (image.base !== null || !takesBase) return none;
  // Of this machine's kedro, since a pipeline is written where the project is developed.
  const ofThisMachine = await findKedro({ projectRoot: project.root, given: undefined }).then(
    kedroDockerBaseImage,
    () => undefined,
  );
  return {
    ...none,
    baseImage: ofThisMachine,
    baseImageUnsaid: ofThisMachine === undefined ? (own?.baseImage ?? OF_TEMPLATE) : undefined,
  };
}

/** Thrown instead of asking Kedro: that it is needed is all there is to know. */
class KedroNeeded extends Error {}

async function trackingFacts(
  model: ProjectModel,
  { mlflow }: Settings,
): Promise<{ tracked: boolean; needsKedro: boolean }> {
  if (mlflow.enabled === false) return { tracked: true, needsKedro: false };
  try {
    valueOf(await model.trackingConfig());
    return { tracked: (await model.tracking()).uri !== undefined, needsKedro: false };
  } catch (error) {
    if (!(error instanceof KedroNeeded)) throw error;
    return { tracked: true, needsKedro: true };
  }
}

const REQUIREMENTS = ['requirements.txt', 'src/requirements.txt'];
/** For a project that names no version at all: one that every Kedro since 0.19 runs on. */
const USUAL_PYTHON = '3.11';

async function kedroInstall(
  source: ProjectSource,
  base: string | null,
): Promise<{ python: string; requirements: string | undefined }> {
  let requirements: string | undefined;
  for (const file of REQUIREMENTS) if ((await source.read(file)) !== undefined) requirements ??= file;
  const ofImage = base === null ? undefined : pythonVersionOf(base);
  const pyproject = await source.read('pyproject.toml');
  const required = pyproject && textAt((await parsePyProject(pyproject)).table, 'project', 'requires-python');
  const lowest = /(?:>=|~=|==)\s*(3\.\d+)/.exec(required ?? '')?.[1];
  return { python: ofImage ?? lowest ?? USUAL_PYTHON, requirements };
}

function variablesOf({ build }: Settings): string[] {
  const ofSecrets = build.secrets.flatMap((secret) => ('env' in secret ? [secret.env] : []));
  const ofArguments = Object.entries(build.args).flatMap(([name, value]) => (value === null ? [name] : []));
  // Others are no names of variables for any CI service.
  return [...new Set([...ofSecrets, ...ofArguments])].filter((name) => /^[A-Za-z_]\w*$/.test(name)).sort();
}

function slugOf(packageName: string): string {
  const slug = packageName.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  return slug.replaceAll(/^-+|-+$/g, '') || 'project';
}
