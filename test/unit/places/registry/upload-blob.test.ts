import { expect } from 'chai';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Blob } from '../../../../src/image/blob.js';
import { KdeployError } from '../../../../src/errors.js';
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

const PASSWORD = 'hunter2-upload';

describe('a blob that is written to a registry', () => {
  let clock: FakeClock;
  let registry: FakeRegistry;
  let opened: number;
  /** Larger than two chunks. */
  const content = Buffer.alloc(9 * 1024 * 1024, 'layer');
  const digest = digestOf(content);

  beforeEach(async () => {
    clock = new FakeClock();
    registry = await FakeRegistry.start(clock);
    opened = 0;
  });

  afterEach(async () => registry.stop());

  const blob = (changes: Partial<Blob> = {}, bytes = content): Blob => ({
    descriptor: { mediaType: MEDIA_TYPES.ociLayerGzip, digest: digestOf(bytes), size: bytes.length },
    open: async function* () {
      opened += 1;
      for (let start = 0; start < bytes.length; start += 700_001)
        yield await Promise.resolve(bytes.subarray(start, start + 700_001));
    },
    ...changes,
  });
  const sink = (repository = 'team/app', headTimeoutMs = 1000) => {
    const credentials = {
      registry: registry.host,
      credentials: { kind: 'password', username: 'me', password: PASSWORD },
      source: 'a test',
      failures: [],
      looked: [],
    } as const;
    const client = new RegistryClient(registry.host, {
      clock,
      random: () => 0,
      headTimeoutMs,
      totalTimeoutMs: 1000,
      credentials: () => Promise.resolve(credentials),
    });
    return new RegistrySink(client, ImageReference.parse(`${registry.host}/${repository}:v1`));
  };
  const asked = () =>
    registry.asked.map(
      ({ method, url }) =>
        `${method} ${url
          .replace(/^\/v2\/team\/app\/blobs/, '')
          .replace(/sha256[:%].*/, 'D')
          .replace(/uploads\/\d+/, 'uploads/N')}`,
    );
  /** Answers the nth request so; those before it as ever. */
  const onRequest = (index: number, fault: Fault): void => {
    const plain: Fault = (request, response) => {
      registry.requests.pop();
      registry.play(request, response);
    };
    registry.faults.push(...Array<Fault>(index).fill(plain), fault);
  };
  const refuse =
    (status: number, code = 'DENIED', headers: Record<string, string> = {}): Fault =>
    (_, response) =>
      sendError(response, status, code, headers);
  const hangUp: Fault = (_, response) => response.socket?.destroy();
  const isStored = (repository = 'team/app') =>
    registry.stored.has(`${repository}@${digest}`) && registry.blobs.get(digest)?.equals(content) === true;

  it('is sent in one body', async () => {
    const progress: number[] = [];
    expect(await sink().writeBlob(blob(), (bytes) => progress.push(bytes))).to.equal('sent');
    expect(asked()).to.deep.equal(['HEAD /D', 'POST /uploads/', 'PUT /uploads/N?_state=a%2Bb&digest=D']);
    expect(isStored()).to.equal(true);
    expect(registry.requests.at(-1)?.headers).to.include({ 'content-length': String(content.length) });
    expect([progress[0], progress.at(-1)]).to.deep.equal([0, content.length]);
  });

  it('is not sent where it is', async () => {
    registry.blobs.set(digest, content);
    registry.stored.add(`team/app@${digest}`);
    expect(await sink().writeBlob(blob())).to.equal('present');
    expect([asked(), opened]).to.deep.equal([['HEAD /D'], 0]);
  });

  it('may be empty', async () => {
    const empty = blob({}, Buffer.alloc(0));
    expect(await sink().writeBlob(empty)).to.equal('sent');
    expect(registry.stored.has(`team/app@${empty.descriptor.digest}`)).to.equal(true);
  });

  describe('and is in another repository of it (a mount is a hint: goharbor/harbor#17097)', () => {
    const from = () => ({ from: ImageReference.parse(`${registry.host}/team/staging`) });

    it('is mounted, and nothing travels', async () => {
      registry.blobs.set(digest, content);
      registry.stored.add(`team/staging@${digest}`);
      expect(await sink().writeBlob(blob(from()))).to.equal('mounted');
      expect([isStored(), opened]).to.deep.equal([true, 0]);
    });

    it('is sent in the session that a registry opens in its place', async () => {
      expect(await sink().writeBlob(blob(from()))).to.equal('sent');
      expect(asked().filter((each) => each.startsWith('POST')).length).to.equal(1);
      expect(isStored()).to.equal(true);
    });

    for (const status of [401, 403, 404, 405, 400, 500]) {
      it(`is sent where the registry answers the mount with ${status}, and no more is asked for from there`, async () => {
        const target = sink();
        // A server error is asked for again before it is believed.
        onRequest(1, refuse(status));
        if (status === 500) registry.faults.push(...Array<Fault>(3).fill(refuse(status)));
        expect(await target.writeBlob(blob(from()))).to.equal('sent');
        expect(isStored()).to.equal(true);
        registry.stored.clear();
        expect(await target.writeBlob(blob(from()))).to.equal('sent');
        expect(asked().filter((each) => each.includes('mount='))).to.have.length(status === 500 ? 4 : 1);
      });
    }

    it('is sent where a registry says that it mounted the blob, and has not', async () => {
      onRequest(1, (_, response) => send(response, 201));
      expect(await sink().writeBlob(blob(from()))).to.equal('sent');
      expect(isStored()).to.equal(true);
    });

    it('is sent where the token server gives one of the two scopes', async () => {
      registry.login = { kind: 'bearer', username: 'me', password: PASSWORD };
      registry.refusedScopes.add('repository:team/staging:pull');
      expect(await sink().writeBlob(blob(from()))).to.equal('sent');
      expect(isStored()).to.equal(true);
    });

    it('is not asked for from another registry, nor from the same repository', async () => {
      await sink().writeBlob(blob({ from: ImageReference.parse('ghcr.io/team/app') }));
      registry.stored.clear();
      await sink().writeBlob(blob({ from: ImageReference.parse(`${registry.host}/team/app`) }));
      expect(asked().filter((each) => each.includes('mount='))).to.deep.equal([]);
    });
  });

  describe('and refused in one body is sent in chunks, whose dialect does not matter (aws/containers-roadmap#2831)', () => {
    it('of 4 MiB', async () => {
      onRequest(2, refuse(413, 'SIZE_INVALID'));
      expect(await sink().writeBlob(blob())).to.equal('sent');
      const ranges = registry.requests.flatMap(({ headers }) => headers['content-range'] ?? []);
      expect(ranges).to.deep.equal(['0-4194303', '4194304-8388607', '8388608-9437183']);
      expect(isStored()).to.equal(true);
    });

    it('of the least size that it asks for', async () => {
      onRequest(2, refuse(416));
      onRequest(1, (request, response) => {
        const write = response.writeHead.bind(response);
        response.writeHead = ((status: number, headers: Record<string, string>) =>
          write(status, { ...headers, 'OCI-Chunk-Min-Length': '6000000' })) as ServerResponse['writeHead'];
        registry.requests.pop();
        registry.play(request, response);
      });
      await sink().writeBlob(blob());
      const ranges = registry.requests.flatMap(({ headers }) => headers['content-range'] ?? []);
      expect(ranges).to.deep.equal(['0-5999999', '6000000-9437183']);
    });

    const dialects: readonly (readonly [string, number, string | undefined])[] = [
      ['201, and a count that stands still', 201, '0-0'],
      ['204, and no count', 204, undefined],
      ['the end of the chunk', 202, '0-4194303'],
    ];
    for (const [what, status, range] of dialects) {
      it(`where the registry answers ${what}`, async () => {
        onRequest(2, refuse(400));
        for (let chunk = 0; chunk < 3; chunk++)
          onRequest(chunk === 0 ? 2 : 0, (request, response) => {
            const write = response.writeHead.bind(response);
            response.writeHead = ((_: number, { Location = '' }: Record<string, string>) =>
              write(status, { Location, ...(range !== undefined && { Range: range }) })) as ServerResponse['writeHead'];
            registry.requests.pop();
            registry.play(request, response);
          });
        expect(await sink().writeBlob(blob())).to.equal('sent');
        expect(isStored()).to.equal(true);
      });
    }
  });

  describe('and refused for good', () => {
    for (const [status, hint] of [
      [405, 'this registry takes no pushes'],
      [413, 'raise the limit of the proxy'],
      [400, 'fix what the registry reports'],
    ] as const)
      it(`says what to do about status ${status}`, async () => {
        onRequest(1, refuse(status, 'UNSUPPORTED'));
        expect((await rejection(sink().writeBlob(blob()))).hint).to.include(hint);
      });
  });

  describe('and whose connection breaks', () => {
    it('in the one body is sent in chunks', async () => {
      onRequest(2, hangUp);
      expect(await sink().writeBlob(blob())).to.equal('sent');
      expect(isStored()).to.equal(true);
    });

    it('in a chunk goes on from where the registry says that it came', async () => {
      onRequest(2, refuse(413));
      onRequest(3, hangUp);
      expect(await sink().writeBlob(blob())).to.equal('sent');
      expect(isStored()).to.equal(true);
      expect(opened).to.equal(2);
    });

    it('at the end was committed, which is asked for (GoogleContainerTools/jib#4301)', async () => {
      onRequest(2, (_, response) => {
        registry.blobs.set(digest, content);
        registry.stored.add(`team/app@${digest}`);
        response.socket?.destroy();
      });
      expect(await sink().writeBlob(blob())).to.equal('sent');
      expect([asked().length, opened]).to.deep.equal([4, 1]);
    });

    it('at the end was lost, and begins again from the first byte', async () => {
      onRequest(2, hangUp);
      onRequest(2, refuse(404, 'BLOB_UPLOAD_UNKNOWN'));
      expect(await sink().writeBlob(blob())).to.equal('sent');
      expect(isStored()).to.equal(true);
    });

    it('while the registry hangs is asked for, too', async () => {
      onRequest(2, () => {
        registry.blobs.set(digest, content);
        registry.stored.add(`team/app@${digest}`);
      });
      const failure = await sink()
        .writeBlob(blob())
        .catch((error: unknown) => error);
      expect(failure).to.equal('sent');
    });
  });

  it('is sent again as it was where the registry is busy, after the time that it asks for', async () => {
    onRequest(2, refuse(429, 'TOOMANYREQUESTS', { 'Retry-After': '7' }));
    expect(await sink().writeBlob(blob())).to.equal('sent');
    expect(clock.sleeps).to.deep.equal([7000]);
    expect(asked().some((each) => each.startsWith('PATCH'))).to.equal(false);
  });

  it('is sent again with a new token where the old one expires half way (GoogleContainerTools/jib#691)', async () => {
    registry.login = { kind: 'bearer', username: 'me', password: PASSWORD, lifetimeS: 5 };
    const slow = blob({
      open: async function* () {
        opened += 1;
        clock.advance(3000);
        yield await Promise.resolve(content);
      },
    });
    const target = sink();
    for (let each = 0; each < 3; each++) {
      registry.stored.clear();
      expect(await target.writeBlob(slow)).to.equal('sent');
    }
    expect(isStored()).to.equal(true);
  });

  it('that cannot be read is not committed, and its reader’s error is the one that is told', async () => {
    const broken = blob({
      // eslint-disable-next-line require-yield -- it fails before its first byte
      open: async function* () {
        await Promise.resolve();
        throw new KdeployError('image-not-found', 'the source is corrupt');
      },
    });
    const failure = await rejection(sink().writeBlob(broken));
    expect([failure.code, failure.message]).to.deep.equal(['image-not-found', 'the source is corrupt']);
    expect(isStored()).to.equal(false);
  });

  it('is refused in the registry’s words, without the password', async () => {
    registry.login = { kind: 'basic', username: 'me', password: PASSWORD };
    for (const [status, code] of [
      [403, 'credentials'],
      [507, 'push-failed'],
    ] as const) {
      registry.requests.length = 0;
      const always: Fault = (request, response) => {
        if (request.method === 'PUT') sendError(response, status, 'DENIED');
        else {
          registry.requests.pop();
          registry.play(request, response);
        }
      };
      registry.faults.length = 0;
      registry.faults.push(...Array<Fault>(40).fill(always));
      const error = await rejection(sink().writeBlob(blob()));
      expect(error.code).to.equal(code);
      expect(`${error.message} ${error.hint ?? ''} ${(error.cause as Error).message}`).not.to.include(PASSWORD);
    }
  });

  it('is sent to no address in clear text that a registry with TLS names, nor to anything but an address', async () => {
    onRequest(1, (_, response) => send(response, 202, '', { Location: 'ftp://elsewhere/' }));
    expect((await rejection(sink().writeBlob(blob()))).message).to.include(
      'does not send an image to: ftp://elsewhere/',
    );
  });

  it('goes to another host without the credentials', async () => {
    const other = await FakeRegistry.start(clock);
    try {
      registry.login = { kind: 'basic', username: 'me', password: PASSWORD };
      other.uploads.set('7', Buffer.alloc(0));
      onRequest(2, (_, response) =>
        send(response, 202, '', { Location: `http://${other.host}/v2/team/app/blobs/uploads/7` }),
      );
      expect(await sink().writeBlob(blob())).to.equal('sent');
      expect(other.requests.at(-1)?.headers).not.to.have.property('authorization');
    } finally {
      await other.stop();
    }
  });

  describe('and is taken in part goes on with the next byte, which the registry names', () => {
    /** Answers so that this many bytes of the blob are there. */
    const keep = (count: number): Fault => {
      return ({ url, bytes }, response) => {
        const id = /uploads\/(\d+)/.exec(url)?.[1] ?? '';
        registry.uploads.set(
          id,
          Buffer.concat([registry.uploads.get(id) ?? Buffer.alloc(0), bytes]).subarray(0, count),
        );
        response.socket?.destroy();
      };
    };
    const ranges = () => registry.requests.flatMap(({ headers }) => headers['content-range'] ?? []);

    it('after one body that broke off', async () => {
      onRequest(2, keep(5_000_000));
      const progress: number[] = [];
      expect(await sink().writeBlob(blob(), (bytes) => progress.push(bytes))).to.equal('sent');
      expect(ranges()).to.deep.equal(['5000000-9194303', '9194304-9437183']);
      expect(isStored()).to.equal(true);
      expect(asked().filter((each) => each.startsWith('POST'))).to.have.length(1);
      expect(progress).to.include(5_000_000);
    });

    it('after a chunk that broke off', async () => {
      onRequest(2, refuse(413));
      onRequest(3, keep(4_999_999));
      expect(await sink().writeBlob(blob())).to.equal('sent');
      expect(ranges()).to.deep.equal(['0-4194303', '4194304-8388607', '4999999-8388607', '8388608-9437183']);
      expect([isStored(), opened]).to.deep.equal([true, 2]);
    });

    it('after all of it broke off before its end was said', async () => {
      onRequest(2, keep(content.length));
      expect(await sink().writeBlob(blob())).to.equal('sent');
      expect([ranges(), isStored()]).to.deep.equal([[], true]);
    });

    it('after a chunk of which it took less', async () => {
      onRequest(2, refuse(413));
      onRequest(2, ({ url, bytes }, response) => {
        registry.uploads.set(/uploads\/(\d+)/.exec(url)?.[1] ?? '', bytes.subarray(0, 1000));
        send(response, 202, '', { Location: url, Range: '0-999' });
      });
      expect(await sink().writeBlob(blob())).to.equal('sent');
      expect(ranges().slice(0, 3)).to.deep.equal(['0-4194303', '1000-4194303', '4194304-8388607']);
      expect([isStored(), opened]).to.deep.equal([true, 2]);
    });

    it('after a chunk that it wants from another byte on (416)', async () => {
      onRequest(2, refuse(413));
      onRequest(2, ({ url, bytes }, response) => {
        registry.uploads.set(/uploads\/(\d+)/.exec(url)?.[1] ?? '', bytes.subarray(0, 1000));
        sendError(response, 416, 'RANGE_INVALID');
      });
      expect(await sink().writeBlob(blob())).to.equal('sent');
      expect(ranges().slice(0, 2)).to.deep.equal(['0-4194303', '1000-4194303']);
      expect(isStored()).to.equal(true);
    });

    it('and begins again from the first one where that was a lie, which the digest shows', async () => {
      onRequest(2, (_, response) => response.socket?.destroy());
      onRequest(1, ({ url }, response) => send(response, 204, '', { Location: url, Range: '0-4999999' }));
      expect(await sink().writeBlob(blob())).to.equal('sent');
      expect(ranges()).to.deep.equal([
        '5000000-9194303',
        '9194304-9437183',
        '0-4194303',
        '4194304-8388607',
        '8388608-9437183',
      ]);
      expect(isStored()).to.equal(true);
    });

    it('but not for ever, one byte at a time', async () => {
      onRequest(2, refuse(413));
      const taken: Fault = ({ url, method, headers }, response) => {
        if (method === 'PATCH') {
          const start = Number(headers['content-range']?.split('-')[0]);
          send(response, 202, '', { Location: url, Range: `0-${start}` });
        } else sendError(response, 404, 'BLOB_UNKNOWN');
      };
      registry.faults.push(taken, ...Array<Fault>(3).fill(refuse(404)), ...Array<Fault>(200).fill(taken));
      expect((await rejection(sink().writeBlob(blob()))).code).to.equal('push-failed');
      expect(registry.requests.length).to.be.lessThan(100);
    });
  });

  it('is sent in chunks of 4 MiB to who takes any size in one body, and breaks it off (openai/tart#273)', async () => {
    const github: Fault = (request, response) => {
      const isTooMuch = request.method === 'PATCH' && request.bytes.length > 4 * 1024 * 1024;
      if (request.method === 'PUT' && request.bytes.length > 0) hangUp(request, response);
      else if (isTooMuch) sendError(response, 416, 'RANGE_INVALID');
      else {
        registry.requests.pop();
        registry.play(request, response);
      }
    };
    registry.faults.push(...Array<Fault>(20).fill(github));
    expect(await sink().writeBlob(blob())).to.equal('sent');
    expect(isStored()).to.equal(true);
  });

  it('is committed where the last PUT hangs, a second one is unknown, and the blob is there (GoogleContainerTools/jib#4301)', async () => {
    onRequest(2, () => undefined);
    onRequest(1, refuse(404, 'BLOB_UPLOAD_UNKNOWN'));
    // A new session, three chunks, and the end of it.
    onRequest(4, (_, response) => {
      registry.blobs.set(digest, content);
      registry.stored.add(`team/app@${digest}`);
      sendError(response, 404, 'BLOB_UPLOAD_UNKNOWN');
    });
    expect(await sink().writeBlob(blob())).to.equal('sent');
    expect(asked().slice(-2)).to.deep.equal(['PUT /uploads/N?_state=a%2Bb&digest=D', 'HEAD /D']);
  });

  it('has its address given back as the registry wrote it', async () => {
    onRequest(1, (_, response) => {
      registry.uploads.set('7', Buffer.alloc(0));
      send(response, 202, '', { Location: `/v2/team/app/blobs/uploads/7?_state=a%20b~c=='%2F*&empty` });
    });
    await sink().writeBlob(blob());
    expect(registry.requests.at(-1)?.url).to.equal(
      `/v2/team/app/blobs/uploads/7?_state=a%20b~c==%27%2F*&empty&digest=${encodeURIComponent(digest)}`,
    );
  });

  it('is not sent with a password that the address brings', async () => {
    onRequest(1, (_, response) => send(response, 202, '', { Location: `http://me:${PASSWORD}@${registry.host}/x` }));
    const error = await rejection(sink().writeBlob(blob()));
    expect(error.message).to.include('does not send an image to');
    expect(everythingIn(error)).not.to.include(PASSWORD);
  });

  it('is not sent where the registry does not say to where', async () => {
    onRequest(1, (_, response) => send(response, 202));
    expect((await rejection(sink().writeBlob(blob()))).message).to.include('without saying where');
  });

  it('is an error where the registry stored something else', async () => {
    onRequest(2, (_, response) => send(response, 201, '', { 'Docker-Content-Digest': digestOf('else') }));
    expect((await rejection(sink().writeBlob(blob()))).message).to.include(`stored ${digestOf('else')}`);
  });

  it('is taken for stored without the digest in the answer', async () => {
    onRequest(2, (_, response) => send(response, 201));
    expect(await sink().writeBlob(blob())).to.equal('sent');
    expect(asked()).to.have.length(3);
  });

  for (const status of [401, 403]) {
    it(`is sent where the credentials are good for pushing alone (${status})`, async () => {
      onRequest(0, refuse(status));
      expect(await sink().writeBlob(blob())).to.equal('sent');
      expect(isStored()).to.equal(true);
    });
  }

  it('is sent where a proxy refuses HEAD', async () => {
    onRequest(0, refuse(405));
    expect(await sink().writeBlob(blob())).to.equal('sent');
    expect(isStored()).to.equal(true);
  });

  it('is sent with one new token for all that are sent at once (docker/buildx#324)', async () => {
    registry.login = { kind: 'bearer', username: 'me', password: PASSWORD, lifetimeS: 60 };
    const target = sink();
    const small = (text: string) => blob({}, Buffer.from(text));
    await target.writeBlob(small('first'));
    clock.advance(61_000);
    await Promise.all(['a', 'b', 'c', 'd'].map((text) => target.writeBlob(small(text))));
    expect(registry.tokenRequests).to.have.length(2);
  });

  it('is sent again, with its stream made anew, where the token is refused after the body has travelled', async () => {
    registry.login = { kind: 'bearer', username: 'me', password: PASSWORD };
    let closed = 0;
    const watched = blob({
      open: async function* () {
        opened += 1;
        try {
          for (let start = 0; start < content.length; start += 700_001)
            yield await Promise.resolve(content.subarray(start, start + 700_001));
        } finally {
          closed += 1;
        }
      },
    });
    const challenge = { 'WWW-Authenticate': `Bearer realm="http://${registry.host}/token",service="fake"` };
    // HEAD, its token, HEAD again, POST.
    onRequest(4, refuse(401, 'UNAUTHORIZED', challenge));
    expect(await sink().writeBlob(watched)).to.equal('sent');
    expect([isStored(), opened, closed]).to.deep.equal([true, 2, 2]);
  });

  it('is not tried again when it is interrupted while it waits', async () => {
    const interrupt = new AbortController();
    const sleeping = Object.assign(new FakeClock(), {
      sleep: (_: number, signal?: AbortSignal) => {
        interrupt.abort();
        return signal?.aborted === true ? Promise.reject(new Error('aborted')) : Promise.resolve();
      },
    });
    const client = new RegistryClient(registry.host, { clock: sleeping, signal: interrupt.signal });
    onRequest(2, refuse(503));
    const target = new RegistrySink(client, ImageReference.parse(`${registry.host}/team/app`));
    expect((await rejection(target.writeBlob(blob()))).code).to.equal('interrupted');
    expect(isStored()).to.equal(false);
  });

  it('is not read further when it is interrupted', async () => {
    const interrupt = new AbortController();
    const client = new RegistryClient(registry.host, { clock, signal: interrupt.signal });
    const target = new RegistrySink(client, ImageReference.parse(`${registry.host}/team/app`));
    const interrupted = blob({
      open: async function* () {
        yield await Promise.resolve(content.subarray(0, 1000));
        interrupt.abort();
        yield content.subarray(1000);
      },
    });
    expect((await rejection(target.writeBlob(interrupted))).code).to.equal('interrupted');
    expect(isStored()).to.equal(false);
  });

  it('is read no faster than it travels, however large it is', async () => {
    const size = 64 * 1024 * 1024;
    const piece = Buffer.alloc(256 * 1024);
    let [read, arrived, ahead] = [0, 0, 0];
    const server = createServer((request, response) => {
      request.on('data', (chunk: Buffer) => (arrived += chunk.length));
      const status = { HEAD: 404, POST: 202 }[request.method ?? ''] ?? 201;
      request.on('end', () => response.writeHead(status, { Location: '/upload' }).end());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const client = new RegistryClient(`127.0.0.1:${(server.address() as AddressInfo).port}`);
      const target = new RegistrySink(client, ImageReference.parse(`${client.registry}/team/app`));
      const large: Blob = {
        descriptor: { mediaType: MEDIA_TYPES.ociLayerGzip, digest, size },
        open: async function* () {
          for (; read < size; read += piece.length) {
            ahead = Math.max(ahead, read - arrived);
            yield await Promise.resolve(piece);
          }
        },
      };
      expect(await target.writeBlob(large)).to.equal('sent');
      expect(arrived).to.equal(size);
      // What the sockets of both sides hold.
      expect(ahead).to.be.lessThan(size / 4);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it('cannot be sent where nobody listens', async () => {
    const target = sink();
    await registry.stop();
    expect((await rejection(target.writeBlob(blob()))).code).to.equal('registry-unreachable');
    registry = await FakeRegistry.start(clock);
  });

  it('that is shorter than it says is not stored', async () => {
    const short = blob({
      open: async function* () {
        yield await Promise.resolve(content.subarray(1));
      },
    });
    const error = await rejection(sink().writeBlob(short));
    expect(error.code).to.equal('push-failed');
    expect(error.message).to.include(`does not have the ${content.length} bytes`);
    expect(isStored()).to.equal(false);
  });

  it('may be refused for good, which whoever sends it can tell (oras-project/oras#260)', async () => {
    const empty = blob({}, Buffer.alloc(0));
    const always: Fault = (request, response) => {
      if (request.method === 'PUT') sendError(response, 400, 'BLOB_UPLOAD_INVALID');
      else {
        registry.requests.pop();
        registry.play(request, response);
      }
    };
    registry.faults.push(...Array<Fault>(40).fill(always));
    const error = await rejection(sink().writeBlob(empty));
    expect([error.code, notTaken(error)?.status]).to.deep.equal(['push-failed', 400]);
  });
});
