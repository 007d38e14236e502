import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import { expect } from 'chai';

import { environment } from '../support/environment/mocha.js';
import type { Outcome } from '../support/command.js';
import { startEngineProxy } from '../support/engine-proxy.js';
import { kedroAlone } from '../support/kedro-alone.js';
import { occupy, tracesOf } from '../support/leftovers.js';
import { createWorkspace, type Workspace } from '../support/workspace.js';

describe('a build', () => {
  let workspace: Workspace;
  let project: string;
  let image: string;
  let old: string;
  before(async () => {
    workspace = await createWorkspace();
    project = await workspace.project('spaceflights');
    image = `${workspace.prefix}/spaceflights`;
    old = await occupy(workspace, image, 'v1');
  });
  after(() => workspace.remove());
  afterEach('leaves the tag where it was', async () => {
    expect(await workspace.imageId(`${image}:v1`)).to.equal(old);
  });

  const build = (...more: string[]): string[] => ['build', '--image', image, '--tag', 'v1', '--no-check', ...more];
  const onBase = (...more: string[]): string[] => build('--base-image', environment().baseImage, ...more);
  const dockerfile = async (...lines: string[]): Promise<string> => {
    await writeFile(
      path.join(project, 'other.Dockerfile'),
      ['ARG BASE_IMAGE', 'FROM $BASE_IMAGE', ...lines].join('\n'),
    );
    return 'other.Dockerfile';
  };

  function expectError(outcome: Outcome, exitCode: number, ...words: string[]): void {
    expect(outcome.exitCode, outcome.stderr).to.equal(exitCode);
    expect(outcome.stdout).to.equal('');
    for (const text of words) expect(outcome.stderr).to.contain(text);
    expect(outcome.stderr).not.to.match(/^ +at /m);
  }

  /** An engine that is gone cannot be asked to clear away, and this one lives on behind the proxy. */
  async function clearAway(): Promise<void> {
    const { containers, intermediateTags } = await tracesOf(workspace);
    for (const name of containers) await workspace.docker.getContainer(name.slice(1)).remove({ force: true });
    for (const tag of intermediateTags) await workspace.docker.getImage(tag).remove({ noprune: true });
  }

  it('says where it looked when no engine answers', async () => {
    const DOCKER_HOST = `unix://${workspace.folder}/nobody.sock`;
    // Without a builder, it would be layers, which needs no engine.
    const outcome = await workspace.kdeploy(onBase('--builder', 'kedro'), { cwd: project, env: { DOCKER_HOST } });
    expectError(
      outcome,
      3,
      `cannot connect to the Docker Engine at ${DOCKER_HOST} (from DOCKER_HOST)`,
      'why: ',
      'next: start Docker',
    );
  });

  for (const builder of ['kedro', 'engine']) {
    it(`says so when the engine dies during a build by builder ${builder}`, async () => {
      const proxy = await startEngineProxy(environment().dockerHost, path.join(workspace.folder, `${builder}.sock`));
      const file = await dockerfile(`RUN echo dying-${builder} && sleep 600`);
      const running = workspace.start(onBase('--builder', builder, '--dockerfile', file, '--verbose'), {
        cwd: project,
        env: { DOCKER_HOST: proxy.host },
      });
      await running.saw(new RegExp(`dying-${builder}\\s*$`, 'm'));
      await proxy.die();
      const outcome = await running.ended;
      expect(outcome.exitCode, outcome.stderr).to.equal(3);
      expect(outcome.stderr)
        .to.contain('the connection to the Docker Engine was lost during the build')
        .and.to.contain('docker info');
    });

    it(`shows the last lines of a Dockerfile that fails, with builder ${builder}`, async () => {
      const file = await dockerfile('RUN echo the reason stands here && exit 3');
      const outcome = await workspace.kdeploy(onBase('--builder', builder, '--dockerfile', file), { cwd: project });
      expectError(outcome, 4, '| the reason stands here', 'last lines of its output');
    });

    it(`names the way out when the base image cannot be pulled, with builder ${builder}`, async () => {
      const base = `${environment().registry}/nobody/has-this:1`;
      const outcome = await workspace.kdeploy(build('--builder', builder, '--base-image', base), { cwd: project });
      expectError(outcome, 4, 'the base image could not be pulled', '--base-image');
    });
  }

  it('says so when the engine dies during the self-test', async () => {
    const proxy = await startEngineProxy(environment().dockerHost, path.join(workspace.folder, 'self-test.sock'));
    const args = onBase('--builder', 'engine', '--self-test', 'always');
    const running = workspace.start(args, { cwd: project, env: { DOCKER_HOST: proxy.host } });
    await running.saw('self-test …');
    await proxy.die();
    expectError(await running.ended, 3, 'the engine', 'docker info');
    await clearAway();
  });

  it('names every place where it looked for kedro when there is none', async () => {
    const outcome = await workspace.kdeploy(onBase(), { cwd: project, env: { PATH: '/nowhere' } });
    expectError(outcome, 3, 'kedro was not found', '--kedro, KDEPLOY_KEDRO, .venv, VIRTUAL_ENV, PATH', 'next: ');
  });

  it('says that kedro-docker is missing when kedro has no such command', async () => {
    const outcome = await workspace.kdeploy(onBase('--kedro', await kedroAlone(environment())), { cwd: project });
    expectError(outcome, 3, 'kedro-docker is not installed', 'pip install kedro-docker');
  });
});
