import { PassThrough, type Readable } from 'node:stream';
import type Dockerode from 'dockerode';
import { KdeployError, messageOf } from '../../errors.js';
import type { RunConfiguration } from '../../image/run-configuration.js';
import { asCut } from './answer.js';
import { faultHint } from './fault.js';
import { followMessages } from './message-stream.js';
import { listOf, numberIn, objectIn, optionalTextIn, textIn, textMapIn, textsIn } from './shape.js';

/** A local image, as the engine describes it. */
export interface EngineImage {
  /** `sha256:…`: the image's ID on this engine. */
  readonly id: string;
  readonly configuration: RunConfiguration;
  /** `linux/amd64`. */
  readonly platform: string;
  /** Uncompressed layer digests (diff IDs), lowest first. */
  readonly layers: readonly string[];
  /** Folders that VOLUME keeps out of the image: what is written below them in a container is not committed. */
  readonly volumes: readonly string[];
  /** Bytes on disk, all layers together. */
  readonly size: number;
  readonly tags: readonly string[];
  /** `name@sha256:…` under which registries know it; empty until pushed or pulled. */
  readonly repoDigests: readonly string[];
  readonly created: string;
}

/** How a layer came to be. */
export interface ImageHistoryEntry {
  readonly createdBy: string;
  readonly comment?: string;
  readonly size: number;
}

/** The engine's images: looking, tagging, removing. */
export class EngineImages {
  constructor(
    private readonly docker: Dockerode,
    /** Podman's version, where it answers in Docker's place. */
    private readonly podman?: string | undefined,
  ) {}

  /** `undefined` when the engine has no image of that name or ID. */
  async find(name: string): Promise<EngineImage | undefined> {
    try {
      const image = describe(await this.docker.getImage(name).inspect());
      // Podman's are of its own storage: a push compresses the layers, and the registry has another digest.
      return this.podman === undefined ? image : { ...image, repoDigests: [] };
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      throw engineError(`the engine could not look up the image ${name}`, error);
    }
  }

  /** Newest layer first, as the engine gives it. */
  async history(id: string): Promise<ImageHistoryEntry[]> {
    try {
      const entries: unknown = await this.docker.getImage(id).history();
      return listOf(entries).map((entry) => ({
        createdBy: optionalTextIn(entry, 'CreatedBy') ?? '',
        comment: optionalTextIn(entry, 'Comment') ?? '',
        size: numberIn(entry, 'Size'),
      }));
    } catch (error) {
      throw engineError(`the engine could not read the history of ${id}`, error);
    }
  }

  /** The image as `docker save` gives it: a tar of layers, configuration and manifest.json, as a stream. */
  async export(id: string): Promise<Readable> {
    try {
      const stream = (await this.docker.getImage(id).get()) as NodeJS.ReadableStream & { destroy(): void };
      const whole = new PassThrough();
      // Whoever reads it listens for errors as well; until then nobody would.
      whole.on('error', () => undefined);
      // Nor does the engine go on for a reader that has seen enough.
      whole.once('close', () => stream.destroy());
      stream.once('error', (error: Error) =>
        whole.destroy(engineError(`the engine broke off exporting ${id}`, asCut(error))),
      );
      return stream.pipe(whole);
    } catch (error) {
      throw engineError(`the engine could not export the image ${id}`, error);
    }
  }

  /** Takes in what `docker save` writes. Throws KdeployError `engine-unreachable` with what the engine does not take about it. */
  async load(archive: Readable): Promise<void> {
    // An archive that breaks off does not end, and so neither would the request.
    const broken = new AbortController();
    archive.once('error', () => broken.abort());
    try {
      const answer = await this.docker.loadImage(archive, { quiet: true, abortSignal: broken.signal });
      await followMessages(answer, () => undefined);
    } catch (error) {
      throw engineError('the engine could not load the image', error);
    }
  }

  /** Puts a tag on an image, moving it from wherever it was. */
  async tag(id: string, repository: string, tag: string): Promise<void> {
    try {
      await this.docker.getImage(id).tag({ repo: repository, tag });
    } catch (error) {
      throw engineError(`the engine could not tag ${repository}:${tag}`, error);
    }
  }

