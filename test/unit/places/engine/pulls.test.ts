import { expect } from 'chai';
import { EnginePulls } from '../../../../src/places/engine/pulls.js';
import { rejection } from '../../../support/rejection.js';
import { FakeEngine, records, refuse } from './fake-engine.js';

const ROUTE = 'POST /images/create';
const REFERENCE = `registry.example.com/app@sha256:${'a'.repeat(64)}`;

describe('a pull by the engine', () => {
  let engine: FakeEngine;
  let progress: string[];

  beforeEach(async () => {
    engine = await FakeEngine.start();
    progress = [];
  });

  afterEach(async () => engine.stop());

  const pull = (signal = new AbortController().signal) =>
    new EnginePulls(engine.docker).pull(REFERENCE, {
      credentials: { base64: Buffer.from('{"username":"u"}').toString('base64') },
      signal,
      onProgress: (done, layers) => progress.push(`${done}/${layers}`),
    });

  it('asks for the image by its digest, with the credentials, and counts the layers', async () => {
    engine.on(
      ROUTE,
      records(
        { status: 'Pulling from app', id: 'sha256:a' },
        { status: 'Already exists', id: 'l1' },
        { status: 'Pulling fs layer', id: 'l2' },
        { status: 'Pull complete', id: 'l2' },
        { status: `Status: Downloaded newer image for ${REFERENCE}` },
      ),
    );
    await pull();
    expect(progress).to.deep.equal(['1/1', '1/2', '2/2']);
    const { query, headers } = engine.only(ROUTE);
    expect(`${query.get('fromImage')}@${query.get('tag')}`).to.equal(REFERENCE);
    expect(Buffer.from(String(headers['x-registry-auth']), 'base64').toString()).to.equal('{"username":"u"}');
  });

  it('tells what the registry said to the engine', async () => {
    engine.on(ROUTE, records({ error: 'manifest unknown' }));
    const error = await rejection(pull());
    expect(error).to.include({
      code: 'image-not-found',
      message: `the engine could not pull ${REFERENCE}: manifest unknown`,
      hint: `check that this machine may read it: \`docker pull ${REFERENCE}\``,
    });
  });

  it('tells what the engine itself refuses', async () => {
    engine.on(ROUTE, refuse(404, 'pull access denied'));
    expect((await rejection(pull())).message).to.contain('pull access denied');
  });

  it('ends with the interruption, not with a failure of the registry', async () => {
    const interruption = new AbortController();
    engine.on(ROUTE, () => interruption.abort(new Error('Ctrl-C')));
    const error: unknown = await pull(interruption.signal).catch((reason: unknown) => reason);
    expect(error).to.equal(interruption.signal.reason);
  });
});
