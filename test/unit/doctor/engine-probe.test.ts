import { expect } from 'chai';
import { diagnose } from '../../../src/doctor/diagnose.js';
import { engineProbe, isAtLeast } from '../../../src/doctor/engine-probe.js';
import { ownMachine } from '../../../src/places/engine/intermediate.js';
import { FakeEngine, json, nothing, refuse } from '../places/engine/fake-engine.js';
import { outsideOfProject } from './contexts.js';

describe('the engine’s probe', () => {
  let engine: FakeEngine;

  beforeEach(async () => {
    engine = await FakeEngine.start();
    engine.on('GET /_ping', nothing(200));
  });

  afterEach(async () => {
    await engine.stop();
  });

  const at = () => outsideOfProject({ DOCKER_HOST: `unix://${engine.socket}` });
  const version = (ApiVersion: string) => json({ Version: '28.0.1', ApiVersion, Os: 'linux', Arch: 'amd64' });

  it('tells version, platform and address, also outside of a project', async () => {
    engine.on('GET /version', version('1.48'));
    expect(await engineProbe.run(at())).to.deep.equal({
      status: 'ok',
      detail: `28.0.1 (API 1.48, linux/amd64) at unix://${engine.socket}, from DOCKER_HOST`,
    });
  });

  it('tells an engine that is too old, and how new it must be', async () => {
    engine.on('GET /version', version('1.39'));
    expect(await engineProbe.run(at())).to.deep.equal({
      status: 'failed',
      detail: `28.0.1 (API 1.39, linux/amd64) at unix://${engine.socket}, from DOCKER_HOST`,
      remedy: 'update Docker: API 1.40 or later is required',
    });
  });

  for (const [podman, status] of [
    ['4.0.0', 'ok'],
    ['5.6.0', 'ok'],
    ['3.4.4', 'failed'],
  ] as const) {
    it(`tells Podman ${podman} by its name, and whether it is new enough`, async () => {
      engine.on('GET /_ping', (response) => response.writeHead(200, { 'Libpod-Api-Version': podman }).end('OK'));
      engine.on('GET /version', version('1.41'));
      const found = await engineProbe.run(at());
      expect(found.status).to.equal(status);
      expect(found.detail).to.equal(
        `Podman ${podman} (API 1.41, linux/amd64) at unix://${engine.socket}, from DOCKER_HOST`,
      );
      if (status === 'failed') expect(found).to.include({ remedy: 'update Podman: 4 or later is required' });
    });
  }

  it('counts what commands that were killed have left', async () => {
    const name = `kdeploy-self-test-${ownMachine()}-0-1767323045-aaaaaaaaaaaa`;
    engine
      .on('GET /version', version('1.48'))
      .on('GET /containers/json', json([{ Id: 'c1', Names: [`/${name}`] }]))
      .on('GET /images/json', json([]));
    expect((await engineProbe.run(at())).detail).to.match(
      /; killed commands left 1 container and 0 temporary images, which the next build removes$/,
    );
  });

  it('tells where no engine answers', async () => {
    const environment = { DOCKER_HOST: `unix://${engine.socket}.none` };
    const [found] = await diagnose([engineProbe], outsideOfProject(environment));
    expect(found).to.deep.include({
      status: 'failed',
      detail: `cannot connect to the Docker Engine at ${environment.DOCKER_HOST} (from DOCKER_HOST)`,
    });
    expect(found).to.have.property('remedy').that.contains('start Docker');
  });

  it('tells an engine that answers but breaks, which is not a bug of ours', async () => {
    engine.on('GET /version', refuse(500, 'disk is gone'));
    const [found] = await diagnose([engineProbe], at());
    expect(found).to.include({
      status: 'failed',
      detail: `the engine at unix://${engine.socket} could not report its version: disk is gone`,
    });
    expect(found).to.have.property('remedy').that.does.not.contain('bug');
  });

  const versions: readonly [version: string, isEnough: boolean][] = [
    ['1.40', true],
    ['1.48', true],
    ['1.100', true],
    ['2.0', true],
    ['1.39', false],
    // As a decimal number it would be larger.
    ['1.5', false],
    ['0.99', false],
    ['1', false],
    ['', false],
    ['unknown', false],
  ];
  for (const [given, isEnough] of versions) {
    it(`takes API ${JSON.stringify(given)} for ${isEnough ? 'new enough' : 'too old'}`, () => {
      expect(isAtLeast(given, [1, 40])).to.equal(isEnough);
    });
  }
});
