import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { digestOf } from '../../../../src/image/digest.js';
import { MEDIA_TYPES } from '../../../../src/image/manifest.js';
import { parseReference, type ImageReference } from '../../../../src/image/reference.js';
import { RegistryClient, type RegistryClientOptions } from '../../../../src/places/registry/client.js';
import type { CredentialLookup, Credentials } from '../../../../src/places/registry/credentials/credentials.js';
import { HttpWire } from '../../../../src/places/registry/http-wire.js';
import { FakeClock } from './fake-clock.js';
import { basic, FakeRegistry, send, sendError, type Fault } from './fake-registry.js';
import { everythingIn, refusal } from './refusal.js';

const PASSWORD = 'hunter2-registry-password';

describe('the registry client', () => {
  let registry: FakeRegistry;
  let clock: FakeClock;

  beforeEach(async () => {
    clock = new FakeClock();
    registry = await FakeRegistry.start(clock);
  });
  afterEach(() => registry.stop());

  const reference = (rest = 'team/app:v1'): ImageReference => parseReference(`${registry.host}/${rest}`);

  function clientWith(
    credentials?: Credentials,
    options: RegistryClientOptions = {},
    more: Partial<CredentialLookup> = {},
  ) {
    return new RegistryClient(registry.host, {
      clock,
      random: () => 0,
      credentials: () =>
        Promise.resolve({
          registry: registry.host,
          failures: [],
          looked: ['~/.docker/config.json'],
          ...(credentials === undefined ? {} : { credentials, source: 'credsStore desktop (~/.docker/config.json)' }),
          ...more,
        }),
      ...options,
    });
  }
  const me: Credentials = { kind: 'password', username: 'me', password: PASSWORD };

  describe('reads', () => {
    it('what a tag names, by HEAD, without its body', async () => {
      const { digest, size } = registry.addImage('team/app', { tag: 'v1' });
      expect(await clientWith().headManifest(reference())).to.deep.equal({
        digest,
        size,
        mediaType: MEDIA_TYPES.ociManifest,
      });
      expect(registry.requests.map(({ method, url }) => `${method} ${url}`)).to.deep.equal([
        'HEAD /v2/team/app/manifests/v1',
      ]);
      expect(registry.requests[0]?.headers.accept).to.contain(MEDIA_TYPES.dockerManifest);
    });

    it('nothing where nothing is', async () => {
      expect(await clientWith().headManifest(reference('team/app:v2'))).to.equal(undefined);
      const error = await refusal(clientWith().getManifest(reference('team/app:v2')));
      expect(error.code).to.equal('image-not-found');
      expect(error.message).to.equal(`${registry.host} has no image ${registry.host}/team/app:v2`);
    });

    it('the digest from the manifest itself, where the registry does not send it', async () => {
      registry.isDigestHeaderSent = false;
      const { digest } = registry.addImage('team/app', { tag: 'v1' });
      expect((await clientWith().headManifest(reference()))?.digest).to.equal(digest);
    });

    it('the digest by GET, where HEAD is refused', async () => {
      const { digest } = registry.addImage('team/app', { tag: 'v1' });
      registry.faults.push((_, response) => send(response, 405));
      expect((await clientWith().headManifest(reference()))?.digest).to.equal(digest);
    });

    it('`latest` where a name has neither tag nor digest', async () => {
      registry.addImage('team/app', { tag: 'latest' });
      await clientWith().getManifest(reference('team/app'));
      expect(registry.requests[0]?.url).to.equal('/v2/team/app/manifests/latest');
    });
  });

  describe('shows credentials', () => {
    it('only when asked, and then at once: an open registry starts no lookup', async () => {
      let lookups = 0;
      registry.addImage('team/app', { tag: 'v1' });
      const credentials = (): Promise<CredentialLookup> => {
        lookups++;
        return Promise.resolve({ registry: registry.host, credentials: me, failures: [], looked: [] });
      };
      const client = clientWith(me, { credentials });
      await client.headManifest(reference());
      expect(lookups).to.equal(0);
      expect(registry.requests[0]?.headers.authorization).to.equal(undefined);

      registry.login = { kind: 'basic', username: 'me', password: PASSWORD };
      await client.headManifest(reference());
      await client.headManifest(reference());
      expect(lookups).to.equal(1);
      expect(registry.requests.slice(1).map(({ headers }) => headers.authorization)).to.deep.equal([
        undefined,
        basic('me', PASSWORD),
        basic('me', PASSWORD),
      ]);
    });

    it('as Basic, with a password that has colons and letters beyond ASCII', async () => {
      const password = 'pä:ss:wörd';
      registry.login = { kind: 'basic', username: 'me', password };
      registry.addImage('team/app', { tag: 'v1' });
      await clientWith({ kind: 'password', username: 'me', password }).getManifest(reference());
      expect(registry.requests.at(-1)?.headers.authorization).to.equal(basic('me', password));
    });

    it('to the token server, and its token to the registry', async () => {
      registry.login = { kind: 'bearer', username: 'me', password: PASSWORD };
      registry.addImage('team/app', { tag: 'v1' });
      await clientWith(me).getManifest(reference());

      const [asked] = registry.tokenRequests;
      const query = new URL(asked?.url ?? '', 'http://x').searchParams;
      expect(asked?.headers.authorization).to.equal(basic('me', PASSWORD));
      expect(Object.fromEntries(query)).to.deep.equal({
        service: 'fake',
        scope: 'repository:team/app:pull',
        account: 'me',
      });
      expect(registry.asked.map(({ headers }) => headers.authorization)).to.deep.equal([
        undefined,
        'Bearer fake-token-1',
      ]);
    });

    it('with one token per repository, kept until shortly before it expires', async () => {
      registry.login = { kind: 'bearer', username: 'me', password: PASSWORD, lifetimeS: 60 };
      registry.addImage('team/app', { tag: 'v1' });
      registry.addImage('team/other', { tag: 'v1' });
      const client = clientWith(me);
      await client.getManifest(reference());
      await client.getManifest(reference());
      await client.getManifest(reference('team/other:v1'));
      clock.advance(49_000);
      await client.getManifest(reference());
      clock.advance(2_000);
      await client.getManifest(reference());
      expect(registry.asked.map(({ headers }) => headers.authorization)).to.deep.equal([
        undefined,
        'Bearer fake-token-1',
        'Bearer fake-token-1',
        'Bearer fake-token-2',
        'Bearer fake-token-1',
        'Bearer fake-token-3',
      ]);
    });

    it('with one token for requests that start together', async () => {
      registry.login = { kind: 'bearer', username: 'me', password: PASSWORD };
      registry.addImage('team/app', { tag: 'v1' });
      const client = clientWith(me);
      await client.getManifest(reference());
      registry.requests.length = 0;
      clock.advance(3_600_000);
      await Promise.all([1, 2, 3].map(() => client.getManifest(reference())));
      expect(registry.tokenRequests).to.have.length(1);
    });

    it('with a new token when the server forgot the old one early', async () => {
      registry.login = { kind: 'bearer', username: 'me', password: PASSWORD };
      registry.addImage('team/app', { tag: 'v1' });
      const client = clientWith(me);
      await client.getManifest(reference());
      registry.faults.push((_, response) =>
        sendError(response, 401, 'UNAUTHORIZED', {
          'WWW-Authenticate': `Bearer realm="http://${registry.host}/token",service="fake"`,
        }),
      );
      await client.getManifest(reference());
      expect(registry.asked.at(-1)?.headers.authorization).to.equal('Bearer fake-token-2');
    });

    it('as an identity token by the refresh grant, in the body and never in an address', async () => {
      const token = 'hunter2-identity-token';
      registry.login = { kind: 'bearer', identityToken: token };
      registry.addImage('team/app', { tag: 'v1' });
      await clientWith({ kind: 'identity-token', token }).getManifest(reference());
      const [asked] = registry.tokenRequests;
      expect(asked?.method).to.equal('POST');
      expect(asked?.url).to.equal('/token');
      expect(Object.fromEntries(new URLSearchParams(asked?.body))).to.deep.equal({
        grant_type: 'refresh_token',
        client_id: 'kdeploy',
        refresh_token: token,
        service: 'fake',
        scope: 'repository:team/app:pull',
      });
      expect(registry.asked.at(-1)?.headers.authorization).to.equal('Bearer fake-token-1');
    });

    it('as a ready bearer token, when that is what was found', async () => {
      registry.login = { kind: 'basic', username: 'x', password: 'y' };
      await refusal(clientWith({ kind: 'registry-token', token: 'ready' }).getManifest(reference()));
      expect(registry.requests.at(-1)?.headers.authorization).to.equal('Bearer ready');
    });

    it('not at all when none were found: public images come with an anonymous token', async () => {
      registry.login = { kind: 'bearer', anonymous: true };
      registry.addImage('team/app', { tag: 'v1' });
      await clientWith().getManifest(reference());
      expect(registry.tokenRequests[0]?.headers.authorization).to.equal(undefined);
    });

    it('and says when the token server gives no token that could be sent on', async () => {
      for (const body of ['{}', 'hunter2-page', '{"token":""}', '{"token":"hunter2\\r\\nX-Evil: 1"}']) {
        registry.login = { kind: 'bearer' };
        registry.faults.push((_, response) => {
          registry.faults.push((__, answer) => send(answer, 200, body));
          sendError(response, 401, 'UNAUTHORIZED', {
            'WWW-Authenticate': `Bearer realm="http://${registry.host}/token"`,
          });
        });
        const error = await refusal(clientWith(me).getManifest(reference()));
        expect(error.code).to.equal('registry-unreachable');
        expect(everythingIn(error)).to.contain('responded without a token').and.not.contain('hunter2');
      }
    });

    it('never to a token server in clear text on another machine', async () => {
      for (const realm of [
        'http://auth.example.com/token',
        'ftp://127.0.0.1/',
        'http://127.0.0.1.example.com/',
        'token',
        '',
      ]) {
        registry.requests.length = 0;
        registry.login = { kind: 'bearer', realm };
        const error = await refusal(clientWith(me).getManifest(reference()));
        expect(error.code).to.equal('registry-unreachable');
        expect(error.message).to.contain('token server that kdeploy does not send credentials to');
        expect(registry.requests).to.have.length(1);
      }
    });

    it('never along a redirect of the token server', async () => {
      const thief = await FakeRegistry.start(clock);
      registry.login = { kind: 'bearer', identityToken: 'hunter2-identity-token' };
      const redirect: Fault = (_, response) => send(response, 307, '', { Location: `http://${thief.host}/token` });
      registry.faults.push((_, response) => {
        registry.faults.push(redirect);
        sendError(response, 401, 'UNAUTHORIZED', {
          'WWW-Authenticate': `Bearer realm="http://${registry.host}/token"`,
        });
      });
      const client = clientWith({ kind: 'identity-token', token: 'hunter2-identity-token' });
      const error = await refusal(client.getManifest(reference()));
      expect(error.code).to.equal('registry-unreachable');
      expect(thief.requests).to.deep.equal([]);
      await thief.stop();
    });

    it('never to the blob store that the registry redirects to, not even when that asks for them', async () => {
      const store = await FakeRegistry.start(clock);
      registry.login = { kind: 'basic', username: 'me', password: PASSWORD };
      const { digest } = registry.addImage('team/app', { tag: 'v1' });
      const document = registry.manifests.get(`team/app@${digest}`)?.bytes ?? Buffer.alloc(0);
      const client = clientWith(me);
      await client.headManifest(reference());

      const redirect: Fault = (_, response) =>
        send(response, 307, '', {
          Location: `http://${store.host}/v2/team/app/manifests/v1?X-Signature=hunter2-signed`,
        });
      registry.faults.push(redirect);
      store.faults.push((_, response) => send(response, 200, document, { 'Content-Type': MEDIA_TYPES.ociManifest }));
      expect((await client.getManifest(reference())).digest).to.equal(digest);
      expect(registry.requests.at(-1)?.headers.authorization).to.equal(basic('me', PASSWORD));
      expect(store.requests[0]?.headers.authorization).to.equal(undefined);

      registry.faults.push(redirect);
      store.login = { kind: 'basic', username: 'me', password: PASSWORD };
      const error = await refusal(client.getManifest(reference()));
      expect(store.requests).to.have.length(2);
      expect(store.requests[1]?.headers.authorization).to.equal(undefined);
      expect(error.code).to.equal('registry-unreachable');
      expect(everythingIn(error)).to.contain('X-Signature=***').and.not.contain('hunter2');
      await store.stop();
    });
  });

  describe('when the registry refuses', () => {
    it('says where credentials were looked for, why a source failed, and what to type', async () => {
      registry.login = { kind: 'basic', username: 'me', password: PASSWORD };
      const client = clientWith(
        undefined,
        {},
        {
          failures: [{ source: 'credsStore desktop', reason: 'docker-credential-desktop is not on PATH' }],
        },
      );
      const error = await refusal(client.getManifest(reference()));
      expect(error.code).to.equal('credentials');
      expect(error.message).to.equal(
        `${registry.host} requires credentials for ${registry.host}/team/app:v1, but none were found; ` +
          'looked in ~/.docker/config.json; credsStore desktop: docker-credential-desktop is not on PATH',
      );
      expect(error.hint).to.equal(`run \`docker login ${registry.host}\``);
    });

    for (const login of ['basic', 'bearer'] as const) {
      it(`names the source of a wrong password, never the password (${login})`, async () => {
        registry.login = { kind: login, username: 'me', password: 'another' };
        const error = await refusal(clientWith(me).getManifest(reference()));
        expect(error.code).to.equal('credentials');
        expect(error.message).to.equal(
          `${registry.host} rejected the credentials from credsStore desktop (~/.docker/config.json)`,
        );
        expect(everythingIn(error)).not.to.contain('hunter2');
      });
    }

    it('tells a wrong password from a right that is missing', async () => {
      registry.faults.push((_, response) => sendError(response, 403, 'DENIED'));
      registry.login = { kind: 'basic', username: 'me', password: PASSWORD };
      const client = clientWith(me);
      registry.faults.unshift((_, response) =>
        sendError(response, 401, 'UNAUTHORIZED', { 'WWW-Authenticate': 'Basic realm="x"' }),
      );
      const error = await refusal(client.getManifest(reference()));
      expect(error.code).to.equal('credentials');
      expect(error.message).to.contain('does not exist, or the credentials from credsStore desktop');
      expect(everythingIn(error)).to.contain('403 Forbidden: DENIED: denied');
    });

    it('repeats nothing that the server echoes of a secret', async () => {
      const echo: Fault = ({ headers }, response) =>
        send(
          response,
          headers.authorization === undefined ? 401 : 400,
          JSON.stringify({
            errors: [{ code: 'UNKNOWN', message: `you sent ${headers.authorization ?? ''}, that is me:${PASSWORD}` }],
          }),
          { 'Content-Type': 'application/json', 'WWW-Authenticate': 'Basic realm="x"' },
        );
      registry.faults.push(echo, echo);
      const error = await refusal(clientWith(me).getManifest(reference()));
      const text = everythingIn(error);
      expect(text).to.contain('you sent Basic ***');
      expect(text).not.to.contain('hunter2');
      expect(text).not.to.contain(basic('me', PASSWORD).slice('Basic '.length));
    });

    it('does not dump the page of a proxy', async () => {
      registry.faults.push((_, response) =>
        send(response, 404, '<html><body>Acme intranet</body></html>', { 'Content-Type': 'text/html; charset=utf-8' }),
      );
      const error = await refusal(clientWith().getManifest(reference()));
      expect(error.code).to.equal('registry-unreachable');
      expect(error.message).to.contain('did not respond like a container registry');
      expect(everythingIn(error)).not.to.contain('intranet');
    });
  });

  describe('checks', () => {
    it('the manifest against the digest that was asked for', async () => {
      const { digest } = registry.addImage('team/app', { tag: 'v1' });
      registry.manifests.set(`team/app@${digest}`, { bytes: Buffer.from('{}'), mediaType: MEDIA_TYPES.ociManifest });
      registry.isDigestHeaderSent = false;
      const error = await refusal(clientWith().getManifest(reference(`team/app@${digest}`)));
      expect(error.code).to.equal('registry-unreachable');
      expect(error.message).to.contain(`with the digest ${digestOf('{}')}, not ${digest}`);
    });

    it('the manifest against the digest that the registry promised', async () => {
      registry.faults.push((_, response) =>
        send(response, 200, '{}', {
          'Docker-Content-Digest': digestOf('another'),
          'Content-Type': MEDIA_TYPES.ociManifest,
        }),
      );
      expect((await refusal(clientWith().getManifest(reference()))).message).to.contain(digestOf('another'));
    });

    it('the digest that HEAD promises against the one that was asked for', async () => {
      const { digest } = registry.addImage('team/app', { tag: 'v1' });
      const another = digestOf('another');
      registry.faults.push((_, response) =>
        send(response, 200, '', {
          'Docker-Content-Digest': another,
          'Content-Length': '7',
          'Content-Type': MEDIA_TYPES.ociManifest,
        }),
      );
      expect((await clientWith().headManifest(reference(`team/app@${digest}`)))?.digest).to.equal(digest);
    });

    const PAGE = '<!doctype html><title>Sign in to the network</title>';
    const lies: readonly [what: string, status: number, body: string, headers: Record<string, string>][] = [
      ['a login page', 200, PAGE, { 'Content-Type': 'text/html; charset=utf-8' }],
      ['a page without a type', 200, PAGE, {}],
      ['a page that is called JSON', 200, `\n ${PAGE}`, { 'Content-Type': 'application/json' }],
      ['a page that is called a manifest', 200, PAGE, { 'Content-Type': MEDIA_TYPES.ociManifest }],
      ['the page of a web server that finds nothing', 404, PAGE, { 'Content-Type': 'TEXT/HTML' }],
      ['a page in XML', 404, '<?xml version="1.0"?><html/>', { 'Content-Type': 'application/xhtml+xml' }],
    ];
    for (const [what, status, body, headers] of lies) {
      it(`that it is a registry, which ${what} is not`, async () => {
        const lie: Fault = ({ method }, response) => send(response, status, method === 'HEAD' ? '' : body, headers);
        const asks: ((client: RegistryClient) => Promise<unknown>)[] = [
          (client) => client.getManifest(reference()),
          (client) => client.headManifest(reference()),
          (client) => client.authenticate(),
          (client) => client.ping(),
        ];
        for (const ask of asks) {
          registry.faults.splice(0, Infinity, lie, lie);
          // A 404 to HEAD without a body and a type may be anybody's.
          const error = await refusal(ask(clientWith(me)));
          expect(error.code).to.equal('registry-unreachable');
          expect(error.message).to.contain('did not respond like a container registry');
          expect(everythingIn(error)).not.to.contain('Sign in');
        }
      });
    }

    for (const [what, body] of [
      ['no JSON', 'nonsense'],
      ['a list', '[]'],
      ['cut short', '{"schemaVersion":2,'],
      ['empty', ''],
    ] as const) {
      it(`that a manifest is one, and not ${what}`, async () => {
        const headers = { 'Content-Type': MEDIA_TYPES.ociManifest, 'Docker-Content-Digest': digestOf(body) };
        registry.faults.push((_, response) => send(response, 200, body, headers));
        const error = await refusal(clientWith().getManifest(reference()));
        expect(error.code).to.equal('registry-unreachable');
        expect(error.message).to.contain('something other than a manifest');
      });
    }

    it('that whoever wants to see credentials says which', async () => {
      registry.faults.push((_, response) => send(response, 401, '{}', { 'Content-Type': 'application/json' }));
      const error = await refusal(clientWith().ping());
      expect(error.code).to.equal('registry-unreachable');
    });

    it('how much it is sent', async () => {
      registry.faults.push((_, response) => send(response, 200, Buffer.alloc(5 * 1024 * 1024)));
      const error = await refusal(clientWith().getManifest(reference()));
      expect(error.code).to.equal('registry-unreachable');
      expect(error.message).to.contain('larger than 4194304 bytes');
    });
  });

  describe('in bad weather', () => {
    const status = (code: number, headers: Record<string, string> = {}): Fault => {
      return (_, response) => send(response, code, '', headers);
    };

    it('tries again after 503, with doubling delays', async () => {
      const { digest } = registry.addImage('team/app', { tag: 'v1' });
      registry.faults.push(status(503), status(503));
      expect((await clientWith().getManifest(reference())).digest).to.equal(digest);
      expect(clock.sleeps).to.deep.equal([250, 500]);
    });

    it('draws each delay from the upper half of its span', async () => {
      registry.faults.push(status(503), status(503), status(503), status(503));
      const error = await refusal(clientWith(undefined, { random: () => 1 }).getManifest(reference()));
      expect(clock.sleeps).to.deep.equal([500, 1000, 2000]);
      expect(error.code).to.equal('registry-unreachable');
      expect(error.message).to.equal(
        `${registry.host} returned status 503 for ${registry.host}/team/app:v1 (tried 4 times)`,
      );
    });

    it('waits as long as Retry-After says, in seconds or until a date', async () => {
      registry.addImage('team/app', { tag: 'v1' });
      const date = new Date(clock.now() + 7_000 + 20_000).toUTCString();
      registry.faults.push(status(429, { 'Retry-After': '7' }), status(503, { 'Retry-After': date }));
      await clientWith().getManifest(reference());
      expect(clock.sleeps).to.deep.equal([7_000, 20_000]);
    });

    it('does not wait for an hour, but says who asks for it', async () => {
      registry.faults.push(status(429, { 'Retry-After': '3600' }));
      const error = await refusal(clientWith().getManifest(reference()));
      expect(clock.sleeps).to.deep.equal([]);
      expect(error.message).to.contain('the rate limit of').and.contain('to wait 3600 s');
    });

    it('tries again when the connection is reset', async () => {
      registry.addImage('team/app', { tag: 'v1' });
      registry.faults.push((_, response) => response.socket?.destroy());
      await clientWith().getManifest(reference());
      expect(registry.requests).to.have.length(2);
    });

    it('tries again when the body breaks off', async () => {
      const { digest } = registry.addImage('team/app', { tag: 'v1' });
      registry.faults.push((_, response) => {
        response.writeHead(200, { 'Content-Length': '1000', 'Content-Type': MEDIA_TYPES.ociManifest });
        response.write('{"schemaVersion":2', () => response.socket?.destroy());
      });
      expect((await clientWith().getManifest(reference())).digest).to.equal(digest);
    });

    it('gives up on a connection that breaks each time, and says so', async () => {
      for (let count = 0; count < 4; count++) registry.faults.push((_, response) => response.socket?.destroy());
      const error = await refusal(clientWith().getManifest(reference()));
      expect(error.code).to.equal('registry-unreachable');
      expect(error.message).to.contain(`${registry.host} closed the connection without a response (tried 4 times)`);
    });

    it('does not try again what will not change', async () => {
      registry.faults.push((_, response) => sendError(response, 400, 'NAME_INVALID'));
      const error = await refusal(clientWith().getManifest(reference()));
      expect(registry.requests).to.have.length(1);
      expect(everythingIn(error)).to.contain('NAME_INVALID: name invalid');
    });

    it('tries the token server again, too', async () => {
      registry.login = { kind: 'bearer', username: 'me', password: PASSWORD };
      registry.addImage('team/app', { tag: 'v1' });
      registry.faults.push((_, response) => {
        registry.faults.push(status(502));
        sendError(response, 401, 'UNAUTHORIZED', {
          'WWW-Authenticate': `Bearer realm="http://${registry.host}/token"`,
        });
      });
      await clientWith(me).getManifest(reference());
      expect(registry.tokenRequests).to.have.length(2);
    });

    it('gives up on a server that says nothing', async () => {
      registry.faults.push(() => undefined);
      const error = await refusal(clientWith(undefined, { headTimeoutMs: 50 }).getManifest(reference()));
      expect(error.code).to.equal('registry-unreachable');
      expect(error.message).to.contain(`${registry.host} did not respond in time`);
      expect(registry.requests).to.have.length(1);
    });

    it('gives up on a server that never gets to the end', async () => {
      registry.faults.push((_, response) => {
        response.writeHead(200, { 'Content-Length': '1000' });
        response.write('{');
      });
      const error = await refusal(clientWith(undefined, { totalTimeoutMs: 80 }).getManifest(reference()));
      expect(error.message).to.contain('did not respond in time');
    });

    it('stops at Ctrl-C, also while it waits', async () => {
      const interrupt = new AbortController();
      registry.faults.push((_, response) => {
        send(response, 503);
      });
      const waiting = {
        now: () => clock.now(),
        sleep: (_: number, signal?: AbortSignal) => {
          interrupt.abort();
          return Promise.reject(signal?.reason instanceof Error ? signal.reason : new Error('not told'));
        },
      };
      const client = clientWith(undefined, { clock: waiting, signal: interrupt.signal });
      expect((await refusal(client.getManifest(reference()))).code).to.equal('interrupted');
    });

    it('says that the connection was refused', async () => {
      const { host } = registry;
      await registry.stop();
      const error = await refusal(clientWith().ping());
      expect(error.code).to.equal('registry-unreachable');
      expect(error.message).to.equal(`${host} refused the connection`);
      registry = await FakeRegistry.start(clock);
    });

    it('says that there is no such host', async () => {
      const client = new RegistryClient('registry.invalid', { clock });
      const error = await refusal(client.ping());
      expect(error.message).to.match(
        /^registry\.invalid cannot be found: (?:its host name does not resolve|the DNS lookup failed)/,
      );
    });

    it('says that a server speaks no https', async () => {
      const server = createServer((_, response) => response.end('plain'));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as AddressInfo;
      const wire = new HttpWire();
      // The name is not this machine's, so the client insists on https; only the connection is turned to here.
      const client = new RegistryClient('registry.example.com', {
        clock,
        wire: { exchange: (request) => wire.exchange({ ...request, url: new URL(`https://127.0.0.1:${port}/v2/`) }) },
      });
      const error = await refusal(client.ping());
      expect(error.message).to.equal('registry.example.com does not support HTTPS');
      await new Promise((resolve) => server.close(resolve));
    });
  });

  describe('asks before anything else is done', () => {
    it('whether there is a registry, without credentials', async () => {
      registry.login = { kind: 'basic', username: 'me', password: PASSWORD };
      await clientWith(me).ping();
      expect(registry.requests.map(({ url, headers }) => [url, headers.authorization])).to.deep.equal([
        ['/v2/', undefined],
      ]);
    });

    it('whether it takes the credentials', async () => {
      expect((await clientWith(me).authenticate()).scheme).to.equal('none');
      registry.login = { kind: 'bearer', username: 'me', password: PASSWORD };
      const { scheme, lookup } = await clientWith(me).authenticate();
      expect(scheme).to.equal('bearer');
      expect(lookup.source).to.equal('credsStore desktop (~/.docker/config.json)');
      registry.login = { kind: 'basic', username: 'me', password: 'another' };
      const error = await refusal(clientWith(me).authenticate());
      expect(error.code).to.equal('credentials');
      expect(everythingIn(error)).not.to.contain('hunter2');
    });

    it('whether it is a registry at all', async () => {
      registry.faults.push((_, response) => send(response, 404, 'page not found', { 'Content-Type': 'text/plain' }));
      const error = await refusal(clientWith().ping());
      expect(error.message).to.equal(`${registry.host} did not respond like a container registry (status 404)`);
    });
  });
});
