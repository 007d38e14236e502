import type { Readable } from 'node:stream';
import { extract } from 'tar-stream';
import { KdeployError } from '../../../../src/errors.js';
import { digestOf } from '../../../../src/image/digest.js';
import { parseImageConfig } from '../../../../src/image/manifest-json.js';
import type { EngineImage } from '../../../../src/places/engine/images.js';

/** An engine that reads what it is given as Docker does: layers that it has by their digests need not be in the archive. */
export class LoadingEngine {
  readonly loads: string[][] = [];
  readonly removed: string[] = [];
  readonly images = new Map<string, EngineImage>();

  constructor(
    private readonly known: ReadonlySet<string>,
    private readonly made: (image: EngineImage) => EngineImage = (image) => image,
  ) {}

  find(name: string): Promise<EngineImage | undefined> {
    return Promise.resolve(this.images.get(name));
  }

  remove(name: string): Promise<void> {
    this.removed.push(name);
    this.images.delete(name);
    return Promise.resolve();
  }

  async load(archive: Readable): Promise<void> {
    const files = new Map<string, Buffer>();
    const links = new Set<string>();
    const reader = extract();
    archive.once('error', (error) => reader.destroy(error));
    archive.pipe(reader);
    for await (const entry of reader) {
      const chunks: Buffer[] = [];
      for await (const chunk of entry) chunks.push(chunk as Buffer);
      if (entry.header.type === 'symlink') links.add(entry.header.name);
      files.set(entry.header.name, Buffer.concat(chunks));
    }
    this.loads.push([...files.keys()]);
    const [listed] = JSON.parse(files.get('manifest.json')?.toString() ?? '[]') as [
      { Config: string; RepoTags: string[]; Layers: string[] },
    ];
    const bytes = files.get(listed.Config) ?? Buffer.alloc(0);
    const config = parseImageConfig(bytes, 'loaded');
    for (const [index, path] of listed.Layers.entries())
      if (!this.known.has(config.rootfs.diffIds[index] ?? '') && !files.has(path))
        throw new KdeployError('engine-unreachable', `open ${path}: no such file or directory`);
    const image = {
      id: digestOf(bytes),
      layers: config.rootfs.diffIds,
      configuration: config.run,
    } as unknown as EngineImage;
    for (const tag of listed.RepoTags) this.images.set(tag, this.made(image));
  }
}
