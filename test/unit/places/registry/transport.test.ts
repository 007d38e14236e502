import { mock } from 'node:test';
import { expect } from 'chai';
import { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { ConnectionError } from '../../../../src/places/registry/connection-error.js';
import { Transport, type TransportOptions, type TransportRequest } from '../../../../src/places/registry/transport.js';
import { failure } from '../../../support/failure.js';
import { FakeClock } from './fake-clock.js';
import { FakeRegistry, send, type Fault } from './fake-registry.js';
import { wireTo } from './fake-wire.js';
import { refusal } from './refusal.js';

const taken = async (stream: AsyncIterable<Uint8Array> | undefined): Promise<string> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream ?? []) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
};

describe('the transport', () => {
  let registry: FakeRegistry;
  let clock: FakeClock;
  beforeEach(async () => {
    clock = new FakeClock();
    registry = await FakeRegistry.start(clock);
  });
  afterEach(() => registry.stop());

  const ask = (request: Partial<TransportRequest> = {}, options: TransportOptions = {}) =>
    new Transport({ clock, random: () => 0, ...options }).send({
      method: 'GET',
      url: new URL(`http://${registry.host}/v2/`),
      expect: [200],
      maximumBytes: 1_000,
      ...request,
    });
  const text =
    (body: string, status = 200): Fault =>
    (_, response) =>
      send(response, status, body, { 'Content-Type': 'text/plain', 'X-Of': 'server' });
  const redirectTo =
    (location: string): Fault =>
    (_, response) =>
      send(response, 302, '', { Location: location });

  it('says who it is, and sends the headers that it is given', async () => {
    await ask({ headers: { Accept: 'a/b' } });
    expect(registry.requests[0]?.headers).to.include({ 'user-agent': 'kdeploy', accept: 'a/b' });
  });

  it('hands over status, headers, body and the address that answered in the end', async () => {
    registry.faults.push(redirectTo('/elsewhere'), text('body'));
    const { status, headers, body, url } = await ask();
    expect([status, headers.get('x-of'), body.toString()]).to.deep.equal([200, 'server', 'body']);
    expect(url.href).to.equal(`http://${registry.host}/elsewhere`);
  });

  describe('hands a body over as it comes', () => {
    it('however large it is, and says where it came from', async () => {
      registry.faults.push(redirectTo('/elsewhere'), text('x'.repeat(5_000)));
      const { status, headers, body, stream, url } = await ask({ streams: true });
      expect(await taken(stream)).to.equal('x'.repeat(5_000));
      expect([status, headers.get('x-of'), body.length]).to.deep.equal([200, 'server', 0]);
      expect(url.href).to.equal(`http://${registry.host}/elsewhere`);
    });

    it('also where it is a part', async () => {
      registry.faults.push(text('part', 206));
      const { status, stream } = await ask({ expect: [200, 206], streams: true });
      expect([status, await taken(stream)]).to.deep.equal([206, 'part']);
    });

    it('unless it is that of a refusal, which is read', async () => {
      registry.faults.push(text('who are you?', 401));
      const { status, body, stream } = await ask({ expect: [200, 401], streams: true });
      expect([status, body.toString(), stream]).to.deep.equal([401, 'who are you?', undefined]);
    });

    it('and nothing where there is none', async () => {
      const { stream } = await ask({ streams: true }, { wire: wireTo(() => new Response(null)) });
      expect(await taken(stream)).to.equal('');
    });

    it('no longer than something moves, unless it is its reader who waits', async () => {
      const begin: Fault = (_, response) => response.writeHead(200, { 'Content-Length': '2' }).write('a');
      registry.faults.push(begin);
      const { stream: silent } = await ask({ streams: true }, { idleTimeoutMs: 60 });
      expect(await failure(taken(silent)))
        .to.be.instanceOf(ConnectionError)
        .and.to.have.property('problem', 'timeout');
      registry.faults.push(text('ab'));
      const { stream } = await ask({ streams: true }, { idleTimeoutMs: 60 });
      await wait(120);
      expect(await taken(stream)).to.equal('ab');
    });

    it('for longer than an answer may take that is kept in memory', async () => {
      registry.faults.push((_, response) => {
        response.write('a', () => setTimeout(() => response.end('b'), 120));
      });
      const { stream } = await ask({ streams: true }, { totalTimeoutMs: 60 });
      expect(await taken(stream)).to.equal('ab');
    });
  });

  describe('sends a stream', () => {
    const drop: Fault = (_, response) => send(response, 200);
    const stream = (size: number, chunks: AsyncIterable<Uint8Array>) =>
      ({ method: 'PUT', body: { size, chunks } }) as const;

    it('with its length', async () => {
      registry.faults.push(drop);
      await ask(stream(150_000, Readable.from([Buffer.alloc(150_000)])));
      expect(registry.requests[0]?.bytes).to.have.length(150_000);
      expect(registry.requests[0]?.headers).to.include({ 'content-length': '150000' });
    });

    it('for as long as something moves', async () => {
      registry.faults.push(drop);
      const slow = async function* () {
        for (let step = 0; step < 8; step++) {
          await wait(40);
          yield Buffer.from('x');
        }
      };
      await ask(stream(8, slow()), { headTimeoutMs: 20, totalTimeoutMs: 20, idleTimeoutMs: 150 });
      expect(registry.requests[0]?.body).to.equal('xxxxxxxx');
    });

    it('no longer than something moves', async () => {
      let isClosed = false;
      const stuck = async function* () {
        try {
          yield Buffer.from('x');
          await wait(300);
          yield Buffer.from('x');
        } finally {
          isClosed = true;
        }
      };
      const error = await failure(ask(stream(2, stuck()), { idleTimeoutMs: 60 }));
      expect(error).to.have.property('problem', 'timeout');
      await wait(400);
      expect(isClosed).to.equal(true);
    });

    it('no longer than the answer may take afterwards', async () => {
      registry.faults.push(() => undefined);
      const error = await failure(ask(stream(1, Readable.from([Buffer.from('x')])), { totalTimeoutMs: 60 }));
      expect(error).to.have.property('problem', 'timeout');
    });

    it('of no other length than it says', async () => {
      for (const [size, chunks] of [
        [1, ['xx']],
        [1, ['x', 'x']],
        [3, ['xx']],
      ] as const) {
        const body = Readable.from(chunks.map((chunk) => Buffer.from(chunk)));
        expect((await refusal(ask(stream(size, body)))).message).to.include(`does not have the ${size} bytes`);
      }
    });

    it('and says what kept it from being read, not that the connection failed', async () => {
      const reason = new Error('the disk is gone');
      const broken = async function* () {
        yield await Promise.resolve(Buffer.from('x'));
        throw reason;
      };
      expect(await failure(ask(stream(2, broken())))).to.equal(reason);
    });
  });

  it('waits between half of the time that it is told and all of it, and no longer than until Ctrl-C', async () => {
    for (const [random, ms] of [
      [0, 500],
      [1, 1000],
    ] as const) {
      await new Transport({ clock, random: () => random }).pause(1000);
      expect(clock.sleeps.at(-1)).to.equal(ms);
    }
    const pausing = new Transport({ clock, signal: AbortSignal.abort() });
    expect((await refusal(pausing.pause(1000))).code).to.equal('interrupted');
  });

  it('says who sent more than it was asked for', async () => {
    registry.faults.push(text('x'.repeat(1_001)));
    expect((await refusal(ask())).message).to.equal(
      `the answer of ${registry.host} is larger than 1000 bytes, more than any registry should send`,
    );
  });

  it('names the address that refused, without its signature', async () => {
    registry.faults.push(redirectTo('/elsewhere?X-Signature=hunter2'), text('gone', 404));
    expect(await failure(ask())).to.have.property(
      'message',
      `GET http://${registry.host}/elsewhere?X-Signature=***: 404 Not Found: gone`,
    );
  });

  describe('follows where an answer sends it', () => {
    let other: FakeRegistry;
    beforeEach(async () => {
      other = await FakeRegistry.start(clock);
    });
    afterEach(() => other.stop());

    it('with who asks only as long as it stays at one address', async () => {
      const headers = { Authorization: 'Bearer hunter2', Accept: 'a/b', Range: 'bytes=5-' };
      const back = redirectTo(`http://${registry.host}/last`);
      registry.faults.push(redirectTo('/next'), redirectTo(`http://${other.host}/away`), text('at last'));
      other.faults.push(back);
      expect((await ask({ headers })).body.toString()).to.equal('at last');
      expect(
        [...registry.requests, ...other.requests].map(({ url, headers: { authorization, accept, range } }) => [
          url,
          authorization,
          accept,
          range,
        ]),
      ).to.deep.equal([
        ['/v2/', 'Bearer hunter2', 'a/b', 'bytes=5-'],
        ['/next', 'Bearer hunter2', 'a/b', 'bytes=5-'],
        ['/last', undefined, 'a/b', 'bytes=5-'],
        ['/away', undefined, 'a/b', 'bytes=5-'],
      ]);
    });

    it('five times', async () => {
      registry.faults.push(...Array.from({ length: 5 }, () => redirectTo('/on')), text('at last'));
      expect((await ask()).body.toString()).to.equal('at last');
      registry.faults.push(...Array.from({ length: 6 }, () => redirectTo('/on')));
      expect(await failure(ask()))
        .to.have.property('message')
        .that.contains('the redirects go in a circle');
    });

    it('not with a body', async () => {
      for (const method of ['POST', 'PUT', 'PATCH'] as const) {
        registry.faults.push((_, response) => send(response, 307, '', { Location: `http://${other.host}/` }));
        expect(await failure(ask({ method, body: 'password=hunter2' }))).to.have.property('status', 307);
      }
      expect(other.requests).to.deep.equal([]);
    });

    it('and names who did not answer there', async () => {
      const { host } = other;
      await other.stop();
      registry.faults.push(redirectTo(`http://${host}/blob?X-Signature=hunter2`));
      const error = await failure(ask());
      expect(error).to.include({ host, problem: 'refused' });
      expect(String(error)).not.to.contain('hunter2');
      other = await FakeRegistry.start(clock);
    });
  });

  it('quotes a refusal as it is, without the secrets in it', async () => {
    registry.faults.push(text('pw1x is wrong', 400), text('nothing but words', 400));
    expect(await failure(ask({ secrets: ['pw1x'] }))).to.have.nested.property('problems[0].message', '*** is wrong');
    expect(await failure(ask())).to.have.nested.property('problems[0].message', 'nothing but words');
  });

  it('stops a request that is under way at Ctrl-C', async () => {
    const interrupt = new AbortController();
    registry.faults.push(() => interrupt.abort());
    expect(await refusal(ask({}, { signal: interrupt.signal }))).to.include({
      code: 'interrupted',
      message: 'interrupted',
    });
    expect(registry.requests).to.have.length(1);
  });

  it('leaves no timer behind, which would keep the program from its end', async () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    try {
      const signals: AbortSignal[] = [];
      const answering = (answer: () => Response) => ({
        wire: wireTo(({ signal }) => {
          signals.push(signal);
          return answer();
        }),
      });
      await ask(
        {},
        answering(() => new Response('x')),
      );
      await taken(
        (
          await ask(
            { streams: true },
            answering(() => new Response('x')),
          )
        ).stream,
      );
      const cut = () => {
        throw new Error('cut');
      };
      await failure(ask({}, answering(cut)));
      mock.timers.tick(3_600_000);
      expect(signals.map((signal) => signal.aborted)).to.deep.equal([false, false, false]);
    } finally {
      mock.timers.reset();
    }
  });
});
