import { expect } from 'chai';
import {
  buildkitCredentials,
  registryConfiguration,
  type PullCredentialsOptions,
} from '../../../src/builders/engine/pull-credentials.js';
import { base64, TemporaryHome } from '../places/registry/credentials/temporary-home.js';

describe('the credentials for pulling what a Dockerfile names', () => {
  let home: TemporaryHome;
  let options: (images: readonly string[], podman?: boolean) => PullCredentialsOptions;

  beforeEach(async () => {
    home = await TemporaryHome.create();
    const auths = {
      'r.io': { auth: base64('whole:x') },
      'r.io/team': { auth: base64('team:x') },
      'https://index.docker.io/v1/': { auth: base64('hub:x') },
      's.io': { auth: base64('00000000:'), identitytoken: 'refresh' },
    };
    const file = await home.write('auth.json', { auths });
    const environment = { ...home.env, DOCKER_CONFIG: `${home.home}/none`, REGISTRY_AUTH_FILE: file };
    options = (images, podman = false) => ({ images, environment, podman });
  });
  afterEach(() => home.remove());

  for (const [base, server, expected] of [
    ['r.io/team/python:3', 'r.io', { username: 'team' }],
    ['r.io/other/python:3', 'r.io', { username: 'whole' }],
    ['python:3', 'https://index.docker.io/v1/', { username: 'hub' }],
    ['s.io/team/python:3', 's.io', { identitytoken: 'refresh' }],
  ] as const) {
    it(`are in the engine’s header those of ${base}`, async () => {
      for (const podman of [false, true]) {
        const found = await registryConfiguration(options([base], podman));
        expect(Object.keys(found)).to.deep.equal([server]);
        expect(found[server]).to.include(expected);
      }
    });
  }

  it('are in no header without an image, with a name that is none, or without credentials for it', async () => {
    for (const images of [[], ['Not/A:Name:x'], ['t.io/team/python:3']])
      expect(await registryConfiguration(options(images))).to.deep.equal({});
  });

  it('are those of each registry’s first image that has any', async () => {
    const found = await registryConfiguration(options(['python:3', 'r.io/team/tools:1', 's.io/x', 'r.io/other/x']));
    expect(Object.keys(found)).to.deep.equal(['https://index.docker.io/v1/', 'r.io', 's.io']);
    expect(found['r.io']).to.include({ username: 'team' });
  });

  for (const [host, base, expected] of [
    ['r.io', 'r.io/team/python:3', { username: 'team', password: 'x' }],
    ['r.io', 's.io/team/python:3', { username: 'whole', password: 'x' }],
    ['registry-1.docker.io', 'scratch', { username: 'hub', password: 'x' }],
    ['docker.io', 'python:3', { username: 'hub', password: 'x' }],
    ['s.io', 's.io/team/python:3', { username: '', password: 'refresh' }],
    ['t.io', 'r.io/team/python:3', undefined],
  ] as const) {
    it(`are for BuildKit those of ${host} to build FROM ${base}: ${JSON.stringify(expected)}`, async () => {
      const found = await buildkitCredentials(host, options([base]));
      if (expected === undefined) expect(found).to.equal(undefined);
      else expect(found).to.include(expected);
    });
  }
});
