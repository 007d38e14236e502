import { existsSync } from 'node:fs';
import { chmod, readFile } from 'node:fs/promises';
import { expect } from 'chai';
import type { BuildRequest } from '../../../src/builders/builder.js';
import { buildOptions, KedroBuilder } from '../../../src/builders/kedro/kedro-builder.js';
import { rejection } from '../../support/rejection.js';
import { RecordingProgress } from '../../unit/recording-progress.js';
import { everythingIn } from '../../unit/places/registry/refusal.js';
import { TemporaryFolder } from '../../unit/temporary-folder.js';
import { buildRequest } from '../../unit/builders/requests.js';

const USER = { uid: 1000, gid: 1000 };
const OWNER = ['--uid', '1000', '--gid', '1000', '--image', 'kdeploy-intermediate:1'];

describe('the options of kedro docker build', () => {
  const cases: readonly [what: string, request: Partial<BuildRequest>, options: string[]][] = [
    ['are the owner and the private tag', {}, OWNER],
    [
      'name a base image where one is set',
      { baseImage: 'python:3.12-slim' },
      [...OWNER, '--base-image', 'python:3.12-slim'],
    ],
    ['name another Dockerfile', { dockerfile: 'docker/my file' }, [...OWNER, "--docker-args=--file 'docker/my file'"]],
    [
      'name build arguments without their values, which every user of the machine could read',
      { buildArguments: [{ name: 'A', value: 'hunter2' }] },
      [...OWNER, '--docker-args=--build-arg A'],
    ],
    [
      'name secrets by where they are',
      {
        secrets: [
          { id: 'pip', file: "/it's here/pip.conf" },
          { id: 'npm', env: 'NPM_TOKEN' },
        ],
      },
      [...OWNER, `--docker-args=--secret 'id=pip,src=/it'"'"'s here/pip.conf' --secret id=npm,env=NPM_TOKEN`],
    ],
  ];
  for (const [what, request, options] of cases) {
    it(what, () => {
      expect(buildOptions(buildRequest(request), USER)).to.deep.equal(options);
    });
  }

  it('never name root, whose ID kedro-docker’s Dockerfile refuses', () => {
    expect(buildOptions(buildRequest(), { uid: 0, gid: 0 }).slice(0, 4)).to.deep.equal(['--uid', '999', '--gid', '0']);
  });
});

describe('the kedro builder', () => {
  let folder: TemporaryFolder;
  let progress: RecordingProgress;

  beforeEach(async () => {
    folder = await TemporaryFolder.create();
    progress = new RecordingProgress();
  });

  afterEach(async () => folder.remove());

  /** A kedro that is a shell script. */
  const builder = async (script: string, podman?: string): Promise<KedroBuilder> => {
    await folder.write({ 'bin/kedro': `#!/bin/sh\n${script}\n`, 'project/pyproject.toml': '' });
    await chmod(folder.file('bin/kedro'), 0o755);
    return new KedroBuilder(folder.file('bin/kedro'), { host: 'unix:///engine.sock', podman });
  };
  const request = (changes: Partial<BuildRequest> = {}) =>
    buildRequest({ project: folder.file('project'), ...changes });
  const never = new AbortController().signal;

  it('calls kedro docker build in the project, with what docker needs in its environment', async () => {
    const kedro = await builder(
      'printf "%s\\n" "$@" > args; env > env; pwd; touch Dockerfile .dockerignore; echo built',
    );
    const secrets = [{ id: 'npm', env: 'NPM_TOKEN' }];
    await kedro.build(
      request({ secrets, buildArguments: [{ name: 'INDEX', value: 'a b' }] }),
      progress.recordingStep,
      never,
    );
    const arguments_ = (await readFile(folder.file('project/args'), 'utf8')).split('\n');
    expect(arguments_.slice(0, 2)).to.deep.equal(['docker', 'build']);
    expect(arguments_).to.include('--docker-args=--build-arg INDEX --secret id=npm,env=NPM_TOKEN');
    expect((await readFile(folder.file('project/env'), 'utf8')).split('\n')).to.include.members([
      'INDEX=a b',
      'DOCKER_HOST=unix:///engine.sock',
      'DOCKER_DEFAULT_PLATFORM=linux/amd64',
      'DOCKER_BUILDKIT=1',
      'DO_NOT_TRACK=1',
    ]);
    expect(progress.said).to.include.members([`line ${folder.file('project')}`, 'line built']);
  });

  it('asks for BuildKit only where a secret needs it', async () => {
    const kedro = await builder('env > env');
    await kedro.build(request(), progress.recordingStep, never);
    expect(await readFile(folder.file('project/env'), 'utf8')).not.to.contain('DOCKER_BUILDKIT=1');
  });

  it('switches BuildKit off on Podman, where the docker command would wait for it in vain', async () => {
    const kedro = await builder('env > env', '4.3.1');
    await kedro.build(request(), progress.recordingStep, never);
    expect(await readFile(folder.file('project/env'), 'utf8')).to.contain('DOCKER_BUILDKIT=0\n');
  });

  it('refuses secrets on Podman, to which the docker command cannot pass them', async () => {
    const kedro = await builder('touch called', '4.3.1');
    const secrets = [{ id: 'pip', env: 'PIP' }];
    const error = await rejection(kedro.build(request({ secrets }), progress.recordingStep, never));
    expect([error.code, error.message]).to.deep.equal([
      'configuration',
      'the docker command, which kedro docker calls, cannot pass build secrets to Podman',
    ]);
    expect(error.hint).to.contain('--builder engine');
    expect(existsSync(folder.file('project/called'))).to.equal(false);
  });

  it('names every file that kedro docker created, so that the next tag does not end with -dirty', async () => {
    const kedro = await builder('touch Dockerfile .dockerignore .dive-ci; mkdir -p logs');
    await folder.write({ 'project/.dockerignore': '' });
    await kedro.build(request(), progress.recordingStep, never);
    expect(progress.said).to.deep.equal(['note kedro docker created .dive-ci and Dockerfile: review and commit them']);
  });

  it('fails with the last lines, without the values of build arguments', async () => {
    const kedro = await builder('echo "pip install --index-url https://me:$PIP_TOKEN@host" >&2; exit 1');
    const failing = kedro.build(
      request({ buildArguments: [{ name: 'PIP_TOKEN', value: 'hunter2-token' }] }),
      progress.recordingStep,
      never,
    );
    const error = await rejection(failing);
    expect([error.code, error.message]).to.deep.equal(['build-failed', 'kedro docker build failed (exit code 1)']);
    expect(error.output).to.deep.equal(['pip install --index-url https://me:***@host']);
    expect(everythingIn(error) + progress.said.join()).not.to.contain('hunter2');
  });

  it('writes a missing Dockerfile by kedro docker init', async () => {
    const kedro = await builder('echo "$@" > args');
    await kedro.writeDockerfile(request(), progress.recordingStep, never);
    expect(await readFile(folder.file('project/args'), 'utf8')).to.equal('docker init\n');
  });

  it('is interrupted', async () => {
    const kedro = await builder('sleep 30');
    expect((await rejection(kedro.build(request(), progress.recordingStep, AbortSignal.abort()))).code).to.equal(
      'interrupted',
    );
  });
});
