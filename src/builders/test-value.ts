import { selfTestKey } from '../bake/self-test-key.js';
import { Verdicts } from '../bake/verdicts.js';
import type { FolderCache } from '../cache/file-cache.js';
import type { BakedTracking, BakePlan } from '../image/bake-plan.js';
import type { Image } from '../image/image.js';
import type { Layer } from '../image/layer.js';
import type { Progress } from '../progress.js';
import type { BuildValueOptions, BuiltValue } from './build-value.js';
import type { MadeImage } from './layers/make-image.js';
import { HostSelfTester } from './layers/self-test/host-self-test.js';

/** A baked image, and what it was made of. */
export interface Tested {
  readonly made: MadeImage;
  readonly plan: BakePlan;
  readonly baked: Image;
  readonly tracking: BakedTracking | undefined;
  readonly confSource: string;
  readonly cache: FolderCache;
}

/**
 * Tests an image before it can be found: in an environment of the same packages on this machine, or in a container. Throws what the
 * tester throws.
 */
export async function testValue(
  { selfTest: choice, model, state, environment, place }: BuildValueOptions,
  { made, plan, baked, tracking, confSource, cache }: Tested,
  progress: Progress,
  signal: AbortSignal,
): Promise<BuiltValue['selfTest']> {
  if (tracking === undefined) return 'skipped';
  const expected: BakedTracking = tracking;
  if (choice === 'never') {
    progress.note('self-test skipped: it is not verified that this image logs to MLflow');
    return 'skipped';
  }
  const { source } = model.project;
  const verdicts = new Verdicts(state, source);
  const key = await selfTestKey({ source, confSource, installed: made.installed, planDigest: plan.digest });
  if (choice === 'auto' && (await verdicts.isKnown(key))) {
    progress.note('self-test: skipped, nothing it depends on has changed since it last passed');
    return 'known to pass';
  }
  const run = choice === 'container' ? inContainer : onThisMachine;
  const found = `logs to ${expected.uri}, experiment ${expected.experiment}`;
  if (place.kind === 'registry') {
    // The step that is shown is that of the layers, which travel at the same time.
    await verdicts.remember(key, await run());
    progress.note(`self-test: passed, ${found}`);
  } else {
    await progress.step('self-test', async (step) => {
      await verdicts.remember(key, await run());
      step.result(found);
    });
  }
  return 'passed';

  async function onThisMachine(): Promise<readonly string[]> {
    const { packages } = made.resolution;
    const tester = new HostSelfTester({
      ...{ uv: made.uv, hostPython: made.hostPython, cache, environment, folder: model.project.root },
      fetch: (names) => made.fetch(packages.filter(({ name }) => names.includes(name))),
      note: (text) => {
        progress.note(text);
      },
    });
    const bakeLayer = baked.layers.at(-1);
    const layers: Layer[] = [made.projectLayer, ...(bakeLayer === undefined ? [] : [bakeLayer])];
    const subject = {
      image: baked,
      layers,
      packages: made.packages.wheels,
      python: made.facts.python,
      real: made.real,
    };
    return tester.test(subject, expected, signal);
  }

  async function inContainer(): Promise<readonly string[]> {
    const [{ connectEngine }, { EngineImages }, { EngineContainers }, { EngineSelfTester }, { loadImage }] =
      await Promise.all([
        import('../places/engine/connection.js'),
        import('../places/engine/images.js'),
        import('../places/engine/containers.js'),
        import('../bake/self-test.js'),
        import('../places/engine/load-image.js'),
      ]);
    const engine = await connectEngine(undefined, signal);
    const tester = new EngineSelfTester(new EngineContainers(engine.docker));
    const added = baked.layers.slice(made.base.image.layers.length);
    return loadImage(new EngineImages(engine.docker, engine.podman), { image: baked, added }, ({ id }) =>
      tester.test(id, expected, signal),
    );
  }
}
