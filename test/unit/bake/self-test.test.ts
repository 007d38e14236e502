import { expect } from 'chai';
import { EngineSelfTester } from '../../../src/bake/self-test.js';
import { EngineContainers } from '../../../src/places/engine/containers.js';
import { rejection } from '../../support/rejection.js';
import { FakeEngine, frame, hangUp, json, nothing, refuse } from '../places/engine/fake-engine.js';

const REPORT = {
  ok: true,
  tracking_uri: 'https://mlflow.example.com',
  experiment: 'flights',
  steps: [
    { name: 'settings', ok: true, error: null, hint: null },
    { name: 'kedro', ok: true },
  ],
  project_files: ['src/flights/settings.py'],
};
const EXPECTED = { uri: 'https://mlflow.example.com', experiment: 'flights' };
const REMOVE = 'DELETE /containers/c1';

describe('the self-test on the engine', () => {
  let engine: FakeEngine;

  beforeEach(async () => {
    engine = await FakeEngine.start();
    engine
      .on('POST /containers/create', json({ Id: 'c1' }, 201))
      .on('POST /containers/c1/start', nothing())
      .on('POST /containers/c1/wait', json({ StatusCode: 0 }))
      .on(REMOVE, nothing());
  });

  afterEach(async () => engine.stop());

  /** What the container prints: stdout, and before it stderr. */
  const prints = (stdout: string, stderr = ''): void => {
    engine.on('POST /containers/c1/attach', (response) => {
      if (stderr !== '') response.write(frame(2, stderr));
      response.end(frame(1, stdout));
    });
  };
  const test = (signal = new AbortController().signal) =>
    new EngineSelfTester(new EngineContainers(engine.docker)).test('sha256:baked', EXPECTED, signal);
  const reportOf = (changes: object) => `${JSON.stringify({ ...REPORT, ...changes })}\n`;

  it('starts the runtime’s self-test once, without a network, and takes the container away', async () => {
    prints(reportOf({}));
    expect(await test()).to.deep.equal(['src/flights/settings.py']);
    expect(JSON.parse(engine.only('POST /containers/create').body.toString())).to.deep.include({
      Image: 'sha256:baked',
      Entrypoint: ['python', '-m', 'kdeploy_runtime'],
      Cmd: ['self-test', '--json'],
      HostConfig: { NetworkMode: 'none' },
    });
    expect(engine.asked).to.deep.equal([
      'POST /containers/create',
      'POST /containers/c1/attach',
      'POST /containers/c1/start',
      'POST /containers/c1/wait',
      REMOVE,
    ]);
  });

  it('judges what the image prints on both streams', async () => {
    prints(reportOf({ tracking_uri: null }), 'a warning\n'.repeat(10_000));
    expect((await rejection(test())).message).to.equal(
      'the image would not log to MLflow: kedro-mlflow would log to no server instead of https://mlflow.example.com',
    );
    expect(engine.asked.at(-1)).to.equal(REMOVE);
  });

  it('shows the last lines of an image that prints no report', async () => {
    prints('hello\n', 'python: not found\n');
    const error = await rejection(test());
    expect([error.code, error.message]).to.deep.equal(['self-test-failed', 'the image could not run its self-test']);
    expect([error.output, error.hint]).to.deep.equal([
      ['hello', 'python: not found'],
      'the image needs `python` with the project installed: check the Dockerfile',
    ]);
  });

  it('is interrupted, and leaves no container', async () => {
    const interruption = new AbortController();
    prints('');
    engine.on('POST /containers/c1/wait', () => interruption.abort());
    expect((await rejection(test(interruption.signal))).code).to.equal('interrupted');
    expect(engine.asked.at(-1)).to.equal(REMOVE);
  });

  it('fails in a sentence when the engine goes away while the container runs', async () => {
    engine.on('POST /containers/c1/attach', hangUp(frame(1, 'x').toString('latin1')));
    engine.on('POST /containers/c1/wait', hangUp());
    const error = await rejection(test());
    expect([error.code, error.message]).to.deep.equal([
      'engine-unreachable',
      'the engine could not report the exit code of the container: the connection was closed before the answer was complete (socket hang up)',
    ]);
  });

  it('fails in a sentence when the image has no python, and leaves no container', async () => {
    prints('');
    engine.on('POST /containers/c1/start', refuse(400, 'exec: "python": executable file not found in $PATH'));
    const error = await rejection(test());
    expect([error.code, error.message]).to.deep.equal(['self-test-failed', 'the image could not run its self-test']);
    expect((error.cause as Error).message).to.equal('exec: "python": executable file not found in $PATH');
    expect(engine.asked.at(-1)).to.equal(REMOVE);
  });

  it('does not blame the image when it is the engine that cannot start it', async () => {
    prints('');
    engine.on('POST /containers/c1/start', refuse(500, 'no space left on device'));
    expect((await rejection(test())).code).to.equal('engine-unreachable');
    expect(engine.asked.at(-1)).to.equal(REMOVE);
  });
});
