import { KdeployError } from '../../errors.js';

/**
 * Turns a failed `kedro docker build` into the error the user reads. kedro-docker and the docker CLI
 * distinguish their failures by words only, so the words are recognised here and nowhere else.
 */
export function kedroFailure(exitCode: number | undefined, output: readonly string[]): KdeployError {
  const text = output.join('\n');
  if (hasNoDockerPlugin(text)) {
    return new KdeployError(
      'tool-missing',
      "kedro-docker is not installed: this project's kedro has no `docker` command",
      {
        hint: 'install it with `pip install kedro-docker`, or build without it: `kdeploy build --builder engine`',
        output,
      },
    );
  }
  if (dockerDidNotAnswer(text)) {
    return new KdeployError('tool-missing', 'kedro docker could not use the `docker` command', {
      hint: 'install the docker CLI, or build without it: `kdeploy build --builder engine`',
      output,
    });
  }
  if (engineWentAway(output)) {
    return new KdeployError('engine-unreachable', 'the connection to the Docker Engine was lost during the build', {
      output,
      hint: 'check that it is running again with `docker info`, then build again: finished steps are kept',
    });
  }
  return new KdeployError(
    'build-failed',
    `kedro docker build failed${exitCode === undefined ? '' : ` (exit code ${exitCode})`}`,
    {
      output,
      hint: hintFor(text),
    },
  );
}

/** click's words for a command group that is not there. */
function hasNoDockerPlugin(output: string): boolean {
  return /No such command '?"?docker/.test(output);
}

/** kedro_docker/plugin.py, NO_DOCKER_MESSAGE: the same words for a missing client and a stopped engine. */
function dockerDidNotAnswer(output: string): boolean {
  return output.includes('Cannot connect to the Docker daemon. Is the Docker daemon running?');
}

/**
 * The docker CLI's last words when its connection breaks (docker/cli: the decoder's EOF, client/errors.go, and gRPC's
 * status with buildx). Earlier lines are the build's own, and pip or git say such things of their servers.
 */
function engineWentAway(output: readonly string[]): boolean {
  const last = output.findLast((line) => line.trim() !== '') ?? '';
  return /^(ERROR: )?(.*: )?(unexpected EOF|Cannot connect to the Docker daemon at .*|error during connect: .*|error reading from server: .*|rpc error: code = Unavailable .*)$/.test(
    last.trim(),
  );
}

/** The next step for the failures people meet; otherwise the build's own words have to do. */
export function hintFor(output: string): string {
  if (
    /pull access denied|manifest (for .* )?(unknown|not found)|failed to resolve (source metadata|reference)|(error pulling|Get ")https?:/i.test(
      output,
    )
  ) {
    return 'the base image could not be pulled: check its name, or choose another one with --base-image';
  }
  if (/no space left on device/i.test(output)) {
    return 'the disk of the Docker Engine is full: `docker system df` shows the usage, `docker system prune` frees space';
  }
  if (/(useradd|groupadd): not found/.test(output)) {
    return 'the base image has no useradd: kedro docker needs a Debian-like base image, such as python:3.11-slim';
  }
  if (/useradd: UID \d+ is not unique|The UID \d+ is already in use|adduser: uid '\d+' in use/i.test(output)) {
    return 'the base image already has a user with this ID: choose another one with --uid, or remove that user in the Dockerfile';
  }
  if (/No solution found|ResolutionImpossible|Could not find a version|No matching distribution/.test(output)) {
    return 'fix the requirements named above, then build again';
  }
  return 'see the last lines of the build above; `--verbose` shows all of it';
}
