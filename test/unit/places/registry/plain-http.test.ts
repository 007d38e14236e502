import { expect } from 'chai';
import { RegistrySession } from '../../../../src/places/registry/session.js';
import { isPlainHttp } from '../../../../src/places/registry/plain-http.js';
import { rejection } from '../../../support/rejection.js';

describe('a registry without TLS', () => {
  const named: readonly [list: string, registry: string, isPlain: boolean][] = [
    ['registry.local:5000', 'registry.local:5000', true],
    ['registry.local:5000', 'registry.local', false],
    ['registry.local', 'registry.local:5000', false],
    [' 10.0.0.5:5000 , registry.local,', 'registry.local', true],
    ['[fd00::1]:5000', '[fd00::1]:5000', true],
    ['registry.local', 'registry.local.example.com', false],
    ['', 'registry.local', false],
  ];
  for (const [list, registry, isPlain] of named) {
    it(`${isPlain ? 'is' : 'is not'} ${registry} in '${list}'`, () => {
      expect(isPlainHttp(registry, { KDEPLOY_PLAIN_HTTP: list })).to.equal(isPlain);
    });
  }

  for (const list of ['http://registry.local:5000', 'true', 'registry.local:5000/team', 'a.b,*', '1', 'a b']) {
    it(`is not named by ${list}`, async () => {
      const asked = Promise.resolve().then(() => isPlainHttp('registry.local', { KDEPLOY_PLAIN_HTTP: list }));
      const error = await rejection(asked.then(() => undefined));
      expect([error.code, error.message]).to.deep.equal([
        'configuration',
        `KDEPLOY_PLAIN_HTTP has ${list === 'a.b,*' ? '*' : list}, which is not the name of a registry`,
      ]);
    });
  }

  it('is asked over HTTP where it is named, and no other one is', () => {
    const environment = { KDEPLOY_PLAIN_HTTP: 'registry.local:5000' };
    const address = (registry: string, more: object = {}): string =>
      new RegistrySession(registry, { environment, ...more }).address('v2/').href;
    expect(address('registry.local:5000')).to.equal('http://registry.local:5000/v2/');
    expect(address('registry.example.com')).to.equal('https://registry.example.com/v2/');
    expect(address('registry.example.com', { plainHttp: true })).to.equal('http://registry.example.com/v2/');
    expect(address('docker.io')).to.equal('https://registry-1.docker.io/v2/');
  });
});
