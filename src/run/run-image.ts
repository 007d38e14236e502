import { PassThrough } from 'node:stream';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { EngineContainer, EngineContainers } from '../places/engine/containers.js';
import type { EngineImage } from '../places/engine/images.js';
import { uniqueName } from '../places/engine/intermediate.js';
import { KdeployError } from '../errors.js';
import { resolveUser, type Owner } from '../image/passwd.js';
import type { LocalConfiguration } from './local-configuration.js';
import type { Progress } from '../progress.js';
import { openDataFolder, type OpenedFolder } from './data-folder.js';
import { MlflowRunAddress } from './mlflow-run-address.js';
import { rememberSecretsOf } from '../secrets/given-secrets.js';
import { GOOGLE_KEY_FILE, passedVariables, placeInContainer } from './passed-variables.js';

export interface RunRequest {
  readonly image: EngineImage;
  /** The image's own ENTRYPOINT when left out. */
  readonly entrypoint?: readonly string[];
  /** The image's own CMD when empty. */
  readonly command: readonly string[];
  /** The host's data folder, mounted at data/ in the image's working directory; `undefined`: none. */
  readonly dataFolder: string | undefined;
  /**
   * The host's conf/local, or what settings.py calls it, whose files (but mlflow.yml, which is baked) are mounted;
   * `undefined`: none.
   */
  readonly localConfiguration: LocalConfiguration | undefined;
  /** `NAME=value`. */
  readonly variables: readonly string[];
  readonly network: string | undefined;
  readonly environment: NodeJS.ProcessEnv;
}

export interface RunResult {
  readonly exitCode: number;
  /** The address of the run in MLflow's user interface, when one was logged. */
  readonly mlflowRun: string | undefined;
}

export interface RunOutput {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
}

/** Runs an image as the cluster would, and removes the container afterwards, whatever happened. */
export async function runImage(
  containers: EngineContainers,
  request: RunRequest,
  output: RunOutput,
  progress: Progress,
  signal: AbortSignal,
): Promise<RunResult> {
  const { image, environment } = request;
  for (const [name, value] of request.variables.map(nameAndValue)) rememberSecretsOf({ [name]: value });
  const names = passedVariables(image.configuration.env, environment);
  if (names.length > 0) progress.note(`passed on from this shell: ${names.join(', ')}`);
  const keyFile = names.includes(GOOGLE_KEY_FILE) ? await keyFileIn(environment) : undefined;
  const values = keyFile === undefined ? environment : { ...environment, [GOOGLE_KEY_FILE]: placeInContainer(keyFile) };
  const options = {
    image: image.id,
    name: uniqueName('run'),
    env: [...names.map((name) => `${name}=${values[name] ?? ''}`), ...request.variables],
    mounts: await mounts(request, keyFile),
    ...(request.entrypoint && { entrypoint: request.entrypoint }),
    ...(request.command.length > 0 && { command: request.command }),
    ...(request.network !== undefined && { network: request.network }),
  };
  return containers.using(options, async (container) => {
    const opened = await openData(container, request, progress);
    try {
      return await runToItsEnd(container, output, signal);
    } finally {
      await opened?.close();
    }
  });
}

async function runToItsEnd(container: EngineContainer, output: RunOutput, signal: AbortSignal): Promise<RunResult> {
  const address = new MlflowRunAddress();
  const watched = (target: NodeJS.WritableStream): PassThrough => {
    const through = new PassThrough();
    through.on('data', (chunk: Buffer) => {
      address.add(chunk);
      target.write(chunk);
    });
    return through;
  };
  const { ended } = await container.attach(watched(output.stdout), watched(output.stderr));
  await container.start();
  try {
    const exitCode = await container.wait(signal);
    await ended;
    return { exitCode, mlflowRun: address.address };
  } catch (error) {
    if (signal.aborted)
      throw new KdeployError('interrupted', 'interrupted; the container was stopped', { cause: error });
    throw error;
  }
}

async function mounts(request: RunRequest, keyFile: string | undefined): Promise<string[]> {
  const folder = request.image.configuration.workingDirectory;
  const { dataFolder, localConfiguration } = request;
  return [
    ...(dataFolder === undefined ? [] : [`${dataFolder}:${folder}/data`]),
    ...(localConfiguration === undefined
      ? []
      : await localMounts(localConfiguration.folder, `${folder}/${localConfiguration.name}`)),
    ...(keyFile === undefined ? [] : [`${keyFile}:${placeInContainer(keyFile)}:ro`]),
  ];
}

/** Absolute, as a mount wants it. One that is not there is not mounted: the engine would create a folder of that name here. */
async function keyFileIn(environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  const file = path.resolve(environment[GOOGLE_KEY_FILE] ?? '');
  return (await kindOf(file)) === 'file' ? file : undefined;
}

/** File by file: a mount of the whole folder would hide the mlflow.yml that was baked into it. */
async function localMounts(host: string, container: string): Promise<string[]> {
  const files = (await readdir(host, { withFileTypes: true })).filter((entry) => entry.isFile());
  return files
    .filter(({ name }) => name !== '.gitkeep' && !/^mlflow\.ya?ml$/.test(name))
    .map(({ name }) => `${path.join(host, name)}:${container}/${name}:ro`);
}

async function openData(
  container: EngineContainer,
  { dataFolder, image }: RunRequest,
  progress: Progress,
): Promise<OpenedFolder | undefined> {
  if (dataFolder === undefined || (await kindOf(dataFolder)) !== 'folder') return undefined;
  const owner = await ownerOf(container, image.configuration.user);
  const opened = owner && (await openDataFolder(dataFolder, owner));
  if (opened !== undefined && owner !== undefined) {
    progress.note(`data/ is writable for the container's user (UID ${owner.uid}) while it runs`);
  }
  return opened;
}

async function ownerOf(container: EngineContainer, user: string): Promise<Owner | undefined> {
  const [passwd, group] = await Promise.all(['/etc/passwd', '/etc/group'].map((file) => container.readFile(file)));
  return resolveUser(user, passwd?.toString('utf8') ?? '', group?.toString('utf8') ?? '');
}

async function kindOf(name: string): Promise<'file' | 'folder' | undefined> {
  const found = await stat(name).catch(() => undefined);
  if (found === undefined) return undefined;
  return found.isDirectory() ? 'folder' : 'file';
}

/** Of `NAME=VALUE`. */
function nameAndValue(variable: string): [name: string, value: string] {
  const equals = variable.indexOf('=');
  return [variable.slice(0, equals), variable.slice(equals + 1)];
}
