import { expect } from 'chai';
import { isInsecure } from '../../../../src/places/engine/insecure-registries.js';
import { FakeEngine, json, refuse } from './fake-engine.js';

describe('a registry without TLS', () => {
  let engine: FakeEngine;
  beforeEach(async () => {
    engine = await FakeEngine.start();
  });
  afterEach(async () => engine.stop());

  const config = (registry: string, Secure: boolean) => ({
    RegistryConfig: { IndexConfigs: { 'docker.io': { Secure: true }, [registry]: { Secure } } },
  });
  const docker: readonly [what: string, info: unknown, expected: boolean][] = [
    ['allows it', config('r.lan:5000', false), true],
    ['insists on TLS', config('r.lan:5000', true), false],
    ['allows it for another port', config('r.lan:5001', false), false],
    ['does not say', {}, false],
  ];
  for (const [what, info, expected] of docker) {
    it(`is ${expected ? '' : 'not '}spoken to where Docker ${what}`, async () => {
      engine.on('GET /info', json(info));
      expect(await isInsecure({ docker: engine.docker }, 'r.lan:5000')).to.equal(expected);
    });
  }

  const podman: readonly [what: string, info: unknown, expected: boolean][] = [
    ['allows it', { registries: { search: ['docker.io'], 'r.lan:5000': { Insecure: true } } }, true],
    ['insists on TLS', { registries: { 'r.lan:5000': { Insecure: false } } }, false],
    ['allows it for another host', { registries: { 'r.lan': { Insecure: true } } }, false],
    ['does not say', {}, false],
  ];
  for (const [what, info, expected] of podman) {
    it(`is ${expected ? '' : 'not '}spoken to where Podman ${what}`, async () => {
      engine.on('GET /v4.3.1/libpod/info', json(info));
      expect(await isInsecure({ docker: engine.docker, podman: '4.3.1' }, 'r.lan:5000')).to.equal(expected);
    });
  }

  it('is not spoken to where the engine cannot be asked', async () => {
    engine.on('GET /info', refuse(403, 'not through this proxy'));
    expect(await isInsecure({ docker: engine.docker }, 'r.lan:5000')).to.equal(false);
  });
});
