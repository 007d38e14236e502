import { expect } from 'chai';
import {
  basicCredentials,
  secretsOf,
  type Credentials,
} from '../../../../../src/places/registry/credentials/credentials.js';
import { engineAuthConfig, engineAuthHeader } from '../../../../../src/places/registry/credentials/engine.js';

const lookup = (registry: string, credentials?: Credentials) => ({
  registry,
  failures: [],
  looked: [],
  ...(credentials === undefined ? {} : { credentials }),
});

describe('what the engine is told', () => {
  it('is the password and the server', () => {
    const credentials = { kind: 'password', username: 'me', password: 'hunter2' } as const;
    expect(engineAuthConfig(lookup('r.io:5000', credentials))).to.deep.equal({
      username: 'me',
      password: 'hunter2',
      serveraddress: 'r.io:5000',
    });
    expect(engineAuthConfig(lookup('docker.io', credentials)).serveraddress).to.equal('https://index.docker.io/v1/');
  });

  it('is a token under its own name', () => {
    expect(engineAuthConfig(lookup('r.io', { kind: 'identity-token', token: 't' }))).to.deep.equal({
      identitytoken: 't',
      serveraddress: 'r.io',
    });
    expect(engineAuthConfig(lookup('r.io', { kind: 'registry-token', token: 't' }))).to.deep.equal({
      registrytoken: 't',
      serveraddress: 'r.io',
    });
  });

  it('is the server alone without credentials, for a push without the header is refused', () => {
    expect(engineAuthConfig(lookup('r.io'))).to.deep.equal({ serveraddress: 'r.io' });
  });

  it('is encoded for Go: URL-safe, with padding', () => {
    const credentials = { kind: 'password', username: 'me', password: '~~~???ÿ' } as const;
    const { base64 } = engineAuthHeader(lookup('r.io', credentials));
    expect(base64)
      .to.match(/^[A-Za-z0-9_-]+=*$/)
      .and.to.contain('_');
    expect(base64.length % 4).to.equal(0);
    expect(JSON.parse(Buffer.from(base64, 'base64url').toString())).to.include({ password: '~~~???ÿ' });
  });
});

describe('secrets', () => {
  it('are known in every form in which a server may echo them', () => {
    const credentials = { kind: 'password', username: 'me', password: 'hunter2' } as const;
    expect(secretsOf(credentials)).to.deep.equal(['hunter2', basicCredentials(credentials)]);
    expect(secretsOf({ kind: 'identity-token', token: 't' })).to.deep.equal(['t']);
    expect(secretsOf(undefined)).to.deep.equal([]);
  });
});
