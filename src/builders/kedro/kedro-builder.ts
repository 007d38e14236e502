import { readdir } from 'node:fs/promises';
import type { EngineConnection } from '../../places/engine/connection.js';
import { isFault } from '../../places/engine/fault.js';
import { engineError } from '../../places/engine/images.js';
import { KdeployError } from '../../errors.js';
import type { Step } from '../../progress.js';
import { shellCommand } from '../../shell-words.js';
import type { Builder, BuildRequest } from '../builder.js';
import { runChildProcess, type ChildProcessResult } from './child-process.js';
import { kedroFailure } from './kedro-failure.js';
import { OutputTail } from './output-tail.js';
import { currentOwner, imageOwner } from '../../project/dockerfile/image-owner.js';

/** Builds by `kedro docker build`, with the project's own kedro. */
export class KedroBuilder implements Builder {
  readonly name = 'kedro';

  constructor(
    private readonly kedro: string,
    /** So that the docker CLI talks to the engine that kdeploy talks to. */
    private readonly engine: Pick<EngineConnection, 'host' | 'podman' | 'whileAlive'>,
  ) {}

  async build(request: BuildRequest, step: Step, signal: AbortSignal): Promise<void> {
    if (this.engine.podman !== undefined && request.secrets.length > 0) throw secretsOnPodman();
    const before = await filesIn(request.project);
    await this.run(['docker', 'build', ...buildOptions(request)], request, step, signal);
    const created = (await filesIn(request.project)).filter((file) => !before.includes(file));
    // Whatever this version of kedro-docker writes: each file that is not committed makes the next tag end with -dirty.
    if (created.length > 0)
      step.note(`kedro docker created ${listed(created)}: review and commit ${created.length === 1 ? 'it' : 'them'}`);
  }

  /** `kedro docker init`: writes the Dockerfile and the files that belong to it where they are missing. */
  async writeDockerfile(request: BuildRequest, step: Step, signal: AbortSignal): Promise<void> {
    await this.run(['docker', 'init'], request, step, signal);
  }

  private async run(words: string[], request: BuildRequest, step: Step, signal: AbortSignal): Promise<void> {
    const tail = new OutputTail(request.buildArguments.map(({ value }) => value).filter((value) => value.length > 3));
    const run = (until: AbortSignal): Promise<ChildProcessResult> =>
      runChildProcess(this.kedro, words, {
        folder: request.project,
        environment: buildEnvironment(request, this.engine),
        signal: until,
        onLine: (line) => step.line(tail.add(line)),
      });
    const { whileAlive } = this.engine;
    const running = whileAlive === undefined ? run(signal) : whileAlive(signal, run);
    const { exitCode } = await running.catch((error: unknown) => {
      throw isFault(error) ? engineError('the image could not be built', error) : error;
    });
    if (exitCode !== 0) throw kedroFailure(exitCode, tail.lines);
  }
}

/** The options of `kedro docker build`; what has no option of its own goes to `docker build` through --docker-args. */
export function buildOptions(request: BuildRequest, current = currentOwner()): string[] {
  const { uid, gid } = imageOwner(request, current);
  const dockerArguments = [
    ...(request.dockerfile === 'Dockerfile' ? [] : ['--file', request.dockerfile]),
    // Without a value docker takes it from its environment, so that `ps` and kedro's own echo of the command show none.
    ...request.buildArguments.flatMap(({ name }) => ['--build-arg', name]),
    ...request.secrets.flatMap((secret) => [
      '--secret',
      `id=${secret.id},${'file' in secret ? `src=${secret.file}` : `env=${secret.env}`}`,
    ]),
  ];
  return [
    ...['--uid', String(uid), '--gid', String(gid), '--image', request.tag],
    ...(request.baseImage === null ? [] : ['--base-image', request.baseImage]),
    // kedro-docker splits them with Python's shlex.
    ...(dockerArguments.length === 0 ? [] : [`--docker-args=${shellCommand(dockerArguments, 'linux')}`]),
  ];
}

/** The docker CLI hands out secrets in a BuildKit session. */
function secretsOnPodman(): KdeployError {
  return new KdeployError(
    'configuration',
    'the docker command, which kedro docker calls, cannot pass build secrets to Podman',
    {
      hint: 'build with `--builder engine` (image.builder: engine in kdeploy.yml), which can',
    },
  );
}

function buildEnvironment(
  request: BuildRequest,
  { host, podman }: Pick<EngineConnection, 'host' | 'podman'>,
): Record<string, string> {
  return {
    ...Object.fromEntries(request.buildArguments.map(({ name, value }) => [name, value])),
    DOCKER_HOST: host,
    // Kedro's log is laid out for this width; at the default 80 every line is cut in pieces.
    COLUMNS: '160',
    // `--platform` would be experimental in older docker clients; this variable is not.
    DOCKER_DEFAULT_PLATFORM: request.platform,
    // kedro-telemetry calls home at every start otherwise, and waits for it.
    DO_NOT_TRACK: '1',
    ...(request.secrets.length > 0 && { DOCKER_BUILDKIT: '1' }),
    // The docker CLI's default since 23, which Podman does not speak.
    ...(podman !== undefined && { DOCKER_BUILDKIT: '0' }),
  };
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

/** `Dockerfile, .dockerignore and .dive-ci` */
function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
}
