import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { fetchFile, type FetchFileParts } from '../../../../../src/builders/layers/wheels/fetch-file.js';
import { IndexLogins } from '../../../../../src/builders/layers/wheels/index-logins.js';
import { indexWire } from '../../../../../src/builders/layers/wheels/index-wire.js';
import type { IndexCredentials } from '../../../../../src/builders/layers/resolve/index-credentials.js';
import type { WheelFile } from '../../../../../src/builders/layers/resolve/locked-package.js';
import { FolderCache } from '../../../../../src/cache/file-cache.js';
import { everythingIn } from '../../../../support/everything-in.js';
import { rejection } from '../../../../support/rejection.js';
import { FakeClock } from '../../../places/registry/fake-clock.js';
import { TemporaryFolder } from '../../../temporary-folder.js';
import { breakAfter, FileServer, guarded, serve, status } from './file-server.js';

const content = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251));
const sha256Of = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const sha256 = sha256Of(content);
const FILENAME = 'a-1.0-py3-none-any.whl';

describe('a file of a lock', () => {
  let folder: TemporaryFolder;
  let cache: FolderCache;
  let server: FileServer;
  let clock: FakeClock;
  let bytes: number[];
  let stop: AbortController;

  beforeEach(async () => {
    folder = await TemporaryFolder.create();
    cache = new FolderCache(folder.file('cache'));
    server = await FileServer.start(serve(content));
    clock = new FakeClock();
    bytes = [];
    stop = new AbortController();
  });
  afterEach(async () => {
    await server.stop();
    await folder.remove();
  });

  const wheel = (changes: Partial<WheelFile> = {}): WheelFile => ({
    ...{ kind: 'wheel', url: server.url(`/files/${FILENAME}`), filename: FILENAME, sha256, size: content.length },
    isDirect: false,
    ...changes,
  });
  const parts = (credentials: readonly IndexCredentials[] = []): FetchFileParts => ({
    cache,
    wire: indexWire({}),
    logins: new IndexLogins({ credentials, environment: {}, signal: stop.signal, home: folder.path }),
    clock,
    random: () => 0,
    signal: stop.signal,
    onBytes: (count) => bytes.push(count),
  });
  const answerWith = (...handlers: typeof server.handlers): void => {
    server.handlers.splice(0, server.handlers.length, ...handlers);
  };
  const ranges = (): (string | undefined)[] => server.requests.map(({ headers }) => headers.range);
  const kept = (): Promise<string[]> => readdir(folder.file('cache/wheels')).catch(() => []);

  it('is downloaded into the cache, under its hash', async () => {
    const { file, size, sha256: found } = await fetchFile(wheel(), parts());
    expect((await readFile(file)).equals(content)).to.equal(true);
    expect([size, found]).to.deep.equal([content.length, sha256]);
    expect(await kept()).to.deep.equal([sha256]);
    expect(bytes.at(-1)).to.equal(content.length);
  });

  it('is taken from the cache from then on', async () => {
    await fetchFile(wheel(), parts());
    await fetchFile(wheel({ size: undefined }), parts());
    expect(server.requests).to.have.length(1);
    expect(bytes.at(-1)).to.equal(content.length);
  });

  for (const [what, damaged] of [
    ['shorter', content.subarray(1)],
    ['changed', Buffer.concat([content.subarray(1), Buffer.from('x')])],
    ['empty', Buffer.alloc(0)],
  ] as const) {
    it(`is downloaded again where what is kept is ${what}`, async () => {
      await folder.write({ [`cache/wheels/${sha256}`]: damaged });
      const { file } = await fetchFile(wheel(), parts());
      expect((await readFile(file)).equals(content)).to.equal(true);
      expect(server.requests).to.have.length(1);
    });
  }

  it('goes on where the connection broke, as often as there is progress', async () => {
    answerWith(...Array.from({ length: 6 }, () => breakAfter(1000, content)), serve(content));
    await fetchFile(wheel(), parts());
    expect(ranges()).to.deep.equal([undefined, ...[1, 2, 3, 4, 5, 6].map((count) => `bytes=${count}000-`)]);
    expect(bytes.at(-1)).to.equal(content.length);
  });

  it('goes on where the server knows no ranges and sends all again', async () => {
    answerWith(breakAfter(1000, content), (_, response) => response.end(content));
    const { file } = await fetchFile(wheel(), parts());
    expect((await readFile(file)).equals(content)).to.equal(true);
  });

  it('goes on where an answer was cut off and ended as if it were whole', async () => {
    answerWith((_, response) => response.end(content.subarray(0, 1000)), serve(content));
    await fetchFile(wheel(), parts());
    expect(ranges()).to.deep.equal([undefined, 'bytes=1000-']);
  });

  it('is whole where the connection breaks behind its last byte', async () => {
    answerWith((_, response) => {
      response.writeHead(200);
      response.write(content, () => response.destroy());
    }, serve(content));
    await fetchFile(wheel({ size: undefined }), parts());
    expect(await kept()).to.deep.equal([sha256]);
  });

  it('is refused where no connection brings any of it', async () => {
    answerWith((request) => request.socket.destroy());
    const error = await rejection(fetchFile(wheel(), parts()));
    expect(error.code).to.equal('index-unreachable');
    expect(error.message).to.contain('closed the connection without a response (tried 4 times)');
    expect(error.message).to.contain(FILENAME);
    expect(await kept()).to.deep.equal([]);
  });

  it('is asked for again after an error of the server, and not before it wants', async () => {
    answerWith(status(503), status(429, { 'retry-after': '7' }), serve(content));
    await fetchFile(wheel(), parts());
    expect(clock.sleeps).to.deep.equal([250, 7000]);
  });

  it('is not waited for longer than anybody would', async () => {
    answerWith(status(429, { 'retry-after': '3600' }));
    const error = await rejection(fetchFile(wheel(), parts()));
    expect(error.message).to.equal(
      `the rate limit of ${server.host} is exceeded for ${FILENAME}; it asks to wait 3600 s`,
    );
    expect(clock.sleeps).to.deep.equal([]);
  });

  for (const [code, expected, words] of [
    [404, 'build-failed', `does not have ${FILENAME}, which the lock names (status 404)`],
    [410, 'build-failed', `does not have ${FILENAME}, which the lock names (status 410)`],
    [401, 'credentials', `requires credentials for ${FILENAME}, but none were found (status 401)`],
    [403, 'credentials', `requires credentials for ${FILENAME}, but none were found (status 403)`],
    [500, 'index-unreachable', `returned status 500 for ${FILENAME} (tried 4 times)`],
    [418, 'index-unreachable', `returned status 418 for ${FILENAME}`],
  ] as const) {
    it(`is an error of its own where the server returns ${code}`, async () => {
      answerWith(status(code));
      const error = await rejection(fetchFile(wheel(), parts()));
      expect([error.code, error.message]).to.deep.equal([expected, `${server.host} ${words}`]);
      expect(error.hint).to.be.a('string');
    });
  }

  it('is refused with another hash than the lock has, and not kept', async () => {
    const other = Buffer.from(content.toReversed());
    answerWith(serve(other));
    const error = await rejection(fetchFile(wheel(), parts()));
    expect(error.code).to.equal('build-failed');
    expect(error.message).to.contain(`its SHA-256 is ${sha256Of(other)}, the lock has ${sha256}`);
    expect(await kept()).to.deep.equal([]);
  });

  it('is refused as soon as it has more bytes than the lock says', async () => {
    const error = await rejection(fetchFile(wheel({ size: 1000 }), parts()));
    expect(error.message).to.contain('it has more than 1000 bytes, the lock has 1000');
    expect(await kept()).to.deep.equal([]);
  });

  it('is refused with fewer bytes than the lock says', async () => {
    const error = await rejection(fetchFile(wheel({ size: 400_000 }), parts()));
    expect(error.message).to.contain('it has 300000 bytes, the lock has 400000');
  });

  it('comes as well from a server that packs it or does not say how long it is', async () => {
    answerWith((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      response.end(gzipSync(content));
    });
    await fetchFile(wheel({ size: undefined }), parts());
    expect(await kept()).to.deep.equal([sha256]);
  });

  it('is not continued by ranges of what travels packed', async () => {
    const packed = gzipSync(content);
    const send =
      (count: number): (typeof server.handlers)[number] =>
      (_, response) => {
        response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': packed.length });
        response.write(packed.subarray(0, count), () => (count < packed.length ? response.destroy() : response.end()));
      };
    answerWith(send(packed.length - 20), send(packed.length));
    await fetchFile(wheel(), parts());
    expect(ranges()).to.deep.equal([undefined, undefined]);
  });

  it('leaves nothing behind when it is interrupted', async () => {
    answerWith((_, response) => {
      response.writeHead(200, { 'content-length': content.length });
      response.write(content.subarray(0, 1000), () => setTimeout(() => stop.abort(), 20));
    });
    expect((await rejection(fetchFile(wheel(), parts()))).code).to.equal('interrupted');
    expect(await kept()).to.deep.equal([]);
  });

  it('is given up where nothing comes, and taken up again where it stops in the middle', async () => {
    const silent: (typeof server.handlers)[number] = (_, response) => {
      response.writeHead(200, { 'content-length': content.length });
      response.write(content.subarray(0, 1000));
    };
    answerWith(silent, serve(content));
    await fetchFile(wheel(), { ...parts(), idleTimeoutMs: 50 });
    expect(ranges()).to.deep.equal([undefined, 'bytes=1000-']);
    answerWith(() => undefined);
    const error = await rejection(fetchFile(wheel({ sha256: 'b'.repeat(64) }), { ...parts(), idleTimeoutMs: 50 }));
    expect(error.message).to.contain('did not respond in time');
  });

  describe('that needs a login', () => {
    const login = { username: 'ada', password: 'hunter2-secret' };
    const credentials = (): IndexCredentials[] => [{ url: server.url('/simple/'), ...login }];

    it('is given that of its index', async () => {
      answerWith(guarded(login.username, login.password, serve(content)));
      await fetchFile(wheel(), parts(credentials()));
      expect(server.requests).to.have.length(1);
    });

    it('is given that of the netrc file after another one was rejected', async () => {
      await folder.write({ '.netrc': `machine 127.0.0.1 login ada password netrc-secret` });
      answerWith(guarded('ada', 'netrc-secret', serve(content)));
      await fetchFile(wheel(), parts(credentials()));
      expect(server.requests).to.have.length(2);
    });

    it('is an error that says which was rejected, and does not show it', async () => {
      answerWith(status(401));
      const error = await rejection(fetchFile(wheel(), parts(credentials())));
      expect(error.message).to.contain('rejected the credentials from the settings of the index');
      expect(error.hint).to.contain('.netrc');
      expect(everythingIn(error)).to.not.contain(login.password);
      expect(everythingIn(error)).to.not.contain(Buffer.from('ada:hunter2-secret').toString('base64'));
    });

    it('sends none to the server that it is redirected to', async () => {
      const store = await FileServer.start(serve(content));
      try {
        answerWith(status(302, { location: store.url('/blob?X-Amz-Signature=abc') }));
        await fetchFile(wheel(), parts(credentials()));
        expect(server.requests[0]?.headers.authorization).to.be.a('string');
        expect(store.requests.map(({ headers }) => headers.authorization)).to.deep.equal([undefined]);
      } finally {
        await store.stop();
      }
    });

    it('sends them along to another path of the same server', async () => {
      const file = guarded(login.username, login.password, serve(content));
      answerWith(status(301, { location: '/elsewhere' }), file);
      await fetchFile(wheel(), parts(credentials()));
      expect(server.requests.map(({ url }) => url)).to.deep.equal([`/files/${FILENAME}`, '/elsewhere']);
    });

    it('tries no other login where the store behind a redirect refuses', async () => {
      const store = await FileServer.start(status(403));
      try {
        answerWith(status(302, { location: store.url('/blob?sig=hunter2-signature') }));
        const error = await rejection(fetchFile(wheel(), parts(credentials())));
        expect(error.message).to.contain(store.host);
        expect(everythingIn(error)).to.not.contain('hunter2-signature');
        expect(store.requests).to.have.length(1);
      } finally {
        await store.stop();
      }
    });
  });

  it('is not found in circles of redirects', async () => {
    answerWith(status(302, { location: '/again' }));
    const error = await rejection(fetchFile(wheel(), parts()));
    expect(error.code).to.equal('index-unreachable');
    expect(server.requests.length).to.be.lessThan(8);
  });

  describe('without a hash in the lock', () => {
    it('is kept by the hash that it has, and an index’s is not asked for again', async () => {
      const first = await fetchFile(wheel({ sha256: undefined }), parts());
      expect(first.sha256).to.equal(sha256);
      await fetchFile(wheel({ sha256: undefined }), parts());
      expect(server.requests).to.have.length(1);
      expect(await kept()).to.deep.equal([sha256]);
      expect(await readdir(folder.file('cache/wheel-downloads'))).to.deep.equal([]);
    });

    it('is asked for again where it was named by URL, for that may be another one by now', async () => {
      await fetchFile(wheel({ sha256: undefined, size: undefined, isDirect: true }), parts());
      const other = Buffer.from(content.toReversed());
      answerWith(serve(other));
      const { sha256: now } = await fetchFile(wheel({ sha256: undefined, size: undefined, isDirect: true }), parts());
      expect(now).to.equal(sha256Of(other));
    });

    it('is downloaded from its beginning after the connection broke, for the rest might be another file’s', async () => {
      answerWith(breakAfter(1000, content), serve(content));
      const found = await fetchFile(wheel({ sha256: undefined }), parts());
      expect(found.sha256).to.equal(sha256);
      expect(ranges()).to.deep.equal([undefined, undefined]);
      expect(bytes.at(-1)).to.equal(content.length);
    });

    it('is asked for again where what is remembered is damaged', async () => {
      await fetchFile(wheel({ sha256: undefined }), parts());
      const key = createHash('sha256').update(wheel().url).digest('hex');
      await folder.write({ [`cache/wheel-urls/${key}`]: '../../etc/passwd' });
      expect((await fetchFile(wheel({ sha256: undefined }), parts())).sha256).to.equal(sha256);
      expect(server.requests).to.have.length(2);
    });

    it('is kept apart as an archive', async () => {
      const archive = { ...wheel({ sha256: undefined }), kind: 'archive', filename: 'a-1.0.tar.gz' } as const;
      await fetchFile(archive, parts());
      expect(await readdir(folder.file('cache/sdists'))).to.deep.equal([sha256]);
    });
  });

  describe('of a folder', () => {
    const local = async (changes: Partial<WheelFile> = {}): Promise<WheelFile> => {
      await folder.write({ 'my wheels/a%.whl': content });
      return wheel({ url: pathToFileURL(folder.file('my wheels/a%.whl')).href, ...changes });
    };

    for (const known of [sha256, undefined]) {
      it(`is copied into the cache, with ${known === undefined ? 'no' : 'a'} hash in the lock`, async () => {
        const found = await fetchFile(await local({ sha256: known }), parts());
        expect(found).to.deep.equal({ file: folder.file(`cache/wheels/${sha256}`), sha256, size: content.length });
      });
    }

    for (const [what, changes] of [
      ['hash', { sha256: 'b'.repeat(64) }],
      ['size', { size: 1 }],
    ] as const) {
      it(`is refused with another ${what} than the lock has`, async () => {
        const error = await rejection(fetchFile(await local(changes), parts()));
        expect(error.message).to.contain('is not the file in the lock');
      });
    }

    it('is refused where it is missing', async () => {
      const error = await rejection(fetchFile(wheel({ url: pathToFileURL(folder.file('gone.whl')).href }), parts()));
      expect([error.code, error.message]).to.deep.equal([
        'configuration',
        `${folder.file('gone.whl')} cannot be opened: it, or a folder on the way to it, does not exist`,
      ]);
    });
  });
});
