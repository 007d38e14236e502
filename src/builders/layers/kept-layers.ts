import { createHash } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import type { FileCache } from '../../cache/file-cache.js';
import { KdeployError, systemCodeOf } from '../../errors.js';
import { isDigest } from '../../image/digest.js';
import type { Layer } from '../../image/layer.js';
import { MEDIA_TYPES } from '../../image/manifest.js';
import { readPlainFile } from '../../plain-file.js';
import type { LayerFacts, PackedLayer } from './pack/pack-layer.js';

const [LAYERS, FACTS] = ['layers', 'layer-facts'];

/** A kept layer whose bytes are no longer those that were packed. It is thrown away before this is thrown: a second build makes it anew. */
export class DamagedLayerError extends KdeployError {}

/** Packed layers, in the cache by the name of their recipe: a layer is a function of it. */
export class KeptLayers {
  constructor(
    private readonly cache: FileCache,
    /** Whether a layer is read to its end before it is believed: where one was damaged, others may be. */
    private readonly isWary = false,
  ) {}

  /** `undefined`: it has to be packed. */
  async find(key: string): Promise<Layer | undefined> {
    const [factsFile, file] = await Promise.all([this.cache.find(FACTS, key), this.cache.find(LAYERS, key)]);
    if (factsFile === undefined || file === undefined) return undefined;
    const facts = factsIn((await readPlainFile(factsFile)).toString('utf8'));
    if (facts?.size === (await stat(file)).size) {
      const layer = this.#layer(key, file, facts);
      if (!this.isWary || (await isWhole(layer))) return layer;
    }
    await this.#discard(key);
    return undefined;
  }

  /** Packs a layer and keeps it. Throws what packing throws, and KdeployError `configuration` where nothing can be written. */
  async keep(key: string, packed: PackedLayer): Promise<Layer> {
    const file = await this.cache.keep(LAYERS, key, packed.bytes);
    const facts = packed.facts();
    // By this it is found, so it comes last.
    await this.cache.keep(FACTS, key, JSON.stringify(facts));
    return this.#layer(key, file, facts);
  }

  #layer(key: string, file: string, { digest, diffId, size }: LayerFacts): Layer {
    return {
      descriptor: { mediaType: MEDIA_TYPES.ociLayerGzip, digest, size },
      diffId,
      open: () => this.#verified(key, file, digest),
    };
  }

  /** Disks and people change files: what leaves the cache is what went in, or an error at the end. */
  async *#verified(key: string, file: string, digest: string): AsyncGenerator<Uint8Array> {
    const hash = createHash('sha256');
    const handle = await open(file).catch((error: unknown) => {
      throw systemCodeOf(error) === 'ENOENT' ? gone(error) : error;
    });
    for await (const chunk of handle.createReadStream({ highWaterMark: 1024 * 1024 })) {
      hash.update(chunk as Buffer);
      yield chunk as Buffer;
    }
    if (`sha256:${hash.digest('hex')}` === digest) return;
    await this.#discard(key);
    throw new DamagedLayerError('build-failed', 'a layer in the cache was damaged, and has been removed', {
      hint: 'build again; if it happens again, check the disk',
    });
  }

  async #discard(key: string): Promise<void> {
    await this.cache.discard(FACTS, key);
    await this.cache.discard(LAYERS, key);
  }
}

/** Somebody emptied the cache during the build. */
function gone(cause: unknown): KdeployError {
  return new KdeployError('build-failed', 'a layer is no longer in the cache', {
    cause,
    hint: 'build again, and prune the cache when no build is running',
  });
}

async function isWhole(layer: Layer): Promise<boolean> {
  try {
    for await (const chunk of layer.open()) if (chunk.length === 0) continue;
    return true;
  } catch (error) {
    if (error instanceof DamagedLayerError) return false;
    throw error;
  }
}

function factsIn(text: string): LayerFacts | undefined {
  try {
    const { digest, diffId, size } = JSON.parse(text) as Partial<LayerFacts>;
    const isWhole = typeof size === 'number' && digest !== undefined && isDigest(digest);
    return isWhole && diffId !== undefined && isDigest(diffId) ? { digest, diffId, size } : undefined;
  } catch {
    return undefined;
  }
}
