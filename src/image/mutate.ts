import { isBakeStep } from './bake-step.js';
import { digestOf } from './digest.js';
import { editDocument, type Document } from './document.js';
import type { JsonEdit } from './edit-json.js';
import type { Image } from './image.js';
import type { Layer } from './layer.js';
import { layerSteps } from './layer-steps.js';
import { parseImageConfig, parseImageManifest } from './manifest-json.js';
import type { HistoryStep, ImageConfig } from './manifest.js';
import type { RunConfiguration } from './run-configuration.js';

/** Which key of a configuration's `config` says it (OCI image spec, config.md). */
const KEYS = {
  env: 'Env',
  entrypoint: 'Entrypoint',
  cmd: 'Cmd',
  workingDirectory: 'WorkingDir',
  user: 'User',
  labels: 'Labels',
} as const satisfies Readonly<Record<keyof RunConfiguration, string>>;

/**
 * The image with another way to be run. Only what differs is written, label by label: foreign fields, and fields that
 * clients drop when the entrypoint is set (Cmd, google/go-containerregistry#2041), stay as they are. The same image where
 * nothing differs. Throws KdeployError `image-unusable` for one that cannot be edited; `what` names it.
 */
export function withRunConfiguration(image: Image, run: RunConfiguration, what: string): Image {
  const now = image.config.value.run;
  const changed = (['env', 'entrypoint', 'cmd', 'workingDirectory', 'user'] as const).filter(
    (key) => JSON.stringify(now[key]) !== JSON.stringify(run[key]),
  );
  const fields = changed.map((key): JsonEdit => ({ path: ['config', KEYS[key]], value: run[key] }));
  const names = [...new Set([...Object.keys(now.labels), ...Object.keys(run.labels)])];
  const labels = names
    .filter((name) => now.labels[name] !== run.labels[name])
    .map((name): JsonEdit => ({ path: ['config', KEYS.labels, name], value: run.labels[name] }));
  return withConfig(image, [...fields, ...labels], what);
}

/** The image with one more layer on top. */
export function append(
  image: Image,
  layer: Layer,
  step: Pick<HistoryStep, 'createdBy' | 'comment'>,
  what: string,
): Image {
  const { history, rootfs, created } = image.config.value;
  const { createdBy, comment } = step;
  const edits: JsonEdit[] = [{ path: ['rootfs', 'diff_ids'], value: [...rootfs.diffIds, layer.diffId] }];
  // Without a history, readers do without; with one, each layer has its step (OCI image spec, config.md).
  if (history !== undefined)
    edits.push({ path: ['history', history.length], value: { created, created_by: createdBy, comment } });
  const manifest = editManifest(image, [{ path: ['layers', image.layers.length], value: layer.descriptor }], what);
  return withConfig({ ...image, manifest, layers: [...image.layers, layer] }, edits, what);
}

/** The image with another layer in the place of this one, whose step stays as it is. Layers above it stay, too. */
export function replaceLayer(image: Image, index: number, layer: Layer, what: string): Image {
  const old = image.layers[index];
  if (old === undefined) throw new RangeError(`the image has no layer ${index}`);
  if (old.descriptor.digest === layer.descriptor.digest && old.diffId === layer.diffId) return image;
  const { annotations } = old.descriptor;
  const descriptor = { ...layer.descriptor, ...(annotations !== undefined && { annotations }) };
  const manifest = editManifest(image, [{ path: ['layers', index], value: descriptor }], what);
  const layers = image.layers.with(index, { ...layer, descriptor });
  return withConfig(
    { ...image, manifest, layers },
    [{ path: ['rootfs', 'diff_ids', index], value: layer.diffId }],
    what,
  );
}

/** The index of kdeploy's own layer, the topmost one; `undefined` where there is none, or the history does not tell. */
export function bakedLayer({ config, layers }: Image): number | undefined {
  const steps = layerSteps(config.value.history, layers.length);
  const index = steps?.findLastIndex(isBakeStep);
  return index === -1 ? undefined : index;
}

function withConfig(image: Image, edits: readonly JsonEdit[], what: string): Image {
  const config: Document<ImageConfig> = editDocument(
    image.config,
    edits,
    (bytes) => parseImageConfig(bytes, what),
    `the configuration of ${what}`,
  );
  if (config === image.config) return image;
  const manifest = editManifest(
    image,
    [
      { path: ['config', 'digest'], value: digestOf(config.bytes) },
      { path: ['config', 'size'], value: config.bytes.length },
    ],
    what,
  );
  return { ...image, manifest, config };
}

function editManifest({ manifest }: Image, edits: readonly JsonEdit[], what: string): Image['manifest'] {
  return editDocument(manifest, edits, parseImageManifest, `the manifest of ${what}`);
}
