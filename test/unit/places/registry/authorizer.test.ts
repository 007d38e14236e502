import { expect } from 'chai';
import { Authorizer } from '../../../../src/places/registry/authorizer.js';
import type { Credentials } from '../../../../src/places/registry/credentials/credentials.js';
import { Transport } from '../../../../src/places/registry/transport.js';
import { redact } from '../../../../src/secrets/redaction.js';
import { FakeClock } from './fake-clock.js';
import { basic, FakeRegistry } from './fake-registry.js';
import { wireTo } from './fake-wire.js';
import { refusal } from './refusal.js';

const SCOPE = 'repository:team/app:pull';

describe('the authorization', () => {
  let registry: FakeRegistry;
  let clock: FakeClock;
  beforeEach(async () => {
    clock = new FakeClock();
    registry = await FakeRegistry.start(clock);
    registry.login = { kind: 'bearer', username: 'me', password: 'hunter2-password', lifetimeS: 60 };
  });
  afterEach(() => registry.stop());

  const me: Credentials = { kind: 'password', username: 'me', password: 'hunter2-password' };
  const authorizer = (credentials: Credentials = me) =>
    new Authorizer(registry.host, new Transport({ clock }), () =>
      Promise.resolve({ registry: registry.host, credentials, failures: [], looked: [] }),
    );
  const bearer = (more = '') => `Bearer realm="http://${registry.host}/token"${more}`;
  const scopes = () =>
    registry.tokenRequests.map(({ url }) => new URL(url, 'http://r.io').searchParams.getAll('scope'));

  it('is fetched without TLS where the user wants to have none', async () => {
    const asked: string[] = [];
    const wire = wireTo(({ url }) => {
      asked.push(url.href);
      return Response.json({ token: 'given' });
    });
    const find = () => Promise.resolve({ registry: 'r.local', credentials: me, failures: [], looked: [] });
    const challenge = 'Bearer realm="http://r.local/token"';
    const plain = new Authorizer('r.local', new Transport({ clock, wire }), find, 'r.local');
    expect(await plain.answer(challenge, SCOPE)).to.equal('Bearer given');
    const safe = new Authorizer('r.local', new Transport({ clock, wire }), find);
    expect((await refusal(safe.answer(challenge, SCOPE))).message).to.include('does not send credentials to');
    expect(asked).to.have.length(1);
  });

  it('is none before the registry asks', async () => {
    const one = authorizer();
    expect(await one.header(SCOPE)).to.equal(undefined);
    expect(one.scheme).to.equal(undefined);
    expect(one.lookedUp()).to.equal(undefined);
  });

  it('is none where the registry asks for something that nobody has', async () => {
    const one = authorizer();
    for (const challenge of [null, 'Negotiate', '']) {
      expect(await one.answer(challenge, SCOPE)).to.equal(undefined);
      expect(await one.header(SCOPE)).to.equal(undefined);
    }
    expect(one.lookedUp()).to.equal(undefined);
  });

  it('is known once it was asked for', async () => {
    for (const [challenge, scheme, header] of [
      ['Basic realm="x"', 'basic', basic('me', 'hunter2-password')],
      [bearer(), 'bearer', 'Bearer fake-token-1'],
    ] as const) {
      const one = authorizer();
      expect(await one.answer(challenge, SCOPE)).to.equal(header);
      expect(one.scheme).to.equal(scheme);
      expect(await one.header(SCOPE)).to.equal(header);
    }
  });

  it('that was refused is not shown again', async () => {
    const one = authorizer();
    const password = await one.answer('Basic realm="x"', SCOPE);
    expect(await one.answer('Basic realm="x"', SCOPE, password)).to.equal(undefined);
    const ready = authorizer({ kind: 'registry-token', token: 'ready' });
    expect(await ready.answer(bearer(), SCOPE)).to.equal('Bearer ready');
    expect(await ready.answer(bearer(), SCOPE, 'Bearer ready')).to.equal(undefined);
  });

  it('that was refused with an old token is the newer one, which another request has fetched meanwhile', async () => {
    const one = authorizer();
    const old = await one.answer(bearer(), SCOPE);
    expect(await one.answer(bearer(), SCOPE, old)).to.equal('Bearer fake-token-2');
    expect(await one.answer(bearer(), SCOPE, old)).to.equal('Bearer fake-token-2');
    expect(registry.tokenRequests).to.have.length(2);
  });

  it('is fetched anew at the moment when it expires', async () => {
    const one = authorizer();
    await one.answer(bearer(), SCOPE);
    clock.advance(49_999);
    expect(await one.header(SCOPE)).to.equal('Bearer fake-token-1');
    clock.advance(1);
    expect(await one.header(SCOPE)).to.equal('Bearer fake-token-2');
  });

  it('is for what is read and for what the registry asks for, each once', async () => {
    await authorizer().answer(bearer(`,scope="${SCOPE}"`), SCOPE);
    await authorizer().answer(bearer(',scope="registry:catalog:*"'), SCOPE);
    await authorizer().answer(bearer(), SCOPE);
    await authorizer().answer(bearer(), '');
    expect(scopes()).to.deep.equal([[SCOPE], [SCOPE, 'registry:catalog:*'], [SCOPE], []]);
  });

  it('that could not be had is asked for again, not remembered', async () => {
    const one = authorizer();
    registry.faults.push((_, response) => response.writeHead(404).end());
    await one.answer(bearer(), SCOPE).then(
      () => expect.fail('it was given'),
      () => undefined,
    );
    expect(await one.header(SCOPE)).to.equal('Bearer fake-token-1');
  });

  it('is not fetched from a token server that anyone could listen to', async () => {
    const error = await refusal(authorizer().answer('Bearer realm="http://auth.example.com/t?x=hunter2"', SCOPE));
    expect(error).to.include({
      code: 'registry-unreachable',
      message: `${registry.host} names a token server that kdeploy does not send credentials to: http://auth.example.com/t?x=***`,
      hint: 'the token server must use HTTPS (plain HTTP is allowed only on this machine)',
    });
  });

  it('makes its credentials known as secrets, in both forms', async () => {
    await authorizer().lookup();
    expect(redact('hunter2-password')).to.equal('***');
    expect(redact(basic('me', 'hunter2-password').slice('Basic '.length))).to.equal('***');
  });
});
