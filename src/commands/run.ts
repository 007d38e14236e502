import { Args, Flags } from '@oclif/core';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { lastBuild } from '../builders/last-build.js';
import { openProject } from '../config/settings/open-project.js';
import type { EngineConnection } from '../places/engine/connection.js';
import type { EngineImage } from '../places/engine/images.js';
import { KdeployError } from '../errors.js';
import { readBakedLabels } from '../image/labels.js';
import { findProject, type Project } from '../project/project.js';
import type { Progress } from '../progress.js';
import { TRACKING_EXIT_CODE } from '../image/baked-environment.js';
import type { RunRequest, RunResult } from '../run/run-image.js';
import { localConfigurationOf } from '../run/local-configuration.js';
import { shellCommand } from '../shell-words.js';
import { StateFolder } from '../state-folder.js';
import { BaseCommand } from '../ui/base-command.js';
import { IMAGE_NAMES } from '../ui/flags.js';

export interface RunCommandResult {
  readonly image: string;
  readonly exitCode: number;
  /** The run in MLflow's user interface; `null` when none was logged. */
  readonly mlflowRun: string | null;
}

export default class Run extends BaseCommand<RunCommandResult> {
  static override summary = "Run the image locally, as the cluster would, and print the MLflow run's URL.";

  static override description = `Without IMAGE, it runs the image of the last \`kdeploy build\` of this project. The project's data/ is mounted, the variables that
the image's authentication needs are passed on, and the container is removed afterwards. Exits with the container's exit code.`;

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> -- kedro run --pipeline data_science',
    '<%= config.bin %> <%= command.id %> registry.example.com/team/app:v1 --conf-local',
  ];

  static override usage = '<%= command.id %> [IMAGE] [FLAGS] [-- COMMAND…]';

  static override args = {
    image: Args.string({ description: `the image: ${IMAGE_NAMES} (default: the last build)` }),
  };

  static override flags = {
    data: Flags.boolean({ allowNo: true, default: true, description: "mount the project's data/" }),
    'conf-local': Flags.boolean({ description: 'mount the files of conf/local, such as credentials.yml' }),
    variable: Flags.string({
      char: 'e',
      multiple: true,
      multipleNonGreedy: true,
      description: 'set a variable in the container; without a value, pass on the one from this shell',
      helpValue: 'NAME[=VALUE]',
    }),
    network: Flags.string({
      description: 'the Docker network; `host` to reach servers on this machine',
      helpValue: 'NAME',
    }),
  };

  async run(): Promise<RunCommandResult> {
    // Split by hand: oclif sorts the words after `--` by their first position, which mixes up repeated ones.
    const [own, command] = splitAtSeparator(this.argv);
    const { args, flags } = await this.parse(Run, own);
    const progress = this.progress(flags);
    const named = args.image;

    const project = await findProject(flags.project ?? process.cwd()).catch((error: unknown) => {
      if (named !== undefined && error instanceof KdeployError && error.code === 'not-a-project') return undefined;
      throw error;
    });
    const { connectEngine } = await import('../places/engine/connection.js');
    const engine = await connectEngine(undefined, this.signal);
    const name = named ?? (await lastBuild(StateFolder.ofUser(), project?.root ?? process.cwd())).tags[0];
    return this.withImage(engine, name, async (image) => {
      const request = {
        image,
        command,
        dataFolder: flags.data ? await folderOf(project, 'data') : undefined,
        localConfiguration:
          flags['conf-local'] && project !== undefined ? await localConfigurationOf(project) : undefined,
        variables: (flags.variable ?? []).map(withValue),
        network: flags.network,
        environment: process.env,
      };
      const { exitCode, mlflowRun } = await this.runContainer(engine, request, [own, command], progress);
      if (exitCode !== 0) {
        await this.noteServer(flags.project, image, progress);
        throw containerFailed(name, exitCode);
      }
      return { image: name, exitCode, mlflowRun: mlflowRun ?? null };
    });
  }

  private async runContainer(
    { docker }: EngineConnection,
    request: RunRequest,
    [own, command]: readonly [string[], string[]],
    progress: Progress,
  ): Promise<RunResult> {
    const [{ refuseUnreachableServer }, { runImage }, { explainFailure }, { EngineContainers }, { engineProduct }] =
      await Promise.all([
        import('../run/unreachable-server.js'),
        import('../run/run-image.js'),
        import('../run/explain-failure.js'),
        import('../places/engine/containers.js'),
        import('../places/engine/product.js'),
      ]);
    const warning = await refuseUnreachableServer(request, {
      engine: () => engineProduct(docker),
      platform: process.platform,
      hosts: () => readFile('/etc/hosts', 'utf8').catch(() => ''),
      again: (...more) => sameCommand(own, more, command),
    });
    if (warning !== undefined) progress.note(`warning: ${warning}`);
    const containers = new EngineContainers(docker);
    const output = { stdout: this.jsonEnabled() ? process.stderr : process.stdout, stderr: process.stderr };
    const result = await runImage(containers, request, output, progress, this.signal);
    const { exitCode, mlflowRun } = result;
    if (mlflowRun !== undefined) progress.note(`MLflow run: ${mlflowRun}`);
    if (exitCode !== 0) await explainFailure(containers, request, exitCode, output, progress, this.signal);
    else if (mlflowRun === undefined) progress.note('no MLflow run URL found in the output');
    return result;
  }

  /** What this machine says of the MLflow server; nothing outside of the image's project. */
  private async noteServer(folder: string | undefined, image: EngineImage, progress: Progress): Promise<void> {
    const env = readBakedLabels(image.configuration.labels)?.env ?? 'local';
    const environment = process.env;
    const project = await openProject({
      folder: folder ?? process.cwd(),
      env,
      environmentVariables: environment,
    }).catch(
      // A project that cannot be read is no reason why the container failed.
      () => undefined,
    );
    if (project === undefined) return;
    const [{ diagnose }, { mlflowProbe }] = await Promise.all([
      import('../doctor/diagnose.js'),
      import('../doctor/mlflow-probe.js'),
    ]);
    const { version, root } = this.config;
    const context = { project, env, kedro: undefined, environment, own: { version, root } };
    for (const { title, ...found } of await diagnose([mlflowProbe], context)) {
      if (found.status !== 'skipped') progress.note(`${title}, from this machine: ${found.detail}`);
    }
  }

  /** One that waits for its push, or is in a file, is on the engine for as long as it runs. */
  private async withImage<Result>(
    { docker, podman }: EngineConnection,
    name: string,
    use: (image: EngineImage) => Promise<Result>,
  ): Promise<Result> {
    const [{ EngineImages }, { imageAddress }, { locateParts }] = await Promise.all([
      import('../places/engine/images.js'),
      import('../ui/image-address.js'),
      import('../locate/locate-parts.js'),
    ]);
    const images = new EngineImages(docker, podman);
    const address = imageAddress(name, { remote: false });
    const parts = locateParts({ state: StateFolder.ofUser(), signal: this.signal });
    const source = 'path' in address ? await parts.file(address) : await parts.waiting(address.reference);
    if (source !== undefined) {
      const { withLoadedImage } = await import('../run/loaded-image.js');
      return withLoadedImage(images, source, use);
    }
    // As it is written: an engine knows images by their IDs as well.
    const image = await images.find(name);
    if (image !== undefined) return use(image);
    throw new KdeployError('image-not-found', `the image ${name} is not on the local Docker Engine`, {
      hint: `build it with \`kdeploy build\`, or pull it with \`docker pull ${name}\``,
    });
  }
}

