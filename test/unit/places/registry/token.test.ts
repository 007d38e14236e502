import { expect } from 'chai';
import { ConnectionError } from '../../../../src/places/registry/connection-error.js';
import type { Credentials } from '../../../../src/places/registry/credentials/credentials.js';
import { RegistryError } from '../../../../src/places/registry/registry-error.js';
import {
  fetchToken,
  isTokenServerTrusted,
  TokenRefusal,
  type TokenRequest,
} from '../../../../src/places/registry/token.js';
import { Transport } from '../../../../src/places/registry/transport.js';
import { redact } from '../../../../src/secrets/redaction.js';
import { failure } from '../../../support/failure.js';
import { everythingIn } from '../../../support/everything-in.js';
import { FakeClock } from './fake-clock.js';
import { basic } from './fake-registry.js';
import { wireTo } from './fake-wire.js';

const REALM = 'https://auth.r.io/token';

describe('a token server', () => {
  const table: [realm: string, isTrusted: boolean][] = [
    [REALM, true],
    ['https://auth.r.io:8443/token?a=b', true],
    ['http://localhost:5000/token', true],
    ['http://127.0.0.1/token', true],
    ['http://[::1]:5000/token', true],
    ['http://auth.r.io/token', false],
    ['http://localhost.r.io/token', false],
    ['ftp://localhost/token', false],
    ['wss://auth.r.io/token', false],
    ['https://me@auth.r.io/token', false],
    ['https://:hunter2@auth.r.io/token', false],
    ['https://me:hunter2@auth.r.io/token', false],
    ['https://auth.r.io@evil.example.com/token', false],
    ['/token', false],
    ['', false],
  ];
  for (const [realm, isTrusted] of table) {
    it(`at ${realm === '' ? 'no address' : realm} is ${isTrusted ? 'asked' : 'not shown any credentials'}`, () => {
      expect(isTokenServerTrusted(realm)).to.equal(isTrusted);
    });
  }
});

describe('the token server of a registry that the user wants to speak to without TLS', () => {
  it('may be on the same host without TLS, and on no other', () => {
    expect(isTokenServerTrusted('http://r.local:5001/token', 'r.local')).to.equal(true);
    expect(isTokenServerTrusted('https://auth.local/token', 'r.local')).to.equal(true);
    for (const realm of ['http://auth.local/token', 'http://me@r.local/token', 'http://r.local.evil.example.com/token'])
      expect(isTokenServerTrusted(realm, 'r.local')).to.equal(false);
  });
});

