import { createHash } from 'node:crypto';
import { isDigest, type Digest } from '../../image/digest.js';
import type { FolderEntry } from './pack/image-entry.js';
import type { GzipForm, LayerFacts } from './pack/pack-layer.js';

/** Changes when the same wheels would give other bytes: how files are installed, packed, compressed or compiled. */
export const RECIPE_FORMAT = 2;

/** A wheel in a layer. */
export interface RecipeWheel {
  readonly name: string;
  readonly version: string;
  /** Hexadecimal. */
  readonly sha256: string;
  /** Folders and files that could be another wheel's as well (wheels/installed-files.ts). */
  readonly roots: readonly string[];
  /** Paths that another wheel has in its place (omissions.ts); in the image, sorted. */
  readonly omitted: readonly string[];
}

/** All that a layer of packages is a function of. */
export interface LayerRecipe {
  readonly python: string;
  /** The whole version of the Python that compiled the bytecode; `undefined`: the layer has none. */
  readonly bytecode: string | undefined;
  readonly gzip: GzipForm;
  /** The virtual environment, without the first slash; elsewhere than `opt/venv` where a base has a link there. */
  readonly root: string;
  /** What leads to it, as the base has it: the layer repeats it. */
  readonly folders: readonly FolderEntry[];
  /** By name. */
  readonly wheels: readonly (Pick<RecipeWheel, 'name' | 'version' | 'sha256' | 'omitted'> & {
    /** What direct_url.json says. */
    readonly directUrl: Readonly<Record<string, unknown>> | undefined;
  })[];
}

/** The name of a recipe: equal recipes give equal layers, on every machine. Hexadecimal. */
export function recipeKey({ python, bytecode, gzip, root, folders, wheels }: LayerRecipe): string {
  const facts = wheels.map(({ name, version, sha256, omitted, directUrl }) => [
    ...[name, version, sha256, omitted],
    directUrl === undefined ? null : Object.entries(directUrl).toSorted(([one], [other]) => (one < other ? -1 : 1)),
  ]);
  const way = folders.map(({ path, mode, uid, gid }) => [path, mode, uid, gid]);
  const recipe = [RECIPE_FORMAT, python, bytecode ?? null, gzip, root, way, facts];
  return createHash('sha256').update(JSON.stringify(recipe)).digest('hex');
}

/** What an image says of one of its layers. */
export interface RecordedLayer extends LayerFacts {
  readonly key: string;
  readonly wheels: readonly RecipeWheel[];
}

/** On a layer's descriptor: for those who look at a manifest. */
export const LAYER_ANNOTATIONS = { wheels: 'io.kdeploy.layer.wheels', recipe: 'io.kdeploy.layer.recipe' } as const;

/**
 * The label by which the next build knows what an image's layers are made of. A label outlives what annotations do not: a pull,
 * tag and push by an engine, and a conversion to Docker's schema (containers/image#1888).
 */
export const LAYERS_LABEL = 'io.kdeploy.layers';
export const RECORD_FORMAT = 1;

/** As short as JSON can be, for it is in each image: roots without the folder that most of them are in. */
export function formatRecorded(layers: readonly RecordedLayer[], sitePackages: string): string {
  const short = (root: string) => {
    const below = root.startsWith(`${sitePackages}/`) ? root.slice(sitePackages.length + 1) : undefined;
    // A slash at the beginning is what tells the two apart.
    return below === undefined || below.startsWith('/') ? `/${root}` : below;
  };
  const entries = layers.map(({ key, digest, diffId, size, wheels }) => [
    ...[key, digest, diffId, size],
    wheels.map(({ name, version, sha256, roots, omitted }) => [name, version, sha256, roots.map(short), omitted]),
  ]);
  return JSON.stringify([RECORD_FORMAT, sitePackages, entries]);
}

/**
 * Reads it back; nothing of a label that is damaged or of another version, nor of one for other site-packages: paths below those
 * say nothing of wheels that are installed elsewhere, or for another Python.
 */
export function parseRecorded(text: string | undefined, sitePackages: string): RecordedLayer[] {
  let value: unknown;
  try {
    value = JSON.parse(text ?? '');
  } catch {
    return [];
  }
  if (!Array.isArray(value)) return [];
  const [version, place, entries] = value as readonly unknown[];
  if (version !== RECORD_FORMAT || place !== sitePackages || !Array.isArray(entries)) return [];
  return (entries as readonly unknown[])
    .map((entry) => recordedLayer(entry, sitePackages))
    .filter((layer) => layer !== undefined);
}

function recordedLayer(entry: unknown, sitePackages: string): RecordedLayer | undefined {
  if (!Array.isArray(entry)) return undefined;
  const [key, digest, diffId, size, wheels] = entry as readonly unknown[];
  if (!isHash(key) || !isDigestText(digest) || !isDigestText(diffId)) return undefined;
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0 || !Array.isArray(wheels)) return undefined;
  const read = (wheels as readonly unknown[]).map((wheel) => recipeWheel(wheel, sitePackages));
  return read.every((wheel) => wheel !== undefined) ? { key, digest, diffId, size, wheels: read } : undefined;
}

/** A SHA-256, hexadecimal. */
function isHash(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
}

function isDigestText(value: unknown): value is Digest {
  return typeof value === 'string' && isDigest(value);
}

function recipeWheel(entry: unknown, sitePackages: string): RecipeWheel | undefined {
  if (!Array.isArray(entry)) return undefined;
  const [name, version, sha256, roots, omitted] = entry as readonly unknown[];
  if (typeof name !== 'string' || typeof version !== 'string' || !isHash(sha256)) return undefined;
  if (!isTexts(roots) || !isTexts(omitted)) return undefined;
  const whole = (root: string) => (root.startsWith('/') ? root.slice(1) : `${sitePackages}/${root}`);
  return { name, version, sha256, roots: roots.map(whole), omitted };
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}
