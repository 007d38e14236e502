import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { expect } from 'chai';
import { fetchWheels, type FetchWheelsParts } from '../../../../../src/builders/layers/wheels/fetch-wheels.js';
import type { FetchProgress } from '../../../../../src/builders/layers/wheels/fetch-progress.js';
import type { LockedPackage, WheelFile } from '../../../../../src/builders/layers/resolve/locked-package.js';
import { FolderCache } from '../../../../../src/cache/file-cache.js';
import { rejection } from '../../../../support/rejection.js';
import { FakeClock } from '../../../places/registry/fake-clock.js';
import { TemporaryFolder } from '../../../temporary-folder.js';
import { FileServer, serve, status, type Handler } from './file-server.js';

const contentOf = (name: string): Buffer => Buffer.from(name.repeat(1000 + name.charCodeAt(0)));

describe('the wheels of a lock', () => {
  let folder: TemporaryFolder;
  let server: FileServer;
  let progress: FetchProgress[];
  let stop: AbortController;
  let open: number;
  let most: number;

  beforeEach(async () => {
    folder = await TemporaryFolder.create();
    [open, most] = [0, 0];
    const slowly: Handler = (request, response) => {
      most = Math.max(most, ++open);
      response.once('close', () => open--);
      setTimeout(() => serve(contentOf(request.url?.slice(1) ?? ''))(request, response), 10);
    };
    server = await FileServer.start(slowly);
    progress = [];
    stop = new AbortController();
  });
  afterEach(async () => {
    await server.stop();
    await folder.remove();
  });

  const locked = (name: string, changes: Partial<WheelFile> = {}): LockedPackage => ({
    name,
    version: '1.0',
    artifact: {
      ...{ kind: 'wheel', url: server.url(`/${name}`), filename: `${name}-1.0-py3-none-any.whl`, isDirect: false },
      sha256: createHash('sha256').update(contentOf(name)).digest('hex'),
      size: contentOf(name).length,
      ...changes,
    },
  });
  const fetch = (packages: readonly LockedPackage[], changes: Partial<FetchWheelsParts> = {}) =>
    fetchWheels(packages, {
      cache: new FolderCache(folder.file('cache')),
      python: {
        ...{ version: '3.11.2', executable: '/usr/bin/python3.11', machine: 'x86_64' },
        libc: { kind: 'glibc', version: '2.36' },
      },
      uv: { program: 'uv', version: '0.13.9' },
      buildPython: () => Promise.resolve(undefined),
      credentials: [],
      environment: { NETRC: folder.file('none') },
      signal: stop.signal,
      clock: new FakeClock(),
      onProgress: (at) => progress.push(at),
      ...changes,
    });
  const letters = 'abcdefghijklmnopqrst'.split('');

  it('come in the order of the lock, whichever came first', async () => {
    const wheels = await fetch(letters.map((name) => locked(name)));
    expect([...wheels.keys()]).to.deep.equal(letters);
    expect(wheels.get('b')).to.deep.include({
      ...{ name: 'b', version: '1.0', filename: 'b-1.0-py3-none-any.whl', size: contentOf('b').length },
      directUrl: undefined,
    });
  });

  it('come eight at once, the largest first', async () => {
    await fetch(letters.map((name) => locked(name)));
    expect(most).to.be.within(2, 8);
    expect(server.requests.slice(0, 8).map(({ url }) => url)).to.have.members(
      letters.slice(-8).map((name) => `/${name}`),
    );
  });

  it('are counted as they come', async () => {
    await fetch([locked('a'), locked('b', { size: undefined })]);
    const all = contentOf('a').length + contentOf('b').length;
    expect(progress.at(-1)).to.deep.equal({ done: 2, total: 2, bytes: all, totalBytes: all });
    for (const { bytes, totalBytes } of progress) expect(bytes).to.be.at.most(totalBytes);
  });

  it('say where they were named by URL', async () => {
    const wheels = await fetch([locked('a', { isDirect: true })]);
    expect(wheels.get('a')?.directUrl).to.have.property('url', server.url('/a'));
  });

  it('are refused, before they are asked for, under the name of another package', async () => {
    const error = await rejection(fetch([locked('a', { filename: 'b-1.0-py3-none-any.whl' })]));
    expect(error.message).to.equal('the wheel of a 1.0 is b-1.0-py3-none-any.whl, which is b 1.0');
    expect(server.requests).to.have.length(0);
  });

  it('end with the first error, and none is on its way then', async () => {
    server.handlers.unshift(status(404), (_, response) => response.writeHead(200));
    const error = await rejection(fetch(letters.map((name) => locked(name))));
    expect(error.message).to.match(/does not have [a-t]-1.0-py3-none-any.whl/);
    expect(server.requests.length).to.be.lessThan(letters.length);
    expect(await readdir(folder.file('cache/wheels')).catch(() => [])).to.satisfy((names: string[]) =>
      names.every((name) => /^[0-9a-f]{64}$/.test(name)),
    );
  });

  it('end with the interruption', async () => {
    server.handlers.unshift((_, response) => {
      response.writeHead(200);
      response.write('a', () => setTimeout(() => stop.abort(), 20));
    });
    expect((await rejection(fetch([locked('a')]))).code).to.equal('interrupted');
    expect((await rejection(fetch([locked('a')]))).code).to.equal('interrupted');
  });

  it('cannot be built without a Python of the image’s version', async () => {
    const { artifact } = locked('a', { filename: 'a-1.0.tar.gz' });
    const archive = { ...artifact, kind: 'archive' } as LockedPackage['artifact'];
    const error = await rejection(fetch([{ name: 'a', version: '1.0', artifact: archive }]));
    expect([error.code, error.message]).to.deep.equal([
      'build-failed',
      'a 1.0 has no wheel for Linux x86_64 with glibc 2.36 and CPython 3.11, and there is no Python 3.11 here to build one',
    ]);
    expect(error.hint).to.contain('uv python install 3.11');
  });
});
