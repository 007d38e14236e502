import { once } from 'node:events';
import { Agent, createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { acceptAnswer, asCut, EngineRefusal, parsed } from '../../../../src/places/engine/answer.js';
import { EngineFault } from '../../../../src/places/engine/fault.js';
import { startRequest } from '../../../../src/places/engine/request.js';

describe('an answer to a call of the engine', () => {
  let server: Server;
  let answer: (response: ServerResponse) => unknown;

  before(async () => {
    server = createServer((_request, response) => void answer(response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  after(() => server.close());

  const ask = async (call: string, given: typeof answer, form: { isStream?: boolean; hijack?: boolean } = {}) => {
    answer = given;
    const { port } = server.address() as AddressInfo;
    const options = { host: '127.0.0.1', port, method: call.split(' ')[0], path: call.split(' ')[1], agent: false };
    return new Promise<unknown>((resolve, reject) => {
      startRequest('http', options, undefined, (error, response) => {
        if (response === undefined) reject(error!);
        else
          acceptAnswer(call, { statusCodes: { 200: true, 404: 'no such thing' }, ...form }, response).then(
            resolve,
            reject,
          );
      });
    });
  };
  const failureOf = (asked: Promise<unknown>): Promise<Error> =>
    asked.then(
      () => expect.fail('nothing failed'),
      (error: unknown) => error as Error,
    );
  const sent =
    (status: number, type: string | undefined, body: string) =>
    (response: ServerResponse): unknown =>
      response.writeHead(status, type === undefined ? {} : { 'Content-Type': type }).end(body);
  const INSPECT = 'GET /images/app/json';

  it('is its JSON, whatever an engine calls it', async () => {
    for (const type of ['application/json', 'application/json; charset=utf-8', 'text/plain', undefined])
      expect(await ask(INSPECT, sent(200, type, '{"Id":"x"}\n'))).to.deep.equal({ Id: 'x' });
    expect(await ask(INSPECT, sent(200, 'application/json', '[1]'))).to.deep.equal([1]);
  });

  it('is nothing where it has no content, which Podman sends as a line break', async () => {
    for (const body of ['', '\n']) expect(await ask(INSPECT, sent(200, 'text/plain', body))).to.equal(undefined);
  });

  const notAnEngines: readonly [what: string, status: number, type: string | undefined, body: string, words: string][] =
    [
      ['a page', 200, 'text/html', '<html></html>', 'is a web page (HTTP 200, text/html)'],
      ['a page that says it is XML', 200, 'application/xhtml+xml', '<html/>', 'is a web page'],
      ['a page without a type', 200, undefined, '<html></html>', 'is not valid JSON (HTTP 200)'],
      ['half a document', 200, 'application/json', '{"Id":', 'is not valid JSON'],
      ['a bare number', 200, 'application/json', '3', 'is not valid JSON'],
      ['null', 200, 'application/json', 'null', 'is not valid JSON'],
      [
        'a page in place of a refusal',
        404,
        'text/html',
        '<html></html>',
        'has no reason that an engine gives (HTTP 404',
      ],
      [
        'a bare line in place of a refusal',
        404,
        'text/plain',
        '404 page not found',
        'has no reason that an engine gives',
      ],
      [
        'a proxy’s JSON in place of a refusal',
        502,
        'application/json',
        '{"error":"x"}',
        'has no reason that an engine gives',
      ],
      ['a redirect', 302, 'text/html', '', 'has no reason that an engine gives (HTTP 302'],
    ];
  for (const [what, status, type, body, words] of notAnEngines) {
    it(`is not an engine’s where it is ${what}`, async () => {
      const error = await failureOf(ask(INSPECT, sent(status, type, body)));
      expect(error).to.be.instanceOf(EngineFault).with.property('kind', 'foreign');
      expect(error.message).to.contain(`the answer to ${INSPECT} ${words}`);
      // So that nobody takes it for "there is none".
      expect(error).not.to.have.property('statusCode');
    });
  }

  it('is a refusal where the engine says why', async () => {
    const error = await failureOf(ask(INSPECT, sent(404, 'application/json', '{"message":" No such image: app "}')));
    expect(error).to.be.instanceOf(EngineRefusal).with.property('statusCode', 404);
    expect(error.message).to.equal('No such image: app');
    const mute = await failureOf(ask(INSPECT, sent(500, 'application/json', '{"message":""}')));
    expect(mute.message).to.equal('HTTP 500 without a reason');
  });

  it('is a refusal where HEAD can have no reason, unless a page stands for it', async () => {
    const head = 'HEAD /containers/c1/archive';
    expect(await failureOf(ask(head, sent(404, 'application/json', '')))).to.have.property('statusCode', 404);
    expect(await failureOf(ask(head, sent(404, 'text/html', '')))).to.be.instanceOf(EngineFault);
  });

  it('is OK where it answers a ping', async () => {
    for (const body of ['OK', 'OK\n', '']) await ask('GET /_ping', sent(200, 'text/plain', body), { isStream: true });
    for (const body of ['<html>', 'Welcome', '{}'])
      expect((await failureOf(ask('GET /_ping', sent(200, 'text/plain', body)))).message).to.contain('is not OK');
  });

  it('is a stream where one was asked for, and no page', async () => {
    const stream = (await ask('POST /build', sent(200, 'application/json', 'x'), {
      isStream: true,
    })) as NodeJS.ReadStream;
    stream.destroy();
    const error = await failureOf(ask('POST /build', sent(200, 'text/html', '<html>'), { isStream: true }));
    expect(error.message).to.equal('the answer to POST /build is a web page (HTTP 200, text/html)');
  });

  it('is no connection where one was asked for and not opened', async () => {
    const error = await failureOf(ask('POST /session', sent(200, 'application/json', '{}'), { hijack: true }));
    expect(error.message).to.contain('does not open a connection');
  });

  it('is no connection where none was asked for', async () => {
    let isClosed: Promise<unknown> | undefined;
    const opening: typeof answer = (response) => {
      isClosed = once(response.socket!, 'close');
      response.socket!.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nhello');
    };
    const error = await failureOf(ask(INSPECT, opening));
    expect(error).to.be.instanceOf(EngineFault).with.property('kind', 'foreign');
    expect(error.message).to.equal(`the answer to ${INSPECT} opens a connection that was not asked for`);
    await isClosed;
  });

  for (const [what, raw] of [
    ['a greeting of ssh', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['a header without an end', `HTTP/1.1 200 OK\r\nX: ${'a'.repeat(100_000)}`],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\n{}'],
    ['a header that clears the screen', 'HTTP/1.1 200 OK\r\nX: \u001B[2J\u0000\r\n\r\n{}'],
  ] as const) {
    it(`is not an engine’s where it is no HTTP but ${what}`, async () => {
      const error = asCut(await failureOf(ask(INSPECT, (response) => response.socket!.write(raw))));
      expect(error).to.be.instanceOf(EngineFault).with.property('kind', 'foreign');
      expect(error.message).to.match(/^the answer is not an engine's: [\w ,/-]+$/);
    });
  }

  it('is an error where it breaks off', async () => {
    const half = (response: ServerResponse): unknown =>
      response.writeHead(200, { 'Content-Length': 100 }).write('{"Id":"x"', () => response.destroy());
    expect(await failureOf(ask(INSPECT, half))).to.have.property('kind', 'cut');
  });

  it('keeps the words of what was not a broken connection', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    expect(asCut(refused)).to.equal(refused);
    expect(asCut(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })).message).to.equal(
      'the connection was closed before the answer was complete (read ECONNRESET)',
    );
    expect(asCut(null).message).to.equal('the connection was closed before the answer was complete');
  });

  it('is parsed without throwing', () => {
    expect([parsed('{'), parsed(''), parsed('null'), parsed('{"a":1}')]).to.deep.equal([
      undefined,
      undefined,
      null,
      { a: 1 },
    ]);
  });

  it('is read to its end where a HEAD finds nothing, so that its connection keeps no process alive', async () => {
    answer = (response) => response.writeHead(404).end();
    const { port } = server.address() as AddressInfo;
    // As Node's own agent does, which dockerode uses.
    const agent = new Agent({ keepAlive: true });
    const options = { host: '127.0.0.1', port, method: 'HEAD', path: '/archive', agent };
    await new Promise<void>((resolve) => {
      const request = startRequest('http', options, undefined, (_error, response) => {
        if (response !== undefined)
          void acceptAnswer('HEAD /archive', { statusCodes: {} }, response).catch(() => undefined);
      });
      request?.once('close', resolve);
    });
    agent.destroy();
  });
});
