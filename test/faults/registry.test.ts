import { expect } from 'chai';
import { digestOf } from '../../src/image/digest.js';
import { MEDIA_TYPES } from '../../src/image/manifest.js';
import { parseReference } from '../../src/image/reference.js';
import { RegistryClient } from '../../src/places/registry/client.js';
import { readRemoteImage } from '../../src/places/registry/remote-image.js';
import { FakeClock } from '../unit/places/registry/fake-clock.js';
import { FakeRegistry } from '../unit/places/registry/fake-registry.js';
import { everythingIn, refusal } from '../unit/places/registry/refusal.js';
import { FAULTS, FaultProxy, type Fault } from './fault-proxy.js';

const PASSWORD = 'hunter2-of-the-registry';
const LAYER = 'layer of amd64';
const AMD64 = { os: 'linux', architecture: 'amd64' };
const descriptor = { mediaType: MEDIA_TYPES.ociLayerGzip, digest: digestOf(LAYER), size: LAYER.length };

/** Everything that is asked of a registry, and the request in it that is spoiled. */
const CALLS: readonly [
  what: string,
  route: RegExp,
  call: (client: RegistryClient, host: string) => Promise<unknown>,
][] = [
  ['whether it is there', /^GET \/v2\/$/, (client) => client.ping()],
  ['for its challenge', /^GET \/v2\/$/, (client) => client.authenticate()],
  ['for a token', /^GET \/token$/, (client) => client.authenticate()],
  ['what a tag names', /\/manifests\//, (client, host) => client.headManifest(reference(host))],
  ['for a manifest', /\/manifests\//, (client, host) => client.getManifest(reference(host))],
  ['for a configuration', /\/blobs\//, (client, host) => readRemoteImage(reference(host), AMD64, client)],
  ['for a layer', /\/blobs\//, (client, host) => drained(client.readBlob(reference(host), descriptor))],
];

/** The challenge comes without a body, which a page that is not one may lack as well. */
const HARMLESS: readonly [fault: Fault, what: RegExp][] = [
  ['an answer without content', /whether it is there|for its challenge/],
  ['an empty object', /whether it is there|for its challenge/],
  ['null for an answer', /whether it is there|for its challenge/],
  ['a list of numbers', /whether it is there|for its challenge/],
  ['text that is no JSON', /whether it is there|for its challenge/],
  ['ended in the middle of the answer', /whether it is there|for its challenge/],
  // A HEAD with nothing in it is asked again, as a GET; and what has no body cannot be cut in the middle.
  ['cut in the middle of the answer', /what a tag names/],
  // All of its bytes came, which their digest says.
  ['cut in the middle of the answer', /for a configuration|for a layer/],
];

describe('a registry’s answer', () => {
  let registry: FakeRegistry;
  let proxy: FaultProxy;

  beforeEach(async () => {
    const clock = new FakeClock();
    registry = await FakeRegistry.start(clock);
    proxy = await FaultProxy.startOnPort(registry.host);
    registry.addImage('team/app', { tag: 'v1' });
    registry.login = { kind: 'bearer', username: 'me', password: PASSWORD, realm: `http://${proxy.host}/token` };
  });

  afterEach(async () => {
    await proxy.stop();
    await registry.stop();
  });

  const client = (): RegistryClient =>
    new RegistryClient(proxy.host, {
      clock: new FakeClock(),
      random: () => 0,
      headTimeoutMs: 500,
      totalTimeoutMs: 500,
      retry: { attempts: 2, firstDelayMs: 1, maximumDelayMs: 60_000 },
      credentials: () =>
        Promise.resolve({
          registry: proxy.host,
          failures: [],
          looked: [],
          credentials: { kind: 'password', username: 'me', password: PASSWORD },
          source: '~/.docker/config.json',
        }),
    });

  for (const [what, route, call] of CALLS) {
    it(`is awaited to its end, and taken for a registry's only where it is one: asked ${what}`, async () => {
      await call(client(), proxy.host);
      for (const fault of Object.keys(FAULTS) as Fault[]) {
        if (HARMLESS.some(([harmless, calls]) => harmless === fault && calls.test(what))) continue;
        proxy.spoil(fault, route);
        const error = await refusal(call(client(), proxy.host)).catch((other: unknown) => {
          throw new Error(`${what}: ${fault}: ${String(other)}`, { cause: other });
        });
        expect(error.code, fault).to.be.oneOf(['registry-unreachable', 'credentials']);
        expect(everythingIn(error), fault).not.to.contain('hunter2');
        expect(error.message, fault).not.to.match(/undefined|Unexpected token|Cannot read|is not a function/);
      }
    });
  }
});

const reference = (host: string) => parseReference(`${host}/team/app:v1`);

async function drained(bytes: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of bytes) expect(chunk).not.to.equal(undefined);
}
