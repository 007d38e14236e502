import type Dockerode from 'dockerode';
import { KdeployError, messageOf } from '../errors.js';
import type { RunConfiguration } from '../image/run-configuration.js';

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
      const entries = (await this.docker.getImage(id).history()) as { CreatedBy: string; Size: number }[];
      return entries.map(({ CreatedBy, Size }) => ({ createdBy: CreatedBy, size: Size }));
    } catch (error) {
      throw engineError(`the engine could not read the history of ${id}`, error);
    }
  }

  /** The image as `docker save` gives it: a tar of layers, configuration and manifest.json, as a stream. */
  async export(id: string): Promise<NodeJS.ReadableStream> {
    try {
      return await this.docker.getImage(id).get();
    } catch (error) {
      throw engineError(`the engine could not export the image ${id}`, error);
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
   * Parents are kept: they are the build cache.
   */
  async remove(nameOrId: string): Promise<void> {
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
          statusCodes: { 200: true, 201: true, 404: 'no such image', 500: 'server error' },
        },
        (error) => (error === null ? resolve() : reject(error)),
      );
    });
  }
}

function describe(info: Dockerode.ImageInspectInfo): EngineImage {
  // Absent fields are null or '' from older engines, and left out by newer ones (API 1.50), whatever the types say.
  const config: Partial<Dockerode.ImageInspectInfo['Config']> = optional(info.Config) ?? {};
  return {
    id: imageId(info.Id),
    configuration: {
      env: (optional(config.Env) ?? []).filter((entry) => entry.includes('=')),
      entrypoint: [optional(config.Entrypoint) ?? []].flat(),
      cmd: [optional(config.Cmd) ?? []].flat(),
      workingDirectory: config.WorkingDir === undefined || config.WorkingDir === '' ? '/' : config.WorkingDir,
      user: config.User ?? '',
      labels: optional(config.Labels) ?? {},
    },
    platform: [info.Os, info.Architecture, (info as { Variant?: string }).Variant].filter(Boolean).join('/'),
    layers: optional(info.RootFS.Layers) ?? [],
    volumes: Object.keys(optional(config.Volumes) ?? {}),
    size: info.Size,
    tags: optional(info.RepoTags) ?? [],
    repoDigests: optional(info.RepoDigests) ?? [],
    created: info.Created,
  };
}

/** Podman leaves the algorithm off in some answers and not in others. */
export function imageId(id: string): string {
  return /^[0-9a-f]{64}$/.test(id) ? `sha256:${id}` : id;
}

function isImageId(name: string): boolean {
  return /^sha256:[0-9a-f]{64}$/.test(name);
}

function optional<T>(value: T | null | undefined): T | undefined {
  return value ?? undefined;
}

/** The HTTP status of an engine's refusal (docker-modem puts it on the error). */
export function statusOf(error: unknown): number | undefined {
  return error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number'
    ? error.statusCode
    : undefined;
}

/** The engine's own words: docker-modem wraps them as `(HTTP code 404) no such image - No such image: x`. */
export function engineReason(error: unknown): string {
  if (error instanceof Error && 'json' in error) {
    const body = error.json as { message?: unknown } | null | undefined;
    if (typeof body?.message === 'string') return body.message.trim();
  }
  // Where the answer would have been a stream, the wrapped text is all there is.
  const reason = messageOf(error)
    .replace(/^\(HTTP code \d+\) .*? - /, '')
    .trim();
  return reason === '' ? `HTTP ${statusOf(error) ?? 'error'} without a reason` : reason;
}

/** An engine that is gone, or that refuses a request. */
export function engineError(what: string, error: unknown): KdeployError {
  return new KdeployError('engine-unreachable', `${what}: ${engineReason(error)}`, {
    cause: error,
    hint: 'check that the engine is running and has free disk space: `docker info`, `docker system df`',
  });
}
