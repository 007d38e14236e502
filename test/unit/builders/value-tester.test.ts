import { Readable } from 'node:stream';
import { expect } from 'chai';
import type { SelfTestChoice } from '../../../src/builders/build-value.js';
import { valueTester } from '../../../src/builders/value-tester.js';
import { FolderCache } from '../../../src/cache/file-cache.js';
import { KdeployError } from '../../../src/errors.js';
import type { Image } from '../../../src/image/image.js';
import type { Layer } from '../../../src/image/layer.js';
import { failure } from '../../support/failure.js';
import { TRACKING } from '../bake/baked-sample.js';
import { layerBytes } from '../image/layer-bytes.js';
import { sampleImage } from '../image/sample-image.js';
import { FakeEngine, frame, json, nothing, refuse } from '../places/engine/fake-engine.js';
import { LoadingEngine } from '../places/engine/loading-engine.js';
import { TemporaryFolder } from '../temporary-folder.js';
import { DEBIAN_FACTS } from './layers/base/facts.js';

const NAMES = ['debian', 'python', 'packages', 'project', 'bake'];
const REPORT = {
  ...{ ok: true, tracking_uri: TRACKING.uri, experiment: TRACKING.experiment, steps: [] },
  project_files: ['src/flights/settings.py'],
};
const DAMAGED = new KdeployError('build-failed', 'the layer of the bake is damaged');

