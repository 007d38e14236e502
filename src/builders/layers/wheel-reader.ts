import { cpus } from 'node:os';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import type { FileCache } from '../../cache/file-cache.js';
import type { Layer } from '../../image/layer.js';
import type { EarlierLayers } from './earlier-layers.js';
import { minorVersion, type ImagePython } from './image-python.js';
import type { KeptLayers } from './kept-layers.js';
import { omittedBy, type ComparedFile, type Contest, type Omissions } from './omissions.js';
import type { FolderEntry } from './pack/image-entry.js';
import { packLayer, type GzipForm } from './pack/pack-layer.js';
import { packageEntries, type PackableWheel } from './package-entries.js';
import type { LockedPackage } from './resolve/locked-package.js';
import { fewRoots, KeptWheelFacts } from './wheel-facts.js';
import type { Bytecode } from './wheels/bytecode.js';
import { directUrlOf } from './wheels/direct-url.js';
import { installedFiles, type InstalledFiles } from './wheels/installed-files.js';
import { sitePackagesOf, type InstallLayout } from './wheels/install-layout.js';
import { openWheel, type WheelArchive } from './wheels/wheel-archive.js';
import type { FetchWheels } from './wheels/fetched-once.js';
import type { Wheel } from './wheels/wheel.js';

export interface PackageLayersInput {
  readonly packages: readonly LockedPackage[];
  readonly python: ImagePython;
  /** Whether the image gets bytecode. */
  readonly bytecode: boolean;
  readonly gzip: GzipForm;
  readonly baseLayers: number;
  readonly budget: number;
  /** The virtual environment, without the first slash: `opt/venv`. */
  readonly root: string;
  /** What leads to it, as the base has it. */
  readonly folders: readonly FolderEntry[];
}

export interface PackageLayersParts {
  readonly cache: FileCache;
  readonly kept: KeptLayers;
  /** What an image in the registry has; read when something is nowhere else. */
  readonly earlier: () => Promise<EarlierLayers>;
  /** The Python of this machine that compiles. */
  readonly compiler: () => Promise<Compiler>;
  /** Each wheel is fetched once, however often it is asked for. */
  readonly fetch: FetchWheels;
  readonly compile: (
    jobs: readonly CompileRequest[],
    options: { readonly python: string; readonly workers: number },
  ) => AsyncIterable<Bytecode>;
  readonly onContests: (contests: readonly Contest[]) => void;
  /** Hears which wheels the image has as soon as it is known that a layer has to be packed. */
  readonly onPacking: (wheels: readonly ShippedWheel[]) => void;
  /** Hears of each layer as soon as it is known. */
  readonly onLayer: (layer: Layer, at: { readonly done: number; readonly layers: number }) => void;
}

export interface Compiler {
  readonly program: string;
  readonly version: string;
}

type CompileRequest = Bytecode['job'];

/** A wheel that the image has. It is on this machine only where something had to be done with it. */
export interface ShippedWheel {
  readonly name: string;
  readonly version: string;
  readonly filename: string;
  readonly sha256: string;
  readonly size: number;
  readonly directUrl: Wheel['directUrl'];
}

/** One of which it is known which others it could share a path with. */
export interface KnownWheel extends ShippedWheel {
  readonly roots: readonly string[];
}

/** Brings wheels here when something of them is asked for, and keeps what was read. */
export class WheelReader {
  readonly #fetched = new Map<string, Wheel>();
  readonly #opened: WheelArchive[] = [];
  readonly #installed = new Map<string, Promise<InstalledFiles>>();
  readonly #layout: InstallLayout;
  readonly #facts: KeptWheelFacts;

  constructor(
    private readonly input: PackageLayersInput,
    private readonly parts: PackageLayersParts,
  ) {
    const pythonMinor = minorVersion(input.python);
    this.#layout = { venv: `/${input.root}`, pythonMinor };
    this.#facts = new KeptWheelFacts(parts.cache, sitePackagesOf(this.#layout));
  }

