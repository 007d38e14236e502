import { expect } from 'chai';
import { EngineContainers } from '../../../src/places/engine/containers.js';
import { EngineImages } from '../../../src/places/engine/images.js';
import type { Answer } from '../places/engine/fake-engine.js';
import { digestOf } from '../../../src/image/digest.js';
import { parseReference } from '../../../src/image/reference.js';
import { pipelinesOf, type DescribingEngine } from '../../../src/inspect/pipelines.js';
import { StateFolder } from '../../../src/state-folder.js';
import { rejection } from '../../support/rejection.js';
import { FakeEngine, frame, json, nothing, refuse } from '../places/engine/fake-engine.js';
import { TemporaryFolder } from '../temporary-folder.js';

const REFERENCE = parseReference('registry.example.com/app').withDigest(digestOf('manifest'));
const NAME = REFERENCE.toString();
const FIND = `GET /images/${NAME}/json`;
const DOCUMENT = {
  schema_version: 1,
  package: 'flights',
  kedro_version: '1.7.0',
  kedro_env: null,
  folder: '/home/kedro_docker',
  pipelines: { __default__: [] },
  datasets: {},
};
const IMAGE = { Id: 'sha256:i', Config: {}, Os: 'linux', Architecture: 'amd64', RootFS: {}, Size: 1 };

describe('the pipelines of an image', () => {
  let engine: FakeEngine;
  let folder: TemporaryFolder;
  let state: StateFolder;
  let pulled: string[];

  beforeEach(async () => {
    [engine, folder] = await Promise.all([FakeEngine.start(), TemporaryFolder.create()]);
    state = new StateFolder(folder.path);
    pulled = [];
    engine
      .on(FIND, json(IMAGE))
      .on('POST /containers/create', json({ Id: 'c1' }, 201))
      .on('POST /containers/c1/start', nothing())
      .on('DELETE /containers/c1', nothing());
  });

  afterEach(async () => {
    await engine.stop();
    await folder.remove();
  });

  const prints = (stdout: string, exitCode = 0, stderr = ''): void => {
    engine.on('POST /containers/c1/wait', json({ StatusCode: exitCode }));
    engine.on('POST /containers/c1/attach', (response) => {
      if (stderr !== '') response.write(frame(2, stderr));
      response.end(frame(1, stdout));
    });
  };
  const ask = (signal = new AbortController().signal) => {
    const describing: DescribingEngine = {
      images: new EngineImages(engine.docker),
      containers: new EngineContainers(engine.docker),
      pull: (reference) => {
        pulled.push(reference.toString());
        engine.on(FIND, json(IMAGE));
        return Promise.resolve();
      },
    };
    const parts = { state, engine: () => Promise.resolve(describing) };
    return pipelinesOf(REFERENCE, parts, { update: () => undefined }, signal);
  };

  it('are asked of the runtime in it, without a network', async () => {
    prints(`a log line\n{"not": "last"}\n${JSON.stringify(DOCUMENT)}\n`);
    expect(await ask()).to.deep.include({ package: 'flights', folder: '/home/kedro_docker' });
    expect(JSON.parse(engine.only('POST /containers/create').body.toString())).to.deep.include({
      Image: 'sha256:i',
      Entrypoint: ['python', '-m', 'kdeploy_runtime'],
      Cmd: ['describe', '--json'],
      HostConfig: { NetworkMode: 'none' },
    });
    expect(pulled).to.deep.equal([]);
  });

  it('are kept by digest: the second time nothing is started', async () => {
    prints(JSON.stringify(DOCUMENT));
    const first = await ask();
    const asked = engine.asked.length;
    expect(await ask()).to.deep.equal(first);
    expect(engine.asked).to.have.length(asked);
  });

  it('are asked again where what was kept has another form', async () => {
    await state.write('pipelines', REFERENCE.digest, { ...DOCUMENT, schema_version: 0 });
    prints(JSON.stringify(DOCUMENT));
    expect((await ask()).package).to.equal('flights');
  });

  it('are asked of an image that is pulled first where the engine does not have it', async () => {
    engine.on(FIND, refuse(404, 'no such image'));
    prints(JSON.stringify(DOCUMENT));
    await ask();
    expect(pulled).to.deep.equal([NAME]);
  });

  const failures: readonly [what: string, prepare: () => void, message: string, hint?: string][] = [
    [
      'a project that cannot be loaded, in its words',
      () => {
        const error = { type: 'ImportError', message: 'no module named lost', hint: 'Add it to the requirements.' };
        prints(JSON.stringify({ schema_version: 1, error }), 1);
      },
      `the image ${NAME} could not describe its pipelines: no module named lost`,
      'Add it to the requirements.',
    ],
    [
      'a runtime from before this command',
      () => prints('', 127, 'kdeploy: describe: command not found'),
      `the image ${NAME} was built with a kdeploy that did not know this command`,
      'build and push it again: `kdeploy build --push`',
    ],
    [
      'no runtime, as older kdeploys built without tracking',
      () => prints('', 1, '/usr/bin/python: No module named kdeploy_runtime\n'),
      `the image ${NAME} was built with a kdeploy that did not know this command`,
      'build and push it again: `kdeploy build --push`',
    ],
    [
      'a Python that dies',
      () => prints('', 1, 'Traceback'),
      `the image ${NAME} could not describe its pipelines`,
      `look at it in the image: \`docker run --rm ${NAME} kedro registry list\``,
    ],
    ['invalid JSON', () => prints('{broken'), 'the image did not print valid JSON: '],
    [
      'a document of another form',
      () => prints('{}'),
      'the image did not describe its pipelines in a valid form: schema_version is missing or has another type',
    ],
    [
      'an image without Python',
      () => engine.on('POST /containers/c1/start', refuse(400, 'exec: "python": not found')),
      `the image ${NAME} could not be started: `,
    ],
  ];
  for (const [what, prepare, message, hint] of failures) {
    it(`are refused with ${what}, and nothing is kept`, async () => {
      prints('');
      prepare();
      const error = await rejection(ask());
      expect(error.code).to.equal('image-unusable');
      expect(error.message).to.contain(message);
      if (hint !== undefined) expect(error.hint).to.equal(hint);
      expect(await state.read('pipelines', REFERENCE.digest)).to.equal(undefined);
      expect(engine.asked).to.include('DELETE /containers/c1');
    });
  }

  it('are no longer waited for after Ctrl-C', async () => {
    const interruption = new AbortController();
    prints('');
    const never: Answer = () => interruption.abort(new Error('Ctrl-C'));
    engine.on('POST /containers/c1/wait', never);
    expect((await rejection(ask(interruption.signal))).code).to.equal('interrupted');
  });
});