  /**
   * Takes a tag away, or removes an image that has no other tag and no child; one that is gone or still needed is left.
   * Parents are kept: they are the build cache. Asked to remove an image by its ID, an engine takes its only tag away.
   */
  async remove(nameOrId: string): Promise<void> {
    if (isImageId(nameOrId) && (await this.find(nameOrId))?.tags.some((tag) => tag !== '<none>:<none>')) return;
    try {
      if (this.podman !== undefined && !isImageId(nameOrId)) await this.untag(nameOrId, this.podman);
      else await this.docker.getImage(nameOrId).remove({ noprune: true });
    } catch (error) {
      const status = statusOf(error);
      if (status !== 404 && status !== 409) throw engineError(`the engine could not remove ${nameOrId}`, error);
    }
  }

  /**
   * Podman removes an image and its parents with its last tag, whatever `noprune` says; its own API has a way to take
   * the tag alone. That API completes no names, so the image's own list tells what Docker's one made of this name.
   */
  private async untag(name: string, version: string): Promise<void> {
    const tags = (await this.find(name))?.tags ?? [];
    const prefixes = ['', 'docker.io/', 'docker.io/library/', 'localhost/'];
    const full = prefixes.map((prefix) => prefix + name).find((candidate) => tags.includes(candidate));
    if (full === undefined) return;
    const colon = full.lastIndexOf(':');
    const modem = this.docker.modem as { dial(options: object, done: (error: Error | null) => void): void };
    return new Promise((resolve, reject) => {
      modem.dial(
        {
          method: 'POST',
          path: `/v${version}/libpod/images/${full}/untag?`,
          options: { repo: full.slice(0, colon), tag: full.slice(colon + 1) },
          statusCodes: { 201: true },
        },
        (error) => (error === null ? resolve() : reject(error)),
      );
    });
  }
}

function describe(info: unknown): EngineImage {
  const config = objectIn(info, 'Config');
  const platform = ['Os', 'Architecture', 'Variant'].map((key) => optionalTextIn(info, key));
  const workingDirectory = optionalTextIn(config, 'WorkingDir') ?? '';
  return {
    id: imageId(textIn(info, 'Id')),
    configuration: {
      env: textsIn(config, 'Env').filter((entry) => entry.includes('=')),
      entrypoint: wordsIn(config, 'Entrypoint'),
      cmd: wordsIn(config, 'Cmd'),
      workingDirectory: workingDirectory === '' ? '/' : workingDirectory,
      user: optionalTextIn(config, 'User') ?? '',
      labels: textMapIn(config, 'Labels'),
    },
    platform: platform.filter(Boolean).join('/'),
    layers: textsIn(objectIn(info, 'RootFS'), 'Layers'),
    volumes: Object.keys(objectIn(config, 'Volumes')),
    size: numberIn(info, 'Size', 0),
    tags: textsIn(info, 'RepoTags'),
    repoDigests: textsIn(info, 'RepoDigests'),
    created: optionalTextIn(info, 'Created') ?? '',
  };
}

/** A command, which may be one text. */
function wordsIn(config: unknown, key: string): readonly string[] {
  const value = (config as Readonly<Record<string, unknown>>)[key];
  return typeof value === 'string' ? [value] : textsIn(config, key);
}

/** Podman leaves the algorithm off in some answers and not in others. */
export function imageId(id: string): string {
  return /^[0-9a-f]{64}$/.test(id) ? `sha256:${id}` : id;
}

function isImageId(name: string): boolean {
  return /^sha256:[0-9a-f]{64}$/.test(name);
}

/** The HTTP status of an engine's refusal. */
export function statusOf(error: unknown): number | undefined {
  return error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number'
    ? error.statusCode
    : undefined;
}

/** The engine's own words. */
export function engineReason(error: unknown): string {
  return messageOf(error).trim();
}

/** An engine that is gone, or that refuses a request. */
export function engineError(what: string, error: unknown): KdeployError {
  return new KdeployError('engine-unreachable', `${what}: ${engineReason(error)}`, {
    cause: error,
    hint:
      faultHint(error) ?? 'check that the engine is running and has free disk space: `docker info`, `docker system df`',
  });
}
