import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import { expect } from 'chai';

import { environment } from '../support/environment/mocha.js';
import { waitUntil } from '../support/environment/polling.js';
import type { Outcome } from '../support/command.js';
import { occupy, stepContainers, tracesOf, type Traces } from '../support/leftovers.js';
import { startRegistryProxy } from '../support/registry-proxy.js';
import { createWorkspace, type Workspace } from '../support/workspace.js';

describe('a command that is interrupted', () => {
  let workspace: Workspace;
  let traces: Traces;
  before(async () => {
    workspace = await createWorkspace();
  });
  after(() => workspace.remove());
  beforeEach(async () => {
    traces = await tracesOf(workspace);
  });

  async function expectNoTrace(outcome: Outcome): Promise<void> {
    expect(outcome.exitCode, outcome.stderr).to.equal(130);
    expect(outcome.stdout).to.equal('');
    expect(outcome.stderr).to.contain('Error: interrupted');
    expect(await tracesOf(workspace)).to.deep.equal(traces);
  }

  for (const builder of ['kedro', 'engine']) {
    it(`leaves nothing of a build by builder ${builder}, and the old tag where it was`, async () => {
      const project = await workspace.project(`build-${builder}`);
      const marker = `running-${builder}`;
      // The classic builder and BuildKit both show what a step prints; the step's own line ends otherwise.
      await writeFile(
        path.join(project, 'Dockerfile'),
        `ARG BASE_IMAGE\nFROM $BASE_IMAGE\nRUN echo ${marker} && sleep 600\nRUN true\n`,
      );
      const image = `${workspace.prefix}/build-${builder}`;
      const old = await occupy(workspace, image, 'v1');
      const args = [
        'build',
        '--builder',
        builder,
        '--base-image',
        environment().baseImage,
        '--image',
        image,
        '--tag',
        'v1',
      ];
      const running = workspace.start([...args, '--no-check', '--verbose'], { cwd: project });
      await running.saw(new RegExp(`${marker}\\s*$`, 'm'));
      running.signal('SIGINT');
      await expectNoTrace(await running.ended);
      expect(await workspace.imageId(`${image}:v1`)).to.equal(old);
      // The engine notices by itself that nobody waits for the build any more.
      await waitUntil(async () => (await stepContainers(workspace.docker, marker)).length === 0, {
        description: 'the container of the build step does not end',
        seconds: 30,
      });
    });
  }

  it('leaves nothing of a self-test', async () => {
    const project = await workspace.project('self-test');
    const image = `${workspace.prefix}/self-test`;
    const old = await occupy(workspace, image, 'v1');
    const args = [
      'build',
      '--builder',
      'engine',
      '--base-image',
      environment().baseImage,
      '--image',
      image,
      '--tag',
      'v1',
    ];
    const running = workspace.start([...args, '--self-test', 'always'], { cwd: project });
    await running.saw('self-test …');
    await waitUntil(async () => (await workspace.docker.listContainers()).some(isSelfTest), {
      description: 'the self-test has no container',
      seconds: 60,
    });
    running.signal('SIGINT');
    await expectNoTrace(await running.ended);
    expect(await workspace.imageId(`${image}:v1`)).to.equal(old);
  });

  it('ends a push that is under way, and can be repeated', async () => {
    const proxy = await startRegistryProxy(environment().registry);
    try {
      const project = await workspace.tinyProject('push');
      const image = `${workspace.prefixAt(proxy.address)}/push`;
      await workspace.buildTiny(project, image, '--tag', 'v1');
      proxy.decide = ({ method }) => (method === 'PATCH' ? 'hold' : 'pass');
      const held = proxy.nextHeld();
      const running = workspace.start(['push'], { cwd: project });
      await held;
      running.signal('SIGINT');
      await expectNoTrace(await running.ended);
      const manifest = `http://${proxy.address}/v2/${image.slice(image.indexOf('/') + 1)}/manifests/v1`;
      expect((await fetch(manifest)).status).to.equal(404);
      proxy.decide = () => 'pass';
      // Else the engine would wait for the answer to what it has sent already.
      proxy.dropHeld();
      const again = await workspace.kdeploy(['push'], { cwd: project });
      expect(again.exitCode, again.stderr).to.equal(0);
    } finally {
      await proxy.stop();
    }
  });

  it('ends and removes the container of a run', async () => {
    const project = await workspace.tinyProject('run', [
      `FROM ${environment().baseImage}`,
      'WORKDIR /home/kedro',
      'COPY . .',
      'CMD ["sh", "-c", "echo the run has begun >&2; sleep 600"]',
    ]);
    await workspace.buildTiny(project, `${workspace.prefix}/run`, '--tag', 'v1');
    const running = workspace.start(['run'], { cwd: project });
    await running.saw('the run has begun');
    running.signal('SIGINT');
    await expectNoTrace(await running.ended);
  });
});

describe('two builds of one project at once', () => {
  it('both succeed, and leave nothing behind', async () => {
    const workspace = await createWorkspace();
    try {
      const traces = await tracesOf(workspace);
      const project = await workspace.tinyProject('twins');
      const build = (tag: string) =>
        workspace.buildTiny(project, `${workspace.prefix}/twins`, '--tag', tag, '--tag', 'both');
      await Promise.all([build('one'), build('two')]);
      const [one, two, both] = await Promise.all(
        ['one', 'two', 'both'].map((tag) => workspace.imageId(`${workspace.prefix}/twins:${tag}`)),
      );
      expect([one, two]).to.include(both);
      expect(await tracesOf(workspace)).to.deep.equal(traces);
    } finally {
      await workspace.remove();
    }
  });
});

function isSelfTest({ Names }: { readonly Names: readonly string[] }): boolean {
  return Names.some((name) => name.startsWith('/kdeploy-self-test-'));
}
