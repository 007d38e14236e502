import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer as createTcpServer } from 'node:net';
import { PassThrough, Readable, type Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { startRequest } from '../../../../src/places/engine/request.js';

type Given = IncomingMessage | Duplex;

describe('a request to the engine', () => {
  let server: Server | undefined;
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
    server = undefined;
  });

  const listen = async (started: Server): Promise<number> => {
    server = started;
    await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
    return (started.address() as AddressInfo).port;
  };
  const send = (options: object, data?: unknown, protocol?: string): Promise<Given> =>
    new Promise((resolve, reject) => {
      startRequest(
        protocol,
        { host: '127.0.0.1', agent: false, method: 'POST', path: '/x', ...options },
        data,
        (error, answer) => (error === null ? resolve(answer!) : reject(error)),
      );
    });
  const failureOf = (sent: Promise<unknown>): Promise<Error> =>
    sent.then(
      () => expect.fail('nothing failed'),
      (error: unknown) => error as Error,
    );
  /** Sends back what was sent. */
  const echo = () => createServer((request, response) => void request.pipe(response));
  const textOf = async (sent: Promise<Given>): Promise<string> => text(await sent);

  it('sends what it is given: nothing, bytes, text, a stream of any library', async () => {
    const port = await listen(echo());
    expect(await textOf(send({ port }))).to.equal('');
    expect(await textOf(send({ port }, Buffer.from('bytes')))).to.equal('bytes');
    expect(await textOf(send({ port }, '{"a":1}'))).to.equal('{"a":1}');
    expect(await textOf(send({ port }, Readable.from(['a ', 'stream'])))).to.equal('a stream');
  });

  it('ends with the error of the stream that it sends', async () => {
    const port = await listen(echo());
    const context = new PassThrough();
    const failed = failureOf(send({ port }, context));
    const failure = new Error('a file vanished');
    context.destroy(failure);
    expect(await failed).to.equal(failure);
  });

  it('hands over a redirect as it is, and follows none', async () => {
    const asked: (string | undefined)[] = [];
    const port = await listen(
      createServer(({ url }, response) => {
        asked.push(url);
        response.writeHead(307, { Location: '/elsewhere' }).end();
      }),
    );
    const answer = (await send({ port })) as IncomingMessage;
    answer.resume();
    expect([answer.statusCode, answer.headers.location, asked]).to.deep.equal([307, '/elsewhere', ['/x']]);
  });

  it('hands over a connection with all that came on it', async () => {
    const port = await listen(
      createServer().on('upgrade', (_request, socket: Duplex) => {
        // In one piece: its first bytes come together with the headers.
        socket.end('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nfirst, ');
      }),
    );
    const headers = { Connection: 'Upgrade', Upgrade: 'tcp' };
    expect(await textOf(send({ port, headers }))).to.equal('first, ');
  });

  it('fails where the connection ends without an answer, or cannot be made', async () => {
    const port = await listen(createServer(({ socket }) => socket.destroy()));
    expect((await failureOf(send({ port }))).message).to.equal('socket hang up');
    server?.close();
    server?.closeAllConnections();
    expect(await failureOf(send({ port }))).to.have.property('code', 'ECONNREFUSED');
  });

  it('fails where it cannot be sent at all, instead of throwing', async () => {
    let request: unknown = 'none yet';
    const error = await new Promise<Error | null>((resolve) => {
      request = startRequest('http', { path: '/an image' }, undefined, resolve);
    });
    expect(error).to.have.property('code', 'ERR_UNESCAPED_CHARACTERS');
    expect(request).to.equal(undefined);
  });

  it('has one answer, whatever becomes of its connection afterwards', async () => {
    const broken = createTcpServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () =>
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf', () => socket.resetAndDestroy()),
      );
    });
    await new Promise<void>((resolve) => broken.listen(0, '127.0.0.1', resolve));
    const { port } = broken.address() as AddressInfo;
    const told: (Error | null)[] = [];
    const request = startRequest('http', { host: '127.0.0.1', port, agent: false }, undefined, (error, answer) => {
      told.push(error);
      answer?.on('error', () => undefined).resume();
    });
    await new Promise((resolve) => request?.once('close', resolve));
    expect(told).to.deep.equal([null]);
    broken.close();
  });
});
