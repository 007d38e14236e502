import type { OutputAddress } from '../image/address.js';
import type { Image } from '../image/image.js';
import type { ReferrerSink } from '../image/sink.js';
import { treeOf } from '../image/tree.js';
import type { WriteProgress } from '../image/write-tree.js';
import { waitingImages } from '../locate/locate-parts.js';
import { connectEngine } from '../places/engine/connection.js';
import { EngineImages } from '../places/engine/images.js';
import { loadImage } from '../places/engine/load-image.js';
import { writeOutput } from '../places/layout/write-output.js';
import type { Progress } from '../progress.js';
import type { Target } from '../promote/publish-tree.js';
import type { Allowances } from '../publish/refusals.js';
import type { StateFolder } from '../state-folder.js';
import type { BaseImage } from './layers/base-source.js';
import { moveTags } from './move-tags.js';

/** Where an image that was built without an engine goes. */
export type ValuePlace =
  | { readonly kind: 'registry'; readonly allowances: Allowances }
  | { readonly kind: 'layout'; readonly address: OutputAddress }
  | { readonly kind: 'engine' }
  /** On this machine, until it is pushed. */
  | { readonly kind: 'waiting' };

export interface PlaceValueParts {
  readonly base: BaseImage;
  readonly targets: readonly Target[];
  /** Adds what describes the image. */
  readonly attach: (sink: ReferrerSink) => Promise<void>;
  /** What has to end well before the image can be found. */
  readonly test: Promise<unknown>;
  readonly state: StateFolder;
  readonly plainHttp: boolean;
}

/** Puts an image where it is to be on this machine, and says by which names it is found there. Throws what the place throws. */
export async function placeValue(
  place: Exclude<ValuePlace, { readonly kind: 'registry' }>,
  image: Image,
  parts: PlaceValueParts,
  progress: Progress,
  signal: AbortSignal,
): Promise<{
  readonly place: 'layout' | 'engine' | 'waiting';
  readonly names: readonly string[];
  /** By which the engine knows it. */
  readonly engineId?: string;
}> {
  const { targets, attach, test, state, plainHttp } = parts;
  const names = targets.map((target) => target.toFamiliarString());
  if (place.kind === 'layout') {
    const { address } = place;
    const found = await progress.step(`write ${address.transport}:${address.path}`, async (step) => {
      const tags = targets.map(({ tag }) => tag);
      const onProgress = (at: WriteProgress): void => step.update(`${at.blobsDone} of ${at.blobs} blobs`);
      const options = { tags, attach, onProgress, beforeManifests: () => test };
      return writeOutput(treeOf(image), address, options, signal);
    });
    return { place: 'layout', names: found };
  }
  if (place.kind === 'waiting') {
    await progress.step(`keep ${names.join(', ')} for the push`, async (step) => {
      const onProgress = (at: WriteProgress): void => step.update(`${at.blobsDone} of ${at.blobs} blobs`);
      const waiting = waitingImages({ state, signal, plainHttp });
      await waiting.keep(treeOf(image), targets, parts.base.from, { onProgress, attach, beforeManifests: () => test });
    });
    return { place: 'waiting', names };
  }
  await test;
  const engine = await connectEngine(undefined, signal);
  const images = new EngineImages(engine.docker, engine.podman);
  const added = image.layers.slice(parts.base.image.layers.length);
  const tags = targets.map((target) => ({ repository: target.withoutTag().toFamiliarString(), tag: target.tag }));
  const engineId = await progress.step(`load ${names.join(', ')}`, () =>
    loadImage(images, { image, added }, async ({ id }) => {
      await moveTags(images, id, tags);
      return id;
    }),
  );
  const waiting = waitingImages({ state, signal, plainHttp });
  for (const target of targets) await waiting.forget(target);
  return { place: 'engine', names, engineId };
}
