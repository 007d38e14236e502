import type { Layer } from '../../image/layer.js';
import type { AddedLayer } from './assemble-image.js';
import { minorVersion } from './image-python.js';
import { knownContests, rememberContests } from './known-contests.js';
import {
  LAYER_ANNOTATIONS,
  recipeKey,
  type LayerRecipe,
  type RecipeWheel,
  type RecordedLayer,
} from './layer-recipe.js';
import { findOmissions, omittedBy, type Omissions } from './omissions.js';
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
  /** The versions of Python that compiled their bytecode; none where there is none. */
  readonly compiledBy: readonly string[];
}

/**
 * The layers of the packages: from the cache, from an image that has them already, or packed now. A wheel is brought to this
 * machine, an earlier image is read, and a Python that compiles is looked for only where something of it has to be known or
 * packed. Layers with the bytecode of the image's own Python are preferred; where this machine compiles with another patch
 * version, only those that are nowhere yet differ. Throws what fetching, reading, compiling and packing throw.
 */
export async function packageLayers(input: PackageLayersInput, parts: PackageLayersParts): Promise<PackageLayers> {
  const reader = new WheelReader(input, parts);
  try {
    const wheels = await reader.known();
    const omissions = await findOmissions(wheels, {
      known: (group) => knownContests(group, parts),
      remember: (group, found) => rememberContests(group, found, parts),
      filesOf: (wheel) => reader.comparedFiles(wheel.name),
      onContests: parts.onContests,
    });
    const planned = planLayers(wheels, input).map(({ title, packages }) =>
      keyed({ title, packages, bytecode: input.bytecode ? input.python.version : undefined }),
    );
    const layers = new Map<string, Layer>();
    const found = (key: string, layer: Layer): void => {
      layers.set(key, layer);
      parts.onLayer(layer, { done: layers.size, layers: planned.length });
    };
    const missing = await unknown(planned);
    if (missing.length > 0) parts.onPacking(wheels);
    const compiler = input.bytecode && missing.length > 0 ? await parts.compiler() : undefined;
    const differs = compiler !== undefined && compiler.version !== input.python.version;
    const others = new Map(
      differs ? missing.map((each) => [each.key, keyed({ ...each, bytecode: compiler.version })]) : [],
    );
    const shipped = planned.map((each) => others.get(each.key) ?? each);
    const packed = differs ? await unknown([...others.values()]) : missing;
    const contents = packed.map(({ packages, key }) => ({ key, names: packages.map(({ name }) => name) }));
    await reader.pack(contents, { omissions, compiler }, found);
    const recordedLayers: RecordedLayer[] = [];
    const added = shipped.map(({ title, packages, key }): AddedLayer => {
      const layer = layers.get(key);
      if (layer === undefined) throw new Error(`the layer of ${title} is missing`);
      const recorded = packages.map(({ name, version, sha256, roots }): RecipeWheel => {
        return { name, version, sha256, roots, omitted: omittedBy(name, omissions) };
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
      wheels,
      packed: packed.length,
      compiledBy: [...new Set(shipped.map(({ bytecode }) => bytecode).filter((version) => version !== undefined))],
    };

    function keyed(content: LayerContent): LayerContent & { readonly key: string } {
      return { ...content, key: recipeKey(recipeOf(content, omissions, input)) };
    }

    /** Those that neither the cache nor an earlier image has. */
    async function unknown<Planned extends { readonly key: string }>(wanted: readonly Planned[]): Promise<Planned[]> {
      const kept = await Promise.all(wanted.map(async (each) => ({ each, layer: await parts.kept.find(each.key) })));
      for (const { each, layer } of kept) if (layer !== undefined) found(each.key, layer);
      const absent = kept.filter(({ layer }) => layer === undefined).map(({ each }) => each);
      if (absent.length === 0) return [];
      const earlier = await parts.earlier();
      return absent.filter(({ key }) => {
        const layer = earlier.layers.get(key);
        if (layer !== undefined) found(key, layer);
        return layer === undefined;
      });
    }
  } finally {
    await reader.close();
  }
}

/** What goes into a layer. */
interface LayerContent {
  readonly title: string;
  readonly packages: readonly KnownWheel[];
  readonly bytecode: string | undefined;
}

function recipeOf({ packages, bytecode }: LayerContent, omissions: Omissions, input: PackageLayersInput): LayerRecipe {
  return {
    python: minorVersion(input.python),
    bytecode,
    gzip: input.gzip,
    root: input.root,
    folders: input.folders,
    wheels: packages.map(({ name, version, sha256, directUrl }) => {
      return { name, version, sha256, directUrl, omitted: omittedBy(name, omissions) };
    }),
  };
}
