import type { FolderCache } from '../cache/file-cache.js';
import type { BakedTracking } from '../image/bake-plan.js';
import type { Image } from '../image/image.js';
import type { Layer } from '../image/layer.js';
import type { BuildValueOptions } from './build-value.js';
import type { MadeImage } from './layers/make-image.js';
import { HostSelfTester } from './layers/self-test/host-self-test.js';

/** Runs the self-test of an image, and returns the project's Python files that its result rests on. Throws where it fails. */
export type ValueTester = (expected: BakedTracking) => Promise<readonly string[]>;

/** A baked image, and what it was made of. */
interface Subject {
  readonly made: Pick<MadeImage, 'base' | 'facts' | 'projectLayer' | 'real' | 'testEnvironment'>;
  readonly baked: Image;
  readonly cache: FolderCache;
}

/** In an environment of the same packages on this machine, or in a container where that was asked for. */
export function valueTester(
  { selfTest: choice }: Pick<BuildValueOptions, 'selfTest'>,
  { made, baked, cache }: Subject,
  signal: AbortSignal,
): ValueTester {
  return choice === 'container' ? inContainer : onThisMachine;

  async function onThisMachine(expected: BakedTracking): Promise<readonly string[]> {
    const tester = new HostSelfTester(cache, made.testEnvironment);
    const bakeLayer = baked.layers.at(-1);
    const layers: Layer[] = [made.projectLayer, ...(bakeLayer === undefined ? [] : [bakeLayer])];
    const subject = { image: baked, layers, python: made.facts.python, real: made.real };
    return tester.test(subject, expected, signal);
  }

  async function inContainer(expected: BakedTracking): Promise<readonly string[]> {
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
