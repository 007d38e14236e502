import { Writable } from 'node:stream';
import { expect } from 'chai';
import { EngineContainers } from '../../../src/places/engine/containers.js';
import type { EngineImage } from '../../../src/places/engine/images.js';
import { TRACKING_EXIT_CODE } from '../../../src/image/baked-environment.js';
import { explainFailure } from '../../../src/run/explain-failure.js';
import type { RunRequest } from '../../../src/run/run-image.js';
import { FakeEngine, frame, json, nothing, refuse } from '../places/engine/fake-engine.js';
import { RecordingProgress } from '../recording-progress.js';

const CREATE = 'POST /containers/create';
const BAKED = {
  'io.kdeploy.version': '0.1.0',
  'io.kdeploy.plan': 'sha256:abc',
  'io.kdeploy.tracking-uri': 'https://mlflow.example.com',
};

class Sink extends Writable {
  text = '';

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

describe('explaining a failed run', () => {
  let engine: FakeEngine;
  let progress: RecordingProgress;
  let output: { stdout: Sink; stderr: Sink };

  beforeEach(async () => {
    engine = await FakeEngine.start();
    progress = new RecordingProgress();
    output = { stdout: new Sink(), stderr: new Sink() };
    engine
      .on(CREATE, json({ Id: 'c1' }, 201))
      .on('POST /containers/c1/attach', (response) => {
        response.end(frame(1, 'import kedro: ok\n'));
      })
      .on('POST /containers/c1/start', nothing())
      .on('POST /containers/c1/wait', json({ StatusCode: 1 }))
      .on('GET /containers/c1/archive', refuse(404, 'no such file'))
      .on('DELETE /containers/c1', nothing());
  });

  afterEach(() => engine.stop());

  const imageWith = (labels: Record<string, string>): EngineImage => ({
    id: 'sha256:app',
    configuration: { env: [], entrypoint: [], cmd: ['kedro', 'run'], workingDirectory: '/app', user: '', labels },
    platform: 'linux/amd64',
    layers: [],
    volumes: [],
    size: 1,
    tags: [],
    repoDigests: [],
    created: '',
  });
  const explain = (exitCode: number, changes: Partial<RunRequest> = {}) =>
    explainFailure(
      new EngineContainers(engine.docker),
      {
        image: imageWith(BAKED),
        command: [],
        dataFolder: '/nowhere/data',
        localConfiguration: undefined,
        variables: ['A=1'],
        network: 'host',
        environment: {},
        ...changes,
      },
      exitCode,
      output,
      progress,
      new AbortController().signal,
    );

  it('shows the image’s self-test on stderr, run with the same variables and network, without the data', async () => {
    await explain(1);
    const created = JSON.parse(engine.only(CREATE).body.toString()) as Record<string, unknown>;
    expect(created).to.deep.include({
      Entrypoint: ['python', '-m', 'kdeploy_runtime'],
      Cmd: ['self-test', '--online'],
      Env: ['A=1'],
      HostConfig: { NetworkMode: 'host', Binds: [] },
    });
    expect([output.stdout.text, output.stderr.text]).to.deep.equal(['', 'import kedro: ok\n']);
    expect(progress.said).to.deep.equal(['note self-test of the image (self-test --online):']);
  });

  const cases: readonly [what: string, exitCode: number, changes: Partial<RunRequest>, isExplained: boolean][] = [
    ['explains a kedro command', 1, { command: ['kedro', 'run', '--pipeline', 'x'] }, true],
    ['explains any command that tracking stopped', TRACKING_EXIT_CODE, { command: ['python', 'x.py'] }, true],
    ['says nothing of another command', 7, { command: ['python', 'x.py'] }, false],
    ['says nothing of an image that is not baked', 1, { image: imageWith({}) }, false],
    [
      'says nothing of an image without tracking',
      1,
      { image: imageWith({ 'io.kdeploy.version': '0.1.0', 'io.kdeploy.plan': 'sha256:abc' }) },
      false,
    ],
  ];
  for (const [what, exitCode, changes, isExplained] of cases) {
    it(what, async () => {
      await explain(exitCode, changes);
      expect(engine.asked.includes(CREATE)).to.equal(isExplained);
    });
  }
});
