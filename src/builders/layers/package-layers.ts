import type { Layer } from '../../image/layer.js';
import type { AddedLayer } from './assemble-image.js';
import { minorVersion } from './image-python.js';
import { knownOmissions, rememberOmissions } from './known-omissions.js';
import {
  LAYER_ANNOTATIONS,
  recipeKey,
  type LayerRecipe,
  type RecipeWheel,
  type RecordedLayer,
} from './layer-recipe.js';
import { findOmissions, type Omissions } from './omissions.js';
import { planLayers } from './plan-layers.js';
import {
  WheelReader,
  type KnownWheel,
  type PackageLayersInput,
  type PackageLayersParts,
  type ShippedWheel,
} from './wheel-reader.js';

/** What the layers are made of, and how. */
export interface PackageLayers {
  readonly added: readonly AddedLayer[];
  /** What the image says of them, for the next build. */
  readonly recorded: readonly RecordedLayer[];
  /** By name. */
  readonly wheels: readonly ShippedWheel[];
  /** How many layers were packed now; the others were known. */
  readonly packed: number;
}

/**
 * The layers of the packages: from the cache, from an image that has them already, or packed now. A wheel is brought to this
 * machine only where something of it has to be known or packed. Throws what fetching, reading, compiling and packing throw.
 */
export async function packageLayers(input: PackageLayersInput, parts: PackageLayersParts): Promise<PackageLayers> {
  const reader = new WheelReader(input, parts);
  try {
    const wheels = await reader.known();
    const omissions = await findOmissions(wheels, {
      known: (group) => knownOmissions(group, parts),
      remember: (group, found) => rememberOmissions(group, found, parts),
      filesOf: (wheel) => reader.comparedFiles(wheel.name),
      onContest: parts.onContest,
    });
    const planned = planLayers(wheels, input).map(({ title, packages }) => {
      const recipe = recipeOf(packages, omissions, input);
      return { title, packages, recipe, key: recipeKey(recipe) };
    });
    const layers = new Map<string, Layer>();
    const found = (key: string, layer: Layer): void => {
      layers.set(key, layer);
      parts.onLayer(layer, { done: layers.size, layers: planned.length });
    };
    for (const { key } of planned) {
      const layer = (await parts.kept.find(key)) ?? parts.earlier.layers.get(key);
      if (layer !== undefined) found(key, layer);
    }
    const missing = planned.filter(({ key }) => !layers.has(key));
    const contents = missing.map(({ packages, key }) => ({ key, names: packages.map(({ name }) => name) }));
    await reader.pack(contents, omissions, found);
    const recordedLayers: RecordedLayer[] = [];
    const added = planned.map(({ title, packages, key }): AddedLayer => {
      const layer = layers.get(key);
      if (layer === undefined) throw new Error(`the layer of ${title} is missing`);
      const recorded = packages.map(({ name, version, sha256, roots }): RecipeWheel => {
        return { name, version, sha256, roots, omitted: omissions[name] ?? [] };
      });
      const { digest, size } = layer.descriptor;
      recordedLayers.push({ key, digest, size, diffId: layer.diffId, wheels: recorded });
      const names = recorded.map(({ name, version }) => `${name}==${version}`).join(' ');
      return {
        layer,
        step: { createdBy: `kdeploy layers: ${recorded.length === 1 ? names : title}` },
        annotations: { [LAYER_ANNOTATIONS.wheels]: names, [LAYER_ANNOTATIONS.recipe]: key },
      };
    });
    return {
      added,
      recorded: recordedLayers,
      wheels: wheels.map((each) => reader.shipped(each)),
      packed: missing.length,
    };
  } finally {
    await reader.close();
  }
}

function recipeOf(packages: readonly KnownWheel[], omissions: Omissions, input: PackageLayersInput): LayerRecipe {
  return {
    python: minorVersion(input.python),
    bytecode: input.compiler?.version,
    gzip: input.gzip,
    root: input.root,
    folders: input.folders,
    wheels: packages.map(({ name, version, sha256, directUrl }) => {
      return { name, version, sha256, directUrl, omitted: omissions[name] ?? [] };
    }),
  };
}
