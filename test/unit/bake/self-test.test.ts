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
  const test = (signal = new AbortController().signal, expected = EXPECTED) =>
    new EngineSelfTester(new EngineContainers(engine.docker)).test('sha256:baked', expected, signal);
  const reportOf = (changes: object) => `${JSON.stringify({ ...REPORT, ...changes })}\n`;
  const failed = (name: string, message: string, hint: string | null = null, type = 'Failed') => ({
    name,
    ok: false,
    error: { type, message },
    hint,
  });

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

  it('finds the report behind what other libraries print, however much', async () => {
    prints(`{"not": "the report"}\n${'noise\n'.repeat(50_000)}${reportOf({})}\n\n`, 'a warning\n'.repeat(10_000));
    expect(await test()).to.deep.equal(['src/flights/settings.py']);
  });

  it('takes a report without files for one that rests on none', async () => {
    prints(reportOf({ project_files: undefined }));
    expect(await test()).to.deep.equal([]);
  });

  const failures: readonly [what: string, changes: object, message: string, hint?: string][] = [
    [
      'logs to another server',
      { tracking_uri: 'https://other.example.com' },
      'kedro-mlflow would log to https://other.example.com instead of https://mlflow.example.com',
    ],
    [
      'logs to no server',
      { tracking_uri: null },
      'kedro-mlflow would log to no server instead of https://mlflow.example.com',
    ],
    ['logs to another experiment', { experiment: 'Flights' }, 'the experiment would be Flights instead of flights'],
    [
      'cannot load the project',
      { ok: false, steps: [failed('kedro-project', 'No module named x', 'add x to requirements.txt')] },
      'kedro-project: No module named x',
      'add x to requirements.txt',
    ],
    [
      'fails in one step, so that others could not even run',
      { ok: false, steps: [failed('import', 'no mlflow'), failed('tracking', 'not run', 'never mind', 'NotRun')] },
      'import: no mlflow',
    ],
    ['fails without a word', { ok: false, steps: [{ name: 'import', ok: false }] }, 'import failed'],
    ['fails without saying where', { ok: false, steps: [] }, 'its self-test failed'],
  ];
  for (const [what, changes, message, hint] of failures) {
    it(`refuses an image that ${what}`, async () => {
      prints(reportOf(changes));
      const error = await rejection(test());
      expect([error.code, error.exitCode, error.message]).to.deep.equal([
        'self-test-failed',
        4,
        `the image would not log to MLflow: ${message}`,
      ]);
      if (hint !== undefined) expect(error.hint).to.equal(hint);
      expect(error.hint).not.to.equal(undefined);
      expect(engine.asked.at(-1)).to.equal(REMOVE);
    });
  }

  it('tells everything that differs at once', async () => {
    prints(reportOf({ tracking_uri: null, experiment: null }));
    expect((await rejection(test())).message).to.match(/no server instead of .*; the experiment would be none instead/);
  });

  for (const [what, stdout] of [
    ['nothing', ''],
    ['no report', 'hello\n'],
    ['another program’s JSON', '{"level":"info"}\n'],
  ] as const) {
    it(`shows the last lines of an image that prints ${what}`, async () => {
      prints(stdout, 'python: not found\n');
      const error = await rejection(test());
      expect([error.code, error.message]).to.deep.equal(['self-test-failed', 'the image could not run its self-test']);
      expect(error.output).to.deep.equal([...stdout.split('\n').filter(Boolean), 'python: not found']);
    });
  }

  it('refuses a report that was cut off', async () => {
    prints('{"ok": true, "steps"\n');
    expect((await rejection(test())).message).to.match(/^the image's self-test did not print a valid report: ./);
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
