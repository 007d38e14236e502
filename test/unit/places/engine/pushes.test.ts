import { expect } from 'chai';
import { statusOf } from '../../../../src/places/engine/images.js';
import { EngineStreamError } from '../../../../src/places/engine/message-stream.js';
import { EnginePushes, type PushProgress } from '../../../../src/places/engine/pushes.js';
import { FakeEngine, hangUp, json, nothing, records, refuse } from './fake-engine.js';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const ROUTE = 'POST /images/localhost:5000/app/push';

describe('a push by the engine', () => {
  let engine: FakeEngine;
  let progress: PushProgress[];
  let retries: number[];

  beforeEach(async () => {
    engine = await FakeEngine.start();
    [progress, retries] = [[], []];
  });

  afterEach(async () => engine.stop());

  const push = (
    credentials?: object,
    signal = new AbortController().signal,
    onProgress?: () => void,
    plainHttp = false,
  ) =>
    new EnginePushes(engine.docker).push('localhost:5000/app', 'v1', {
      credentials,
      signal,
      plainHttp,
      onRetry: (seconds) => retries.push(seconds),
      onProgress: (each) => {
        progress.push(each);
        onProgress?.();
      },
    });
  const failureOf = async (promise: Promise<unknown>): Promise<Error> =>
    promise.then(
      () => expect.fail('nothing failed'),
      (error: unknown) => error as Error,
    );

  it('returns the digest that the registry answered with', async () => {
    engine.on(
      ROUTE,
      records(
        { status: `v1: digest: ${DIGEST} size: 528` },
        { progressDetail: {}, aux: { Tag: 'v1', Digest: DIGEST, Size: 528 } },
      ),
    );
    expect(await push()).to.equal(DIGEST);
    expect(engine.only(ROUTE).query.get('tag')).to.equal('v1');
  });

  it('returns the digest that Podman tells in a text for people only', async () => {
    engine.on(
      ROUTE,
      records({ status: 'The push refers to repository [x]' }, { status: `v1: digest: ${DIGEST} size: 579` }),
    );
    expect(await push()).to.equal(DIGEST);
  });

  for (const status of [`v1: digest: ${DIGEST}`, 'v1: digest: sha256:abc size: 3', `layer ${DIGEST} size: 3`]) {
    it(`reads no digest out of “${status.replace(DIGEST, '…')}”`, async () => {
      engine.on(ROUTE, records({ status }));
      expect(await push()).to.equal(undefined);
    });
  }

  it('asks Podman for what Docker does by itself: no TLS to a registry on this machine', async () => {
    engine.on(ROUTE, records());
    await push(undefined, undefined, undefined, true);
    expect(engine.only(ROUTE).query.get('tlsVerify')).to.equal('false');
  });

  it('returns nothing from an engine that does not tell the digest', async () => {
    engine.on(ROUTE, records({ status: 'Pushed', id: 'abc' }, { aux: 'text' }, { aux: { Digest: 3 } }));
    expect(await push()).to.equal(undefined);
  });

  it('counts layers, and bytes where they are known', async () => {
    engine.on(
      ROUTE,
      records(
        { status: 'The push refers to repository [localhost:5000/app]' },
        { status: 'Preparing', progressDetail: {}, id: 'aaa' },
        { status: 'Layer already exists', progressDetail: {}, id: 'bbb' },
        { status: 'Pushing', progressDetail: { current: 30, total: 100 }, id: 'aaa' },
        { status: 'Mounted from team/base', progressDetail: {}, id: 'ccc' },
        { status: 'Pushed', progressDetail: {}, id: 'aaa' },
        { status: 'latest', id: 'v1' },
      ),
    );
    await push();
    expect(
      progress.map(({ layersDone, layers, bytes, totalBytes }) => [layersDone, layers, bytes, totalBytes]),
    ).to.deep.equal([
      [0, 1, 0, 0],
      [1, 2, 0, 0],
      [1, 2, 30, 100],
      [2, 3, 30, 100],
      [3, 3, 100, 100],
    ]);
  });

  it('shows credentials in their header only', async () => {
    engine.on(ROUTE, records());
    const base64 = Buffer.from('{"username":"me","password":"hunter2"}').toString('base64url');
    await push({ base64 });
    const { headers, query } = engine.only(ROUTE);
    expect(headers['x-registry-auth']).to.equal(base64);
    expect(query.toString()).to.equal('tag=v1');
  });

  it('sends a header without credentials too, which engines before 23 insist on', async () => {
    engine.on(ROUTE, records());
    await push();
    expect(Buffer.from(String(engine.only(ROUTE).headers['x-registry-auth']), 'base64').toString()).to.equal('{}');
  });

  it('tells that the engine tries again, and when', async () => {
    engine.on(
      ROUTE,
      records(
        { status: 'Retrying in 5 seconds', progressDetail: {}, id: 'aaa' },
        { status: 'Retrying in 1 second', progressDetail: {}, id: 'aaa' },
        { status: 'Retrying', id: 'aaa' },
        { status: 'Retrying in a while', id: 'aaa' },
      ),
    );
    await push();
    expect(retries).to.deep.equal([5, 1]);
  });

  it('fails with the registry’s words, although the engine answered 200', async () => {
    engine.on(ROUTE, records({ status: 'Preparing', id: 'aaa' }, { error: 'denied: not yours' }));
    const error = await failureOf(push());
    expect(error).to.be.instanceOf(EngineStreamError);
    expect(error.message).to.equal('denied: not yours');
  });

  it('fails when the engine goes away in the middle', async () => {
    engine.on(ROUTE, hangUp('{"status":"Preparing","id":"aaa"}\n'));
    expect(await failureOf(push())).not.to.be.instanceOf(EngineStreamError);
  });

  it('ends when it is interrupted', async () => {
    const interruption = new AbortController();
    engine.on(ROUTE, (response) => void response.write('{"status":"Preparing","id":"aaa"}\n'));
    await failureOf(push(undefined, interruption.signal, () => interruption.abort()));
    expect(progress).to.have.lengthOf(1);
  });

  for (const status of [403, 404, 405, 501]) {
    it(`knows nothing of the registry where the engine answers that question with ${status}`, async () => {
      engine.on('GET /distribution/localhost:5000/app:v1/json', nothing(status));
      const pushes = new EnginePushes(engine.docker);
      expect(await pushes.digestInRegistry('localhost:5000/app:v1', undefined)).to.equal(undefined);
    });
  }

  it('reads the digest back from the registry, through the engine', async () => {
    const route = 'GET /distribution/localhost:5000/app:v1/json';
    engine.on(route, json({ Descriptor: { digest: DIGEST, size: 528 } }));
    const pushes = new EnginePushes(engine.docker);
    expect(await pushes.digestInRegistry('localhost:5000/app:v1', { base64: 'e30=' })).to.equal(DIGEST);
    expect(engine.only(route).headers['x-registry-auth']).to.equal('e30=');
    engine.on(route, refuse(401, 'unauthorized'));
    expect(statusOf(await failureOf(pushes.digestInRegistry('localhost:5000/app:v1', undefined)))).to.equal(401);
  });
});