  /** What has to be known of each wheel; those of which it is not are fetched, all at once. */
  async known(): Promise<KnownWheel[]> {
    const { packages } = this.input;
    const known = await Promise.all(packages.map((locked) => this.#fromRecords(locked)));
    await this.#fetch(packages.filter((_, index) => known[index] === undefined));
    const read = await Promise.all(
      packages.map(async (locked, index) => known[index] ?? (await this.#fromWheel(locked))),
    );
    return read.sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  async comparedFiles(name: string): Promise<ComparedFile[]> {
    await this.#fetchByName([name]);
    const { files } = await this.#read(name);
    return files.map(({ path: at, mode, content }) => {
      const what =
        content.kind === 'deflated'
          ? [content.size, content.crc32]
          : content.kind === 'bytes'
            ? [content.bytes.length, crc32(content.bytes)]
            : [content.size, content.crc32 ?? name];
      return { path: at, content: [mode, ...what].join() };
    });
  }

  /** Packs layers, each as soon as the bytecode of its wheels is there. */
  async pack(
    layers: readonly { readonly key: string; readonly names: readonly string[] }[],
    { omissions, compiler }: { readonly omissions: Omissions; readonly compiler: Compiler | undefined },
    onLayer: (key: string, layer: Layer) => void,
  ): Promise<void> {
    if (layers.length === 0) return;
    const names = layers.flatMap((layer) => layer.names);
    await this.#fetchByName(names);
    await this.parts.cache.withFolder(async (folder) => {
      const compiled = await this.#compiled(names, compiler, folder);
      try {
        for (const layer of layers) {
          const wheels: PackableWheel[] = [];
          for (const name of layer.names) {
            const { files } = await this.#read(name);
            const next = await compiled?.next();
            // What the layer is kept as promises it.
            if (next?.done === true) throw new Error(`the bytecode of ${name} is missing`);
            wheels.push({ name, files, bytecode: next?.value, omitted: omittedBy(name, omissions) });
          }
          const entries = packageEntries(wheels, this.input.root, this.input.folders);
          onLayer(layer.key, await this.parts.kept.keep(layer.key, packLayer(entries, this.input.gzip)));
        }
      } finally {
        // Where packing fails, Python has nothing more to do.
        await compiled?.return?.();
      }
    });
  }

  /** Closes what was opened; where reading one wheel failed, others may still be about to be opened. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#installed.values());
    await Promise.all(this.#opened.map((archive) => archive.close()));
  }

  /** The bytecode of these wheels, in their order; Python goes on while the first are packed. */
  async #compiled(
    names: readonly string[],
    compiler: Compiler | undefined,
    folder: string,
  ): Promise<AsyncIterator<Bytecode> | undefined> {
    if (compiler === undefined) return undefined;
    const jobs: CompileRequest[] = [];
    for (const [index, name] of names.entries()) {
      const { sources } = await this.#read(name);
      jobs.push({ wheel: this.#wheel(name).file, sources, output: path.join(folder, String(index)) });
    }
    const options = { python: compiler.program, workers: cpus().length };
    return this.parts.compile(jobs, options)[Symbol.asyncIterator]();
  }

  async #fromRecords(locked: LockedPackage): Promise<KnownWheel | undefined> {
    const { name, version, artifact } = locked;
    if (artifact.kind !== 'wheel' || artifact.sha256 === undefined || version === undefined) return undefined;
    const { sha256, filename } = artifact;
    const facts = await this.#facts.find(sha256);
    const size = facts?.size ?? artifact.size;
    const roots = facts?.roots ?? (await this.parts.earlier()).wheels.get(sha256)?.roots;
    if (size === undefined || roots === undefined) return undefined;
    const directUrl = directUrlOf(artifact, sha256);
    return { name, version, filename, sha256, size, roots, directUrl };
  }

  async #fromWheel(locked: LockedPackage): Promise<KnownWheel> {
    const { name, version, filename, sha256, size, directUrl } = this.#wheel(locked.name);
    const { topLevels } = await this.#read(name);
    const roots = fewRoots(topLevels);
    await this.#facts.keep(sha256, { size, roots });
    return { name, version, filename, sha256, size, directUrl, roots };
  }

  async #fetchByName(names: readonly string[]): Promise<void> {
    const wanted = new Set(names);
    await this.#fetch(this.input.packages.filter(({ name }) => wanted.has(name)));
  }

  async #fetch(packages: readonly LockedPackage[]): Promise<void> {
    if (packages.length === 0) return;
    for (const [name, wheel] of await this.parts.fetch(packages)) this.#fetched.set(name, wheel);
  }

  #wheel(name: string): Wheel {
    const wheel = this.#fetched.get(name);
    if (wheel === undefined) throw new Error(`the wheel of ${name} was not fetched`);
    return wheel;
  }

  #read(name: string): Promise<InstalledFiles> {
    const reading = this.#installed.get(name) ?? this.#readWheel(this.#wheel(name));
    this.#installed.set(name, reading);
    return reading;
  }

  async #readWheel(wheel: Wheel): Promise<InstalledFiles> {
    const archive = await openWheel(wheel.file, wheel.filename);
    this.#opened.push(archive);
    return installedFiles(wheel, archive, this.#layout);
  }
}
