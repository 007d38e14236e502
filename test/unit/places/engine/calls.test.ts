import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import { expect } from 'chai';
import type Docker from 'dockerode';
import type { superviseCalls } from '../../../../src/places/engine/calls.js';
import { EngineFault } from '../../../../src/places/engine/fault.js';
import { FakeEngine, hangUp, json, nothing, type Answer } from './fake-engine.js';

const NEVER: Answer = () => undefined;
const OK: Answer = (response) => response.writeHead(200).end('OK');

describe('a call of the engine', () => {
  let engine: FakeEngine;
  let interruption: AbortController;

  const supervised = async (limits: Parameters<typeof superviseCalls>[2]): Promise<Docker> => {
    engine = await FakeEngine.start(limits, interruption.signal);
    engine.on('GET /_ping', OK);
    return engine.docker;
  };
  const failureOf = (call: Promise<unknown>): Promise<Error> =>
    call.then(
      () => expect.fail('nothing failed'),
      (error: unknown) => error as Error,
    );
  /** The nth time that this was asked. */
  const asked = async (route: string, times = 1): Promise<void> => {
    while (engine.asked.filter((each) => each === route).length < times) await once(engine.seen, 'request');
  };

  beforeEach(() => (interruption = new AbortController()));
  afterEach(() => engine.stop());

  for (const [route, call] of [
    ['GET /images/app/json', (docker: Docker) => docker.getImage('app').inspect()],
    ['POST /images/app/tag', (docker: Docker) => docker.getImage('app').tag({ repo: 'app', tag: 'v2' })],
    ['POST /containers/create', (docker: Docker) => docker.createContainer({ Image: 'app' })],
    ['POST /commit', (docker: Docker) => docker.getContainer('c1').commit({})],
    ['DELETE /containers/c1', (docker: Docker) => docker.getContainer('c1').remove()],
    ['POST /containers/c1/start', (docker: Docker) => docker.getContainer('c1').start()],
  ] as const) {
    it(`has a limit where it should be answered at once: ${route}`, async () => {
      const docker = await supervised({ answer: 20, change: 20 });
      engine.on(route, NEVER);
      const error = await failureOf(call(docker));
      expect(error).to.be.instanceOf(EngineFault).with.property('kind', 'silent');
      expect(error.message).to.equal('the Docker engine does not answer (waited 0.02 s)');
    });
  }

  it('has the limit for what is read of its answer as well', async () => {
    const docker = await supervised({ answer: 200, change: 20 });
    engine.on('GET /containers/c1/archive', (response) => {
      response.writeHead(200, { 'Content-Type': 'application/x-tar' });
      response.write('half a tar');
    });
    const stream = await docker.getContainer('c1').getArchive({ path: '/etc/passwd' });
    const error = await failureOf(buffer(stream));
    expect(error).to.be.instanceOf(EngineFault).with.property('kind', 'silent');
  });

  it('may be silent for as long as it likes where the engine works, and answers pings', async () => {
    const docker = await supervised({ answer: 20, change: 20, pulse: 1 });
    engine.on('POST /containers/c1/wait', (response) => {
      void asked('GET /_ping', 30).then(() =>
        json({ StatusCode: 3 })(response, engine.only('POST /containers/c1/wait')),
      );
    });
    expect(await docker.getContainer('c1').wait()).to.deep.equal({ StatusCode: 3 });
  });

  it('ends where the engine works and no longer answers pings', async () => {
    const docker = await supervised({ pulse: 1, ping: 20 });
    engine.on('GET /_ping', NEVER).on('POST /containers/c1/wait', NEVER);
    expect((await failureOf(docker.getContainer('c1').wait())).message).to.match(/^the Docker engine does not answer/);
  });

  it('ends in the middle of a stream too where pings are no longer answered', async () => {
    const docker = await supervised({ pulse: 1, ping: 20 });
    engine.on('GET /_ping', NEVER).on('POST /build', (response) => void response.writeHead(200).write('{}\n'));
    const stream = await docker.buildImage(Buffer.from('x') as never);
    const read = async (): Promise<void> => {
      for await (const chunk of stream) expect(chunk).not.to.equal(undefined);
    };
    expect((await failureOf(read())).message).to.match(/^the Docker engine does not answer/);
  });

  describe('of another program', () => {
    /** Goes on until it is aborted. */
    const endless = (signal: AbortSignal): Promise<never> =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));

    it('ends where pings are no longer answered', async () => {
      await supervised({ pulse: 1, ping: 20 });
      engine.on('GET /_ping', NEVER);
      const error = await failureOf(engine.calls.whileAlive(new AbortController().signal, endless));
      expect(error.message).to.equal('the Docker engine does not answer (waited 0.02 s)');
    });

    it('may take as long as it likes, and tells its own result or failure', async () => {
      await supervised({ pulse: 1 });
      const { signal } = new AbortController();
      expect(await engine.calls.whileAlive(signal, () => asked('GET /_ping', 20).then(() => 'done'))).to.equal('done');
      const failing = engine.calls.whileAlive(signal, () => Promise.reject(new Error('exit code 4')));
      expect((await failureOf(failing)).message).to.equal('exit code 4');
    });

    it('is aborted by Ctrl-C, and by nothing else', async () => {
      await supervised({});
      const running = failureOf(engine.calls.whileAlive(interruption.signal, endless));
      interruption.abort(new Error('interrupted'));
      expect((await running).message).to.equal('aborted');
    });
  });

  it('is not pinged for where nothing works', async () => {
    const docker = await supervised({ pulse: 1 });
    engine.on('GET /images/app/json', json({}));
    await docker.getImage('app').inspect();
    expect(engine.asked).to.deep.equal(['GET /images/app/json']);
  });

  it('goes on where a ping is refused or breaks: it says itself what is wrong', async () => {
    const docker = await supervised({ pulse: 1 });
    engine.on('GET /_ping', hangUp()).on('POST /containers/c1/wait', (response) => {
      void asked('GET /_ping', 3).then(() => response.destroy());
    });
    expect(await failureOf(docker.getContainer('c1').wait())).to.have.property('kind', 'cut');
  });

  describe('after Ctrl-C', () => {
    const interrupt = (): void => interruption.abort(new Error('interrupted'));

    it('ends at once where it only waits', async () => {
      const docker = await supervised({});
      engine.on('GET /images/app/json', NEVER).on('POST /containers/c1/wait', NEVER);
      const calls = [failureOf(docker.getImage('app').inspect()), failureOf(docker.getContainer('c1').wait())];
      await Promise.all([asked('GET /images/app/json'), asked('POST /containers/c1/wait')]);
      interrupt();
      expect((await Promise.all(calls)).map(({ message }) => message)).to.deep.equal(['interrupted', 'interrupted']);
    });

    it('may end where the engine is changing something', async () => {
      const docker = await supervised({});
      engine.on('POST /images/app/tag', (response) => {
        interrupt();
        void asked('GET /_ping').then(() => response.writeHead(201).end());
      });
      await docker.getImage('app').tag({ repo: 'app', tag: 'v2' });
      engine.on('DELETE /containers/c1', nothing());
      await docker.getContainer('c1').remove();
    });

    it('is not made, and not waited for, where the engine shows no sign of life', async () => {
      const docker = await supervised({ interrupted: 20 });
      engine.on('GET /_ping', NEVER).on('DELETE /containers/c1', NEVER);
      const removing = failureOf(docker.getContainer('c1').remove());
      await asked('DELETE /containers/c1');
      interrupt();
      expect((await removing).message).to.equal('the Docker engine does not answer (waited 0.02 s)');
      expect((await failureOf(docker.getContainer('c2').remove())).message).to.match(/does not answer/);
      expect(engine.asked).not.to.contain('DELETE /containers/c2');
    });
  });

  it('fails where dockerode cannot read the answer, and nothing else does', async () => {
    const docker = await supervised({});
    engine.on('POST /containers/create', nothing(201));
    const error = await failureOf(docker.createContainer({ Image: 'app' }));
    expect(error.message).to.equal("the answer to POST /containers/create is not an engine's");
  });
});
