import { expect } from 'chai';
import { digestOf } from '../../../../src/image/digest.js';
import { MEDIA_TYPES } from '../../../../src/image/manifest.js';
import { ImageReference } from '../../../../src/image/reference.js';
import { RegistryClient } from '../../../../src/places/registry/client.js';
import { notTaken } from '../../../../src/places/registry/not-taken.js';
import { RegistrySink } from '../../../../src/places/registry/registry-sink.js';
import { rejection } from '../../../support/rejection.js';
import { FakeClock } from './fake-clock.js';
import { FakeRegistry, send, sendError, type Fault } from './fake-registry.js';
import { everythingIn } from './refusal.js';

const PASSWORD = 'hunter2-manifest';

describe('a manifest that is written to a registry', () => {
  let clock: FakeClock;
  let registry: FakeRegistry;

  beforeEach(async () => {
    clock = new FakeClock();
    registry = await FakeRegistry.start(clock);
  });

  afterEach(async () => registry.stop());

  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPES.dockerManifest }));
  const document = { bytes, mediaType: MEDIA_TYPES.dockerManifest, digest: digestOf(bytes) };
  const sink = () => {
    const credentials = {
      registry: registry.host,
      credentials: { kind: 'password', username: 'me', password: PASSWORD },
      source: 'a test',
      failures: [],
      looked: [],
    } as const;
    const options = { clock, random: () => 0, headTimeoutMs: 300, credentials: () => Promise.resolve(credentials) };
    return new RegistrySink(
      new RegistryClient(registry.host, options),
      ImageReference.parse(`${registry.host}/team/app:v1`),
    );
  };
  const plain: Fault = (request, response) => {
    registry.requests.pop();
    registry.play(request, response);
  };
  const refuse =
    (status: number, code = 'DENIED'): Fault =>
    (_, response) =>
      sendError(response, status, code);
  const hangUp: Fault = (_, response) => response.socket?.destroy();
  /** What is put arrives, and the answer does not. */
  const swallow: Fault = (request, response) => {
    registry.manifests.set('team/app@v1', { bytes: request.bytes, mediaType: document.mediaType });
    response.socket?.destroy();
  };
  const asked = () => registry.asked.map(({ method, url }) => `${method} ${url.replace('/v2/team/app/', '')}`);

  it('has the repository for a name, whatever the tag', () => {
    expect(sink().name).to.equal(`${registry.host}/team/app`);
  });

  it('stands under its tag, byte by byte and with its own type, and is read back', async () => {
    await sink().writeManifest(document, 'v1');
    expect(asked()).to.deep.equal(['PUT manifests/v1', 'HEAD manifests/v1']);
    expect(registry.manifests.get('team/app@v1')).to.deep.equal({ bytes, mediaType: MEDIA_TYPES.dockerManifest });
  });

  it('stands under its digest where there is no tag', async () => {
    await sink().writeManifest(document);
    expect(asked()).to.deep.equal([`PUT manifests/${document.digest}`, `HEAD manifests/${document.digest}`]);
  });

  it('is written with a token that may push', async () => {
    registry.login = { kind: 'bearer', username: 'me', password: PASSWORD };
    await sink().writeManifest(document, 'v1');
    const scopes = registry.tokenRequests.map(({ url }) => new URL(url, 'http://r.io').searchParams.getAll('scope'));
    expect(scopes[0]).to.deep.equal(['repository:team/app:pull,push']);
  });

  for (const [what, fault] of [
    ['a server error', refuse(500, 'UNKNOWN')],
    ['a broken connection', hangUp],
  ] as const) {
    it(`is put again after ${what}`, async () => {
      registry.faults.push(fault);
      await sink().writeManifest(document, 'v1');
      expect(asked()).to.deep.equal(['PUT manifests/v1', 'PUT manifests/v1', 'HEAD manifests/v1']);
    });
  }

  it('is there where only its answers got lost (GoogleContainerTools/jib#4301)', async () => {
    registry.faults.push(...Array<Fault>(4).fill(swallow));
    await sink().writeManifest(document, 'v1');
    expect(asked().slice(-2)).to.deep.equal(['HEAD manifests/v1', 'HEAD manifests/v1']);
  });

  it('is there where the registry took it and hung', async () => {
    registry.faults.push(({ bytes: put }) => {
      registry.manifests.set('team/app@v1', { bytes: put, mediaType: document.mediaType });
    });
    await sink().writeManifest(document, 'v1');
  });

  it('is not there where nobody answers that either', async () => {
    registry.faults.push(...Array<Fault>(40).fill(hangUp));
    const error = await rejection(sink().writeManifest(document, 'v1'));
    expect([error.code, error.exitCode]).to.deep.equal(['registry-unreachable', 3]);
  });

  it('is missed where somebody else pushed the same tag', async () => {
    const { digest } = registry.addImage('team/app', {});
    const other = registry.manifests.get(`team/app@${digest}`);
    registry.faults.push(
      plain,
      ...Array<Fault>(3).fill((request, response) => {
        if (other !== undefined) registry.manifests.set('team/app@v1', other);
        plain(request, response);
      }),
    );
    const error = await rejection(sink().writeManifest(document, 'v1'));
    expect([error.code, error.exitCode]).to.deep.equal(['push-failed', 5]);
    expect(error.message).to.equal(
      `${registry.host}/team/app:v1 was pushed as ${document.digest}, but names ${digest} afterwards`,
    );
    expect(error.hint).to.include('someone else pushed the same tag');
  });

  it('may take a moment until it is there for everybody', async () => {
    registry.faults.push(plain, refuse(404, 'MANIFEST_UNKNOWN'));
    await sink().writeManifest(document, 'v1');
    expect(clock.sleeps).to.have.length(1);
  });

  it('is missed where it does not come', async () => {
    registry.faults.push(plain, ...Array<Fault>(3).fill(refuse(404, 'MANIFEST_UNKNOWN')));
    const error = await rejection(sink().writeManifest(document, 'v1'));
    expect(error.message).to.equal(`${registry.host}/team/app:v1 was pushed, but is not there afterwards`);
  });

  it('is missed where a web page answers to everything', async () => {
    const page: Fault = (_, response) => send(response, 200, '<html>', { 'Content-Type': 'text/html' });
    registry.faults.push(...Array<Fault>(9).fill(page));
    expect((await rejection(sink().writeManifest(document, 'v1'))).code).to.equal('registry-unreachable');
  });

  for (const status of [400, 404, 415]) {
    it(`of a type that is refused by ${status} says so to who can do without it (ocx-sh/ocx#480, fluxcd/flux2#3724)`, async () => {
      registry.faults.push(refuse(status, 'MANIFEST_INVALID'));
      const error = await rejection(sink().writeManifest(document));
      expect([error.code, notTaken(error)?.status]).to.deep.equal(['push-failed', status]);
      expect(notTaken(error)?.message).to.include('MANIFEST_INVALID: manifest invalid');
    });
  }

  it('that says something of another one is put as any other, for an index may list it', async () => {
    const subject = { mediaType: MEDIA_TYPES.ociManifest, digest: digestOf('image'), size: 5 };
    const about = Buffer.from(JSON.stringify({ schemaVersion: 2, subject, config: subject, layers: [] }));
    await sink().writeManifest({ bytes: about, mediaType: MEDIA_TYPES.ociManifest, digest: digestOf(about) });
    expect(asked().map((each) => each.split(' ')[0])).to.deep.equal(['PUT', 'HEAD']);
  });

  it('that is refused for now is not one that can be done without', async () => {
    registry.faults.push(...Array<Fault>(4).fill(refuse(503, 'UNAVAILABLE')));
    const error = await rejection(sink().writeManifest(document, 'v1'));
    expect([error.code, notTaken(error)]).to.deep.equal(['push-failed', undefined]);
    expect(error.hint).to.equal('push again in a moment');
  });

  it('is not put elsewhere', async () => {
    registry.faults.push((_, response) => send(response, 307, '', { Location: '/v2/another/manifests/v1' }));
    const error = await rejection(sink().writeManifest(document, 'v1'));
    expect(error.code).to.equal('push-failed');
    expect(error.message).to.equal(`${registry.host} refused the manifest of ${registry.host}/team/app:v1`);
    expect(String(error.cause)).to.contain('307 Temporary Redirect');
    expect(asked()).to.deep.equal(['PUT manifests/v1']);
  });

  it('is told to have a tag that cannot be moved', async () => {
    const words = JSON.stringify({ errors: [{ code: 'TAG_INVALID', message: 'the tag is immutable' }] });
    registry.faults.push((_, response) => send(response, 400, words, { 'Content-Type': 'application/json' }));
    const error = await rejection(sink().writeManifest(document, 'v1'));
    expect(error.message).to.include('does not let a tag be moved');
    expect(error.hint).to.equal('push under another tag');
  });

  it('is refused for want of rights, without a password in any word', async () => {
    registry.login = { kind: 'basic', username: 'me', password: PASSWORD };
    registry.faults.push(plain, (_, response) => sendError(response, 403, `DENIED ${PASSWORD}`));
    const error = await rejection(sink().writeManifest(document, 'v1'));
    expect([error.code, error.exitCode]).to.deep.equal(['credentials', 3]);
    expect(everythingIn(error)).not.to.include(PASSWORD);
  });
});