describe('the tester of an image that was built without an engine', () => {
  let folder: TemporaryFolder;
  let engine: FakeEngine;
  let before: string | undefined;
  let asked: string[];
  let stop: AbortController;
  beforeEach(async () => {
    [folder, engine, stop, asked] = [
      await TemporaryFolder.create(),
      await FakeEngine.start(),
      new AbortController(),
      [],
    ];
    before = process.env.DOCKER_HOST;
    process.env.DOCKER_HOST = `unix://${engine.socket}`;
  });
  afterEach(async () => {
    if (before === undefined) delete process.env.DOCKER_HOST;
    else process.env.DOCKER_HOST = before;
    await engine.stop();
    await folder.remove();
  });

  /** An image on a base of two layers; which of its layers are opened is noted, as is the wish for an environment. */
  async function testerOf(choice: SelfTestChoice, environment = () => Promise.resolve(folder.file('environment'))) {
    const bytes = await layerBytes({ 'home/kedro_docker/a.py': 'x = 1\n' });
    const sample = sampleImage(NAMES);
    const layers = sample.layers.map((layer, index): Layer => {
      const name = NAMES[index] ?? expect.fail('no such layer');
      const open = async function* () {
        asked.push(name);
        if (name === 'bake' && choice !== 'container') throw DAMAGED;
        yield* name === 'project' && choice !== 'container' ? [await Promise.resolve(bytes)] : layer.open();
      };
      return { ...layer, open };
    });
    const baked: Image = { ...sample, layers };
    const made = {
      ...{ base: { image: sampleImage(NAMES.slice(0, 2)), from: undefined }, facts: DEBIAN_FACTS, real: {} },
      projectLayer: layers[3] ?? expect.fail('no such layer'),
      testEnvironment: () => {
        asked.push('environment');
        return environment();
      },
    };
    const test = valueTester(
      { selfTest: choice },
      { made, baked, cache: new FolderCache(folder.file('cache')) },
      stop.signal,
    );
    return { baked, test: () => test(TRACKING) };
  }

  describe('on this machine', () => {
    for (const choice of ['auto', 'always'] as const)
      it(`takes the project’s layer and the bake’s from the image, in this order, and no others (${choice})`, async () => {
        const { test } = await testerOf(choice);
        expect(asked).to.deep.equal([]);
        expect(await failure(test())).to.equal(DAMAGED);
        expect([...new Set(asked)]).to.deep.equal(['environment', 'project', 'bake']);
        expect(engine.asked).to.deep.equal([]);
      });

    it('opens no layer where the environment cannot be made, and says why', async () => {
      const missing = new KdeployError('tool-missing', 'there is no Python 3.11 on this machine');
      const { test } = await testerOf('auto', () => Promise.reject(missing));
      expect(await failure(test())).to.equal(missing);
      expect(asked).to.deep.equal(['environment']);
    });
  });

  // What is imported late has a KdeployError of its own here, so errors are told by their codes.
  describe('in a container', () => {
    /** An engine that has the layers of the base, unless told otherwise, and whose container prints this. */
    function answers(printed: string, baked: Image, has = baked.layers.slice(0, 2)): LoadingEngine {
      const loading = new LoadingEngine(new Set(has.map(({ diffId }) => diffId)));
      const { digest: id } = baked.config;
      const described = json({ Id: id, Config: {}, RootFS: { Layers: baked.layers.map(({ diffId }) => diffId) } });
      engine
        .on('GET /_ping', nothing(200))
        .on('POST /images/load', (response, request) => {
          void loading.load(Readable.from([request.body])).then(
            () => {
              for (const tag of loading.images.keys())
                engine.on(`GET /images/${tag}/json`, described).on(`DELETE /images/${tag}`, nothing(200));
              json({ stream: 'Loaded image' })(response, request);
            },
            (error: unknown) => {
              refuse(500, String(error))(response, request);
            },
          );
        })
        .on('POST /containers/create', json({ Id: 'c1' }, 201))
        .on('POST /containers/c1/attach', (response) => response.end(frame(1, printed)))
        .on('POST /containers/c1/start', nothing())
        .on('POST /containers/c1/wait', json({ StatusCode: 0 }))
        .on('DELETE /containers/c1', nothing());
      return loading;
    }
    const untagged = () => engine.asked.filter((each) => each.startsWith('DELETE /images/kdeploy-intermediate:'));

    it('gives the engine the layers above the base, tests, and leaves nothing of it there', async () => {
      const { baked, test } = await testerOf('container');
      const { loads } = answers(`${JSON.stringify(REPORT)}\n`, baked);
      expect(await test()).to.deep.equal(REPORT.project_files);
      expect(asked).to.deep.equal(['packages', 'project', 'bake']);
      expect(loads.length).to.equal(1);
      const created = JSON.parse(engine.only('POST /containers/create').body.toString()) as object;
      expect(created).to.deep.include({ Image: baked.config.digest, Cmd: ['self-test', '--json'] });
      expect([engine.asked.includes('DELETE /containers/c1'), untagged().length]).to.deep.equal([true, 1]);
    });

    it('gives an engine that lacks the base all of them', async () => {
      const { baked, test } = await testerOf('container');
      const { loads } = answers(`${JSON.stringify(REPORT)}\n`, baked, []);
      expect(await test()).to.deep.equal(REPORT.project_files);
      expect(asked).to.deep.equal(['packages', 'project', 'bake', ...NAMES]);
      expect(loads.length).to.equal(2);
    });

    it('fails where the image would log elsewhere, and leaves nothing of it there', async () => {
      const { baked, test } = await testerOf('container');
      answers(`${JSON.stringify({ ...REPORT, experiment: 'another' })}\n`, baked);
      const error = await failure(test());
      expect(error).to.include({ code: 'self-test-failed' });
      expect(String(error)).to.contain('another');
      expect(untagged().length).to.equal(1);
    });

    it('says that no engine answers', async () => {
      const { test } = await testerOf('container');
      process.env.DOCKER_HOST = `unix://${engine.socket}.none`;
      expect(await failure(test())).to.include({ code: 'engine-unreachable' });
      expect(asked).to.deep.equal([]);
    });

    it('ends with the container where the user stops it, and leaves nothing of it there', async () => {
      const { baked, test } = await testerOf('container');
      answers('', baked);
      engine.on('POST /containers/c1/wait', () => {
        stop.abort();
      });
      expect(await failure(test())).to.include({ code: 'interrupted' });
      expect([engine.asked.includes('DELETE /containers/c1'), untagged().length]).to.deep.equal([true, 1]);
    });
  });
});
