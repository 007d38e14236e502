import { deflateSync, gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { pack } from 'tar-stream';
import { scanLayer } from '../../../src/scan/scan-layer.js';
import { rejection } from '../../support/rejection.js';

const KEY = `-----BEGIN RSA PRIVATE KEY-----\n${'aB3/'.repeat(16)}\n`;

async function layer(files: Readonly<Record<string, string | Buffer>>): Promise<Buffer> {
  const tar = pack();
  for (const [name, content] of Object.entries(files)) tar.entry({ name }, content);
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** In pieces, as a connection gives them. */
async function* pieces(bytes: Buffer, size = 1000): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}

const found = async (bytes: Buffer): Promise<string[]> =>
  (await scanLayer(pieces(bytes))).files.map(({ path, verdict }) => `${path}:${verdict.line ?? '-'} ${verdict.why}`);

describe('scanLayer', () => {
  it('finds keys by name and content, compressed or not', async () => {
    const bytes = await layer({
      './app/a.txt': `\n${KEY}`,
      'root/.netrc': 'machine x',
      'home/x/b.pem': KEY,
      'app/c.py': 'x',
    });
    const expected = [
      'app/a.txt:2 contains a private key',
      'root/.netrc:- contains passwords',
      'home/x/b.pem:- contains a private key',
    ];
    expect(await found(bytes)).to.deep.equal(expected);
    expect(await found(gzipSync(bytes))).to.deep.equal(expected);
  });

  it('passes over the distribution, installed packages, data and large files', async () => {
    const files = {
      'usr/share/x.pem': KEY,
      'var/lib/dpkg/x.pem': KEY,
      'usr/local/lib/python3.11/x.pem': KEY,
      'etc/ssl/certs/x.pem': KEY,
      'opt/venv/lib/python3.11/site-packages/x/key.pem': KEY,
      'opt/kdeploy/lib/x.pem': KEY,
      'app/data.csv': KEY,
      'app/big.txt': Buffer.concat([Buffer.from(KEY), Buffer.alloc(2_000_000, 'x')]),
    };
    expect(await found(await layer(files))).to.deep.equal([]);
    for (const own of [
      'usr-app',
      'usr/src/app',
      'usr/local/app',
      'var/lib/app',
      'app/lib',
      'app/src/pkgs',
      'app/site-packages',
    ])
      expect(await found(await layer({ ...files, [`${own}/x.pem`]: KEY })), own).to.have.length(1);
  });

  it('finds what was committed and deleted, in the objects of a repository', async () => {
    const blob = deflateSync(Buffer.from(`blob ${KEY.length}\0${KEY}`));
    expect(await found(await layer({ [`app/.git/objects/0a/${'1b'.repeat(19)}`]: blob }))).to.deep.equal([
      `app/.git/objects/0a/${'1b'.repeat(19)}:- contains a private key that was committed`,
    ]);
  });

  it('names what the layer deletes', async () => {
    const { deleted } = await scanLayer(pieces(await layer({ 'app/.wh.key.json': '', 'x/.wh..wh..opq': '' })));
    expect(deleted).to.deep.equal(['app/key.json', 'x/']);
  });

  it('keeps no more than some dozens of findings', async () => {
    const files = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`${index}.pem`, KEY]));
    expect(await found(await layer(files))).to.have.length(50);
  });

  it('takes no memory for the size of a layer', async () => {
    async function* large(): AsyncGenerator<Buffer> {
      const header = await layer({ 'app/model.txt': Buffer.alloc(0) });
      // The header's size, 400 MB, and its checksum set anew.
      const first = Buffer.from(header.subarray(0, 512));
      first.write('02764000000\0', 124);
      first.fill(' ', 148, 156);
      const sum = first.reduce((total, byte) => total + byte, 0);
      first.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
      yield first;
      const chunk = Buffer.alloc(1_048_576);
      for (let sent = 0; sent < 0o2764000000; sent += chunk.length)
        yield chunk.subarray(0, Math.min(chunk.length, 0o2764000000 - sent));
      yield Buffer.alloc(1024);
    }
    const before = process.memoryUsage.rss();
    expect((await scanLayer(large())).files).to.deep.equal([]);
    expect(process.memoryUsage.rss() - before).to.be.lessThan(200 * 1024 * 1024);
  });

  it('says that a layer is none, or ends too early', async () => {
    const bytes = gzipSync(await layer({ 'app/a.txt': KEY.repeat(50) }));
    for (const broken of [
      bytes.subarray(0, bytes.length / 2),
      Buffer.alloc(2000, 'x'),
      gzipSync(Buffer.alloc(2000, 'x')),
    ])
      expect((await rejection(scanLayer(pieces(Buffer.from(broken))))).code).to.equal('image-not-found');
  });

  it('stops reading once it knows that it is not given a layer', async () => {
    let left = false;
    async function* endless(): AsyncGenerator<Buffer> {
      try {
        for (;;) yield await Promise.resolve(Buffer.alloc(1000, 'no tar'));
      } finally {
        left = true;
      }
    }
    await rejection(scanLayer(endless()));
    expect(left).to.equal(true);
  });

  it('reads an empty layer', async () => {
    expect(await scanLayer(pieces(Buffer.alloc(1024)))).to.deep.equal({
      files: [],
      repositories: [],
      deleted: [],
      isUnread: false,
    });
  });

  it('hands on a connection that breaks, for its owner to try again', async () => {
    async function* broken(): AsyncGenerator<Buffer> {
      yield (await layer({ 'app/a.txt': KEY })).subarray(0, 512);
      throw Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    }
    const error: unknown = await scanLayer(broken()).catch((reason: unknown) => reason);
    expect(error).to.have.property('code', 'ECONNRESET');
  });
});
