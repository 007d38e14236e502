import { randomBytes } from 'node:crypto';
import { cp, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import type Docker from 'dockerode';

import { connect } from './environment/engine.js';
import type { Environment } from './environment/environment.js';
import { environment } from './environment/mocha.js';
import { commitAll, createProject, type ProjectOptions } from './environment/project.js';
import { runCommand, startCommand, type CommandOptions, type Outcome, type RunningCommand } from './command.js';
import { kedroDockerTemplates } from './kedro-docker-templates.js';

/**
 * What one test file works in: a folder with a home, a docker configuration, a state folder and a cache of its own, and image
 * names that nobody else uses. All of it is gone after `remove`.
 */
export interface Workspace {
  readonly folder: string;
  /** kdeploy's cache, empty at first. */
  readonly cache: string;
  readonly docker: Docker;
  /** The address and path that its images have in common. */
  readonly prefix: string;
  /** The same in another registry. */
  prefixAt(registry: string): string;
  readonly env: Readonly<Record<string, string>>;
  /** Runs the compiled command to its end. */
  kdeploy(args: readonly string[], options?: CommandOptions): Promise<Outcome>;
  /** Starts the compiled command, for a test that does something meanwhile. */
  start(args: readonly string[], options?: CommandOptions): RunningCommand;
  /** The spaceflights project, ready to be built. */
  project(name: string, options?: Partial<ProjectOptions>): Promise<string>;
  /**
   * A project whose image holds its files and nothing else, unless the Dockerfile's lines say otherwise: for tests of what does not
   * depend on what is in an image.
   */
  tinyProject(name: string, dockerfile?: readonly string[]): Promise<string>;
  /** Builds it, fast: the engine builder, no check and no self-test, and fails the test unless it succeeds. */
  buildTiny(project: string, image: string, ...more: string[]): Promise<Outcome>;
  /** A copy of a project that a test may spoil. */
  copyOf(project: string): Promise<string>;
  /** The image ID behind a name, `undefined` where there is none. */
  imageId(name: string): Promise<string | undefined>;
  remove(): Promise<void>;
}

/** Variables by which a developer's shell would steer the command under test. */
const STEERING = /^(KDEPLOY_|KEDRO_|MLFLOW_|DOCKER_|GOOGLE_|REGISTRY_AUTH_FILE$|VIRTUAL_ENV$|SOURCE_DATE_EPOCH$|XDG_)/;

const EMPTY_IMAGE = ['FROM scratch', 'WORKDIR /home/kedro', 'COPY . .', 'CMD ["kedro", "run"]'];

export async function createWorkspace(around: Environment = environment()): Promise<Workspace> {
  const { env: everything, variables, dockerHost, registry } = around;
  // The real path: kdeploy names files by theirs, and a temporary folder may be reached by a link.
  const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'kdeploy-it-')));
  const [home, state, dockerConfig] = ['home', 'state', 'docker'].map((name) => path.join(folder, name));
  const cache = path.join(folder, 'cache');
  await Promise.all([home!, state!, dockerConfig!].map((each) => mkdir(each)));
  const env = {
    ...Object.fromEntries(Object.entries(everything).filter(([name]) => !STEERING.test(name))),
    ...variables,
    HOME: home!,
    KDEPLOY_STATE_FOLDER: state!,
    KDEPLOY_CACHE_FOLDER: cache,
    DOCKER_CONFIG: dockerConfig!,
  };
  const docker = connect(dockerHost);
  const unique = `t${randomBytes(4).toString('hex')}`;
  const options = (given: CommandOptions = {}): CommandOptions => ({
    cwd: folder,
    ...given,
    env: { ...env, ...given.env },
  });
  return {
    folder,
    cache,
    docker,
    prefix: `${registry}/${unique}`,
    prefixAt: (address) => `${address}/${unique}`,
    env,
    kdeploy: (args, given) => runCommand(args, options(given)),
    start: (args, given) => startCommand(args, options(given)),
    project: async (name, given) => {
      const directory = path.join(folder, name);
      await createProject({ environment: around, directory, ...given });
      await cp(await kedroDockerTemplates(around), directory, { recursive: true });
      await commitAll(directory, 'Build an image');
      return directory;
    },
    tinyProject: (name, dockerfile) => tinyProject(around.mlflowUri, path.join(folder, name), dockerfile),
    buildTiny: async (project, image, ...more) => {
      const args = ['build', '--builder', 'engine', '--no-check', '--self-test', 'never', '--image', image, ...more];
      const outcome = await runCommand(args, options({ cwd: project }));
      if (outcome.exitCode !== 0) throw new Error(`kdeploy build failed:\n${outcome.stderr}`);
      return outcome;
    },
    copyOf: async (project) => {
      const copy = await mkdtemp(path.join(folder, 'copy-'));
      await cp(project, copy, { recursive: true });
      return copy;
    },
    imageId: (name) => imageId(docker, name),
    remove: async () => {
      await removeImages(docker, `/${unique}/`, around.mlflowUri);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function unlessGone(error: unknown): void {
  if ((error as { statusCode?: number }).statusCode !== 404) throw error;
}

export async function imageId(docker: Docker, name: string): Promise<string | undefined> {
  try {
    return (await docker.getImage(name).inspect()).Id;
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return undefined;
    throw error;
  }
}

async function tinyProject(
  mlflowUri: string,
  folder: string,
  dockerfile: readonly string[] = EMPTY_IMAGE,
): Promise<string> {
  const files = {
    'pyproject.toml': '[tool.kedro]\npackage_name = "tiny"\nproject_name = "tiny"\nkedro_init_version = "1.7.0"\n',
    'requirements.txt': 'kedro\nkedro-mlflow\nkedro-datasets\n',
    'src/tiny/settings.py': '',
    'conf/base/catalog.yml': '',
    'conf/local/mlflow.yml': `server:\n  mlflow_tracking_uri: ${mlflowUri}\n`,
    '.dockerignore': 'conf/local\n',
    '.gitignore': 'conf/local/*\n',
    Dockerfile: `${dockerfile.join('\n')}\n`,
  };
  for (const [file, content] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
    await writeFile(path.join(folder, file), content);
  }
  await commitAll(folder, 'A project that does nothing');
  return folder;
}

/**
 * The images with the part in their names, and those that lost theirs to a later build, told from others by the tests' own MLflow.
 * Parents are kept: they are the build cache of the next file.
 */
async function removeImages(docker: Docker, part: string, mlflowUri: string): Promise<void> {
  for (const image of await docker.listImages()) {
    const names = [...(image.RepoTags ?? []), ...(image.RepoDigests ?? [])].filter((name) => name.includes(part));
    // With the last tag go the names by digest.
    for (const name of names) await docker.getImage(name).remove({ force: true, noprune: true }).catch(unlessGone);
  }
  const filters = { dangling: ['true'], label: [`io.kdeploy.tracking-uri=${mlflowUri}`] };
  for (const { Id } of await docker.listImages({ filters: JSON.stringify(filters) } as object))
    await docker.getImage(Id).remove({ force: true, noprune: true }).catch(unlessGone);
}