/** `[IMAGE] [FLAGS] -- COMMAND…`: ours, and the container's. */
function splitAtSeparator(words: readonly string[]): [own: string[], command: string[]] {
  const at = words.indexOf('--');
  return at === -1 ? [[...words], []] : [words.slice(0, at), words.slice(at + 1)];
}

/** To be pasted; without the words of this one where a variable's value, perhaps a secret, is among them. */
function sameCommand(own: readonly string[], more: readonly string[], command: readonly string[]): string {
  if (own.some((word) => /^[^-].*=|^-e.*=|^--variable=.*=/.test(word)))
    return `the same command with ${shellCommand(more)}`;
  const behind = command.length === 0 ? [] : ['--', ...command];
  return shellCommand(['kdeploy', 'run', ...own, ...more, ...behind]);
}

async function folderOf(project: Project | undefined, name: string): Promise<string | undefined> {
  if (project === undefined) return undefined;
  const folder = path.join(project.root, name);
  return (await stat(folder).catch(() => undefined))?.isDirectory() === true ? folder : undefined;
}

/** `NAME` alone takes the value from this shell, as with docker. */
function withValue(variable: string): string {
  if (variable.includes('=')) return variable;
  const value = process.env[variable];
  if (value !== undefined) return `${variable}=${value}`;
  throw new KdeployError('usage', `the variable ${variable} is not set in this shell`, {
    hint: `pass -e ${variable}=VALUE`,
  });
}

function containerFailed(name: string, exitCode: number): KdeployError {
  return new KdeployError('container-failed', `the container of ${name} exited with code ${exitCode}`, {
    exitCode,
    hint:
      exitCode === TRACKING_EXIT_CODE
        ? 'tracking could not be set up: the line above that starts with "kdeploy:" gives the reason'
        : 'see the pipeline output above for the cause',
  });
}
