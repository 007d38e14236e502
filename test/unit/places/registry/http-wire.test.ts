import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { connectionErrorOf } from '../../../../src/places/registry/connection-error.js';
import { HttpWire } from '../../../../src/places/registry/http-wire.js';
import type { WireAnswer, WireRequest } from '../../../../src/places/registry/wire.js';
import { failure } from '../../../support/failure.js';

describe('a request by HTTP', () => {
  let server: Server;
  let url: URL;
  let answer: RequestListener;
  let connections: number;
  beforeEach(async () => {
    connections = 0;
    server = createServer((request, response) => answer(request, response));
    server.on('connection', () => (connections += 1));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v2/`);
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const wire = new HttpWire();
  const exchange = (request: Partial<WireRequest> = {}): Promise<WireAnswer> =>
    wire.exchange({ method: 'GET', url, headers: {}, signal: new AbortController().signal, ...request });
  const read = async ({ body }: WireAnswer): Promise<string> => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of body) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  };
  const received = async (request: IncomingMessage): Promise<Buffer> =>
    Buffer.concat((await Readable.from(request).toArray()) as Buffer[]);
  const problemOf = (call: Promise<unknown>): Promise<string> =>
    failure(call).then((error) => connectionErrorOf(error, 'GET', url.href).problem);

  it('brings status, header fields whatever their case, and the body', async () => {
    answer = (_, response) => response.writeHead(404, { 'X-Of': ['one', 'two'], 'Set-Cookie': ['a', 'b'] }).end('gone');
    const got = await exchange();
    expect([got.status, got.headers.get('x-OF'), got.headers.get('set-cookie')]).to.deep.equal([
      404,
      'one, two',
      'a, b',
    ]);
    expect([got.headers.has('X-of'), got.headers.has('x'), got.headers.get('x')]).to.deep.equal([true, false, null]);
    expect(await read(got)).to.equal('gone');
  });

  it('follows nothing', async () => {
    answer = (_, response) => response.writeHead(302, { Location: '/x' }).end();
    expect((await exchange()).status).to.equal(302);
  });

  it('says how long its body is, also where that is empty', async () => {
    answer = (request, response) =>
      void received(request).then((body) =>
        response.end(`${request.headers['content-length'] ?? 'none'} ${body.toString()}`),
      );
    expect(await read(await exchange({ method: 'POST', body: Buffer.from('') }))).to.equal('0 ');
    expect(await read(await exchange({ method: 'PUT', body: Buffer.from('abc') }))).to.equal('3 abc');
    expect(await read(await exchange())).to.equal('none ');
  });

  it('sends a stream in steps that can be told to move', async () => {
    answer = (request, response) => void received(request).then((body) => response.end(String(body.length)));
    let moved = 0;
    const headers = { 'Content-Length': '600001' };
    const body = Readable.from([Buffer.alloc(600_000), Buffer.alloc(1)]);
    const got = await exchange({ method: 'PUT', headers, body, onMoved: () => (moved += 1) });
    expect([await read(got), moved]).to.deep.equal(['600001', 4]);
  });

  it('reads no more of a stream than the other side takes', async () => {
    answer = () => undefined;
    let made = 0;
    const endless = async function* () {
      for (;;) {
        made += 1;
        yield await Promise.resolve(Buffer.alloc(1024 * 1024));
      }
    };
    const stop = new AbortController();
    const call = exchange({
      method: 'PUT',
      headers: { 'Content-Length': '1000000000' },
      body: endless(),
      signal: stop.signal,
    });
    await wait(300);
    const before = made;
    await wait(100);
    expect(made).to.equal(before).and.to.be.lessThan(50);
    stop.abort();
    await failure(call);
  });

  it('sends no more once it is refused, and closes the stream', async () => {
    answer = (_, response) => response.writeHead(413).end('too large');
    let isClosed = false;
    const slow = async function* () {
      try {
        for (;;) {
          yield Buffer.alloc(10);
          await wait(20);
        }
      } finally {
        isClosed = true;
      }
    };
    const got = await exchange({ method: 'PUT', headers: { 'Content-Length': '1000000' }, body: slow() });
    expect([got.status, await read(got)]).to.deep.equal([413, 'too large']);
    await wait(60);
    expect(isClosed).to.equal(true);
  });

  it('throws what kept its body from being read', async () => {
    answer = () => undefined;
    const reason = new Error('the disk is gone');
    const broken = async function* () {
      yield await Promise.resolve(Buffer.from('x'));
      throw reason;
    };
    expect(await failure(exchange({ method: 'PUT', headers: { 'Content-Length': '2' }, body: broken() }))).to.equal(
      reason,
    );
  });

  it('goes over a connection that is there', async () => {
    answer = (_, response) => response.end('x');
    for (let count = 0; count < 3; count++) await read(await exchange());
    expect(connections).to.equal(1);
  });

  it('brings each answer its own bytes, also where one is read slowly and several come at once', async () => {
    const size = 5_000_000;
    answer = ({ url: asked = '' }, response) => response.end(Buffer.alloc(size, asked));
    const texts = ['one', 'two', 'three'];
    const bodies = await Promise.all(
      [...texts, ...texts].map(async (text, index) => {
        const { body } = await exchange({ url: new URL(text, url) });
        const chunks: Uint8Array[] = [];
        for await (const chunk of body) {
          chunks.push(chunk);
          if (index < 3) await wait(5);
        }
        return Buffer.concat(chunks).equals(Buffer.alloc(size, `/v2/${text}`));
      }),
    );
    expect(bodies).to.deep.equal(Array(6).fill(true));
  });

  it('closes the connection of an answer that is not read to its end', async () => {
    const closed = new Promise<void>((resolve) => {
      answer = (_, response) => {
        response.once('close', resolve);
        response.writeHead(200, { 'Content-Length': '1000' }).write('abc');
      };
    });
    for await (const chunk of (await exchange()).body) {
      expect(Buffer.from(chunk).toString()).to.equal('abc');
      break;
    }
    await closed;
  });

  for (const [packing, packed] of [
    ['gzip', gzipSync('layer')],
    ['X-GZIP', gzipSync('layer')],
    ['deflate', deflateSync('layer')],
    ['br', brotliCompressSync('layer')],
    ['identity', Buffer.from('layer')],
  ] as const) {
    it(`unpacks what comes as ${packing}`, async () => {
      answer = (_, response) => response.writeHead(200, { 'Content-Encoding': packing }).end(packed);
      expect(await read(await exchange())).to.equal('layer');
    });
  }

  it('unpacks nothing where there is nothing', async () => {
    answer = (_, response) => response.writeHead(200, { 'Content-Encoding': 'gzip', 'Content-Length': '50' }).end();
    expect(await read(await exchange({ method: 'HEAD' }))).to.equal('');
  });

  const packings = [undefined, 'gzip'];
  for (const packing of packings) {
    it(`tells an answer that breaks off (${packing ?? 'not packed'}) from one that ends`, async () => {
      answer = (_, response) => {
        response.writeHead(200, {
          'Content-Length': '1000',
          ...(packing !== undefined && { 'Content-Encoding': packing }),
        });
        response.write(packing === undefined ? 'abc' : gzipSync('abc').subarray(0, 12), () => response.destroy());
      };
      expect(await problemOf(exchange().then(read))).to.equal('reset');
      const late = await exchange();
      await wait(50);
      expect(await problemOf(read(late))).to.equal('reset');
    });
  }

  it('tells a port where nobody listens, also one that browsers do not ask', async () => {
    expect(await problemOf(exchange({ url: new URL('http://127.0.0.1:1/v2/') }))).to.equal('refused');
  });

  it('ends at a signal: before it, during it, and while its answer is read', async () => {
    expect(await failure(exchange({ signal: AbortSignal.abort(new Error('before')) }))).to.have.property(
      'message',
      'before',
    );
    const during = new AbortController();
    answer = () => during.abort();
    await failure(exchange({ signal: during.signal }));
    const reading = new AbortController();
    answer = (_, response) => response.writeHead(200, { 'Content-Length': '1000' }).write('abc');
    const got = await exchange({ signal: reading.signal });
    setTimeout(() => reading.abort(), 20);
    await failure(read(got));
  });
});