describe('a token', () => {
  let clock: FakeClock;
  let requests: Request[];
  let answer: Response;
  beforeEach(() => {
    clock = new FakeClock();
    requests = [];
    answer = Response.json({ token: 'given' });
  });

  const me: Credentials = { kind: 'password', username: 'me', password: 'hunter2' };
  const ask = (request: Partial<TokenRequest> = {}) => {
    const transport = new Transport({
      clock,
      random: () => 0,
      wire: wireTo(({ url, method, headers, body }) => {
        if (body !== undefined && !(body instanceof Uint8Array)) throw new Error('a stream');
        requests.push(new Request(url, { method, headers, ...(body !== undefined && { body: Buffer.from(body) }) }));
        return answer;
      }),
    });
    const nothing = { service: undefined, scopes: [], credentials: undefined };
    return fetchToken(transport, { realm: new URL(REALM), ...nothing, ...request });
  };

  describe('is asked for', () => {
    it('without what the registry did not say, by nobody', async () => {
      await ask();
      expect(requests.map(({ method, url }) => [method, url])).to.deep.equal([['GET', REALM]]);
      expect(requests[0]?.headers.get('authorization')).to.equal(null);
    });

    it('with the service, every scope and the account, next to what the address has already', async () => {
      const realm = new URL(`${REALM}?tenant=a`);
      await ask({ realm, service: 's', scopes: ['repository:a:pull', 'repository:b:pull'], credentials: me });
      const { searchParams } = new URL(requests[0]?.url ?? '');
      expect([...searchParams]).to.deep.equal([
        ['tenant', 'a'],
        ['service', 's'],
        ['scope', 'repository:a:pull'],
        ['scope', 'repository:b:pull'],
        ['account', 'me'],
      ]);
      expect(requests[0]?.headers.get('authorization')).to.equal(basic('me', 'hunter2'));
    });

    it('with an identity token in a form, the scopes in one field', async () => {
      const credentials = { kind: 'identity-token', token: 'refresh' } as const;
      await ask({ service: 's', scopes: ['repository:a:pull', 'repository:b:pull'], credentials });
      expect(requests[0]).to.include({ method: 'POST', url: REALM });
      expect(requests[0]?.headers.get('content-type')).to.equal('application/x-www-form-urlencoded');
      expect([...new URLSearchParams(await requests[0]?.text())]).to.deep.equal([
        ['grant_type', 'refresh_token'],
        ['client_id', 'kdeploy'],
        ['refresh_token', 'refresh'],
        ['service', 's'],
        ['scope', 'repository:a:pull repository:b:pull'],
      ]);
    });

    it('with an identity token, and without what the registry did not say', async () => {
      await ask({ credentials: { kind: 'identity-token', token: 'refresh' } });
      expect([...new URLSearchParams(await requests[0]?.text()).keys()]).to.deep.equal([
        'grant_type',
        'client_id',
        'refresh_token',
      ]);
    });
  });

  describe('is taken', () => {
    const answers: [what: string, answer: unknown, token: string | undefined][] = [
      ['by the name token', { token: 'a', access_token: 'b' }, 'a'],
      ['by the name access_token', { access_token: 'b' }, 'b'],
      ['by the other name, where one is empty', { token: '', access_token: 'b' }, 'b'],
      ['by the other name, where one is no text', { token: 7, access_token: 'b' }, 'b'],
      ['not where both are empty', { token: '', access_token: '' }, undefined],
      ['not with a line break', { token: 'a\r\nX-Evil: 1' }, undefined],
      ['not with a space', { token: 'a b' }, undefined],
      ['not with letters that no header has', { token: 'ä' }, undefined],
      ['not from a number', { token: 7 }, undefined],
      ['not from null', null, undefined],
      ['not from a text', 'token', undefined],
      ['not from a list', [], undefined],
    ];
    for (const [what, value, token] of answers) {
      it(what, async () => {
        answer = Response.json(value);
        if (token !== undefined) expect((await ask()).token).to.equal(token);
        else {
          expect(await failure(ask()))
            .to.be.instanceOf(RegistryError)
            .and.to.have.property('message', `GET ${REALM}: 200 OK: the token server responded without a token`);
        }
      });
    }

    it('not from a reply that is not JSON', async () => {
      answer = new Response('hunter2');
      const error = await failure(ask());
      expect(error).to.be.instanceOf(RegistryError);
      expect(everythingIn(error)).not.to.contain('hunter2');
    });

    it('and from then on printed nowhere', async () => {
      answer = Response.json({ token: 'quite-a-token' });
      await ask();
      expect(redact('it was quite-a-token')).to.equal('it was ***');
    });
  });

  describe('is used', () => {
    const lifetimes: [expires: unknown, seconds: number][] = [
      [300, 290],
      [60, 50],
      // Ten seconds would be all of it.
      [12, 6],
      [0.5, 0.25],
      // The protocol's default: a minute.
      [undefined, 50],
      [null, 50],
      ['300', 50],
      [0, 50],
      [-1, 50],
    ];
    for (const [expires, seconds] of lifetimes) {
      it(`for ${seconds} s, where the server says ${String(expires)}`, async () => {
        answer = Response.json({ token: 'a', expires_in: expires });
        expect((await ask()).expiresAt - clock.now()).to.equal(seconds * 1000);
      });
    }
  });

  describe('that is not given', () => {
    for (const status of [400, 401, 403]) {
      it(`tells wrong credentials from other troubles (status ${status})`, async () => {
        answer = Response.json({ details: 'incorrect password' }, { status });
        const error = await failure(ask({ credentials: me }));
        expect(error).to.be.instanceOf(TokenRefusal).and.to.have.property('name', 'TokenRefusal');
        const { answer: refusal, cause, message } = error as TokenRefusal;
        expect(cause).to.equal(refusal);
        expect(refusal.status).to.equal(status);
        expect(message).to.equal(refusal.message).and.to.contain('incorrect password');
      });
    }

    it('tells other troubles as they are', async () => {
      answer = new Response(null, { status: 404 });
      expect(await failure(ask({ credentials: me })))
        .to.be.instanceOf(RegistryError)
        .and.to.have.property('status', 404);
    });

    it('because there is no connection, is no refusal', async () => {
      const transport = new Transport({ clock, wire: wireTo(() => Promise.reject(new Error('cut'))) });
      const request = { realm: new URL(REALM), service: undefined, scopes: [], credentials: me };
      expect(await failure(fetchToken(transport, request))).to.be.instanceOf(ConnectionError);
    });

    const short: readonly Credentials[] = [
      { kind: 'password', username: 'me', password: 'pw1x' },
      { kind: 'identity-token', token: 'pw1x' },
    ];
    for (const credentials of short) {
      it(`repeats nothing of the ${credentials.kind}, however short it is`, async () => {
        answer = Response.json({ error_description: 'no user with pw1x here' }, { status: 401 });
        const error = await failure(ask({ credentials }));
        expect((error as Error).message).to.contain('no user with *** here');
        expect(everythingIn(error)).not.to.contain('pw1x');
      });
    }
  });
});
