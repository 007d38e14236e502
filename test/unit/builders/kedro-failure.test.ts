import { expect } from 'chai';
import { hintFor, kedroFailure } from '../../../src/builders/kedro/kedro-failure.js';

const PULL = 'the base image could not be pulled: check its name, or choose another one with --base-image';
const FULL =
  'the disk of the Docker Engine is full: `docker system df` shows the usage, `docker system prune` frees space';
const TAKEN =
  'the base image already has a user with this ID: choose another one with --uid, or remove that user in the Dockerfile';
const DEBIAN = 'the base image has no useradd: kedro docker needs a Debian-like base image, such as python:3.11-slim';
const REQUIREMENTS = 'fix the requirements named above, then build again';
const OTHER = 'see the last lines of the build above; `--verbose` shows all of it';

describe('a failed kedro docker build', () => {
  it('without kedro-docker says what to install', () => {
    for (const words of [
      "Error: No such command 'docker'.",
      'Error: No such command "docker".',
      'No such command docker',
    ]) {
      const error = kedroFailure(2, ['Usage: kedro [OPTIONS]', words]);
      expect([error.code, error.exitCode]).to.deep.equal(['tool-missing', 3]);
      expect(error.message).to.equal("kedro-docker is not installed: this project's kedro has no `docker` command");
      expect(error.hint).to.contain('pip install kedro-docker');
      expect(error.output).to.include(words);
    }
  });

  it('without the docker command says so', () => {
    const error = kedroFailure(1, ['Cannot connect to the Docker daemon. Is the Docker daemon running?']);
    expect([error.code, error.message]).to.deep.equal([
      'tool-missing',
      'kedro docker could not use the `docker` command',
    ]);
    expect(error.hint).to.contain('--builder engine');
  });

  it('says so when the engine went away, by the docker command’s last words only', () => {
    for (const words of [
      'unexpected EOF',
      'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
      'error during connect: Post "http://%2Fvar%2Frun%2Fdocker.sock/v1.41/build": EOF',
      'ERROR: failed to receive status: rpc error: code = Unavailable desc = error reading from server: EOF',
    ]) {
      const error = kedroFailure(1, ['Step 2/3', words]);
      expect([error.code, error.exitCode, error.message]).to.deep.equal([
        'engine-unreachable',
        3,
        'the connection to the Docker Engine was lost during the build',
      ]);
    }
    const ofGit = kedroFailure(128, ['fatal: unexpected EOF', 'The command returned a non-zero code: 128']);
    expect(ofGit.code).to.equal('build-failed');
  });

  it('otherwise tells the exit code, the last lines and the next step', () => {
    const error = kedroFailure(17, ['a', 'b']);
    expect([error.code, error.exitCode, error.message]).to.deep.equal([
      'build-failed',
      4,
      'kedro docker build failed (exit code 17)',
    ]);
    expect([error.output, error.hint]).to.deep.equal([['a', 'b'], OTHER]);
    expect(kedroFailure(undefined, []).message).to.equal('kedro docker build failed');
  });

  it('is not taken for a missing command when another one is', () => {
    expect(kedroFailure(2, ["No such command 'dokcer'"]).code).to.equal('build-failed');
  });
});

describe('the next step after a failed build', () => {
  // What engines, pip and uv print, as it was seen.
  const cases: readonly [output: string, hint: string][] = [
    ["pull access denied for pyhton, repository does not exist or may require 'docker login'", PULL],
    ['manifest for python:3.99-slim not found: manifest unknown: manifest unknown', PULL],
    ['failed to resolve source metadata for docker.io/library/python:3.99: not found', PULL],
    ['failed to resolve reference "docker.io/library/x:latest": pull access denied', PULL],
    ['Error response from daemon: Get "https://registry-1.docker.io/v2/": dial tcp: no such host', PULL],
    ['error pulling image configuration: download failed', OTHER],
    ['write /var/lib/docker/tmp/x: no space left on device', FULL],
    ['ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device', FULL],
    ['/bin/sh: groupadd: not found', DEBIAN],
    ['/bin/sh: 1: useradd: not found', DEBIAN],
    ['useradd: UID 33 is not unique', TAKEN],
    ["adduser: uid '33' in use", TAKEN],
    ['/bin/sh: 1: git: not found', OTHER],
    ['ERROR: No matching distribution found for kedro==9.9', REQUIREMENTS],
    ['ERROR: Could not find a version that satisfies the requirement kedro==9.9', REQUIREMENTS],
    ['× No solution found when resolving dependencies:', REQUIREMENTS],
    ['ERROR: ResolutionImpossible: for help visit', REQUIREMENTS],
    ['a manifest of the project', OTHER],
    ['', OTHER],
  ];
  for (const [output, hint] of cases) {
    it(`for ${JSON.stringify(output.slice(0, 60))} begins with “${hint.slice(0, 30)}”`, () => {
      expect(hintFor(output)).to.equal(hint);
    });
  }
});
