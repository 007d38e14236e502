import { expect } from 'chai';
import { Readable } from 'node:stream';
import { RegistrySession, type RegistryCall } from '../../../../src/places/registry/session.js';
import { failure } from '../../../support/failure.js';
import { FakeClock } from './fake-clock.js';
import { FakeRegistry, send, sendError } from './fake-registry.js';
import { everythingIn, refusal } from './refusal.js';

const PASSWORD = 'hunter2-session';

describe('a session with a registry', () => {
  let registry: FakeRegistry;
  let clock: FakeClock;
  beforeEach(async () => {
    clock = new FakeClock();
    registry = await FakeRegistry.start(clock);
  });
  afterEach(() => registry.stop());

  const session = (name = registry.host, plainHttp = false) =>
    new RegistrySession(name, {
      clock,
      random: () => 0,
      plainHttp,
      credentials: () =>
        Promise.resolve({
          registry: name,
          credentials: { kind: 'password', username: 'me', password: PASSWORD },
          source: 'a test',
          failures: [],
          looked: [],
        }),
    });
  const call = (changes: Partial<RegistryCall> = {}): RegistryCall => ({
    method: 'PUT',
    path: 'v2/team/app/blobs/uploads/1',
    scope: 'repository:team/app:pull,push',
    expect: [201],
    maximumBytes: 1000,
    what: 'team/app',
    ...changes,
  });

  it('takes the address that a registry gives, in full or relative to where it was asked', () => {
    const one = session('r.example.com');
    expect(one.address('v2/').href).to.equal('https://r.example.com/v2/');
    expect(one.address('/v2/x?a=b').href).to.equal('https://r.example.com/v2/x?a=b');
    expect(one.address('7?a', new URL('https://s.example.com/v2/uploads/')).href).to.equal(
      'https://s.example.com/v2/uploads/7?a',
    );
    expect(one.address('https://storage.example.com/x').host).to.equal('storage.example.com');
  });

  it('takes no address in clear text where the registry has TLS, nor one with a password, nor one of another kind', async () => {
    for (const address of [
      'http://r.example.com/v2/uploads/7?_state=hunter2',
      `https://me:${PASSWORD}@r.example.com/x`,
      'file:///etc/passwd',
      'https://[::',
    ]) {
      const error = await refusal(session('r.example.com').call(call({ path: address })));
      expect(error.code).to.equal('registry-unreachable');
      expect(error.message).to.match(/^r\.example\.com names an address that kdeploy does not send an image to: /);
      expect(everythingIn(error)).not.to.include('hunter2');
    }
  });

  it('takes addresses in clear text where the user wants to have no TLS', () => {
    const one = session('r.example.com', true);
    expect(one.address('v2/').href).to.equal('http://r.example.com/v2/');
    expect(one.address('https://r.example.com/x').protocol).to.equal('https:');
  });

  it('shows another host no credentials, not even when it asks for them', async () => {
    const other = await FakeRegistry.start(clock);
    try {
      registry.login = { kind: 'basic', username: 'me', password: PASSWORD };
      await failure(session().send(call({ method: 'GET', path: 'v2/', expect: [200] })));
      other.login = { kind: 'basic', username: 'me', password: PASSWORD };
      const one = session();
      await one.send(call({ method: 'GET', path: 'v2/', expect: [200] }));
      const error = await refusal(one.call(call({ path: `http://${other.host}/v2/team/app/blobs/uploads/1` })));
      expect(other.requests.map(({ headers }) => headers.authorization)).to.deep.equal([undefined]);
      expect(everythingIn(error)).not.to.include(PASSWORD);
    } finally {
      await other.stop();
    }
  });

  it('makes a body anew for the answer to a challenge, and says how long it is and what', async () => {
    registry.login = { kind: 'basic', username: 'me', password: PASSWORD };
    let made = 0;
    const body = () => {
      made += 1;
      return {
        size: 4,
        chunks: (async function* () {
          yield await Promise.resolve(Buffer.from('ab'));
          yield Buffer.from('cd');
        })(),
      };
    };
    const headers = { 'Content-Type': 'application/octet-stream' };
    await failure(session().send(call({ body, headers })));
    expect(made).to.equal(2);
    expect(
      registry.requests.map(({ body: sent, headers: { 'content-length': length } }) => [sent, length]),
    ).to.deep.equal([
      ['abcd', '4'],
      ['abcd', '4'],
    ]);
    expect(registry.requests.at(-1)?.headers['content-type']).to.equal('application/octet-stream');
    expect(registry.requests.at(-1)?.headers).not.to.have.property('transfer-encoding');
  });

  it('follows no redirect with a stream, which cannot be sent twice', async () => {
    registry.faults.push((_, response) => send(response, 307, '', { Location: '/elsewhere' }));
    const body = () => ({ size: 0, chunks: Readable.from([]) });
    expect(await failure(session().send(call({ body })))).to.have.property('status', 307);
    expect(registry.requests).to.have.length(1);
  });

  it('sends a stream once, whatever becomes of it', async () => {
    registry.faults.push((_, response) => sendError(response, 503, 'UNAVAILABLE'));
    const body = () => ({ size: 0, chunks: Readable.from([]) });
    expect(await failure(session().send(call({ body })))).to.have.property('status', 503);
    expect([registry.requests.length, clock.sleeps]).to.deep.equal([1, []]);
  });
});
