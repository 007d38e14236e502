import type Dockerode from 'dockerode';
import { isFault } from './fault.js';
import { statusOf } from './images.js';
import { objectIn, textIn } from './shape.js';
import { followMessages } from './message-stream.js';

/** How far a push is: layers done of all, bytes sent of those whose size is known. */
export interface PushProgress {
  readonly layersDone: number;
  readonly layers: number;
  readonly bytes: number;
  readonly totalBytes: number;
}

export interface EnginePushOptions {
  /** What the engine sends on to the registry (X-Registry-Auth); `undefined` for none. */
  readonly credentials: object | undefined;
  /** Whether the registry may be spoken to without TLS. Docker decides that by itself; Podman asks for it. */
  readonly plainHttp: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: PushProgress) => void;
  /** The registry did not take a layer, and the engine waits before it tries again: up to five times, 50 s in all. */
  readonly onRetry: (seconds: number) => void;
}

/** POST /images/{name}/push, and asking the registry, through the engine, what it has. */
export class EnginePushes {
  constructor(private readonly docker: Dockerode) {}

  /**
   * Pushes `name:tag` and returns the digest that the registry answered with; `undefined` from an engine that does not
   * report it. Throws EngineStreamError with the registry's words.
   */
  async push(name: string, tag: string, options: EnginePushOptions): Promise<string | undefined> {
    const stream = await this.docker.getImage(name).push({
      tag,
      authconfig: options.credentials ?? {},
      abortSignal: options.signal,
      ...(options.plainHttp && { tlsVerify: 'false' }),
    } as Dockerode.ImagePushOptions);
    const layers = new Map<string, { done: boolean; current: number; total: number }>();
    let digest: string | undefined;
    await followMessages(stream, ({ id, status, progressDetail, aux }) => {
      digest = pushedDigest(status, aux) ?? digest;
      const retry = /^Retrying in (\d+) seconds?$/.exec(status ?? '');
      if (retry !== null) options.onRetry(Number(retry[1]));
      if (id === undefined || id === tag) return;
      const known = layers.get(id);
      const done = status !== undefined && /^(Pushed|Layer already exists|Mounted from)/.test(status);
      const total = progressDetail?.total ?? known?.total ?? 0;
      layers.set(id, { done, total, current: done ? total : (progressDetail?.current ?? known?.current ?? 0) });
      options.onProgress(summarise([...layers.values()]));
    });
    return digest;
  }

  /**
   * The digest under which the registry has a reference, asked by the engine (GET /distribution/{name}/json);
   * `undefined` from one that cannot be asked: Podman, or an engine behind a proxy that lets only some requests through.
   */
  async digestInRegistry(reference: string, credentials: object | undefined): Promise<string | undefined> {
    const image = this.docker.getImage(reference);
    try {
      const answer: unknown = await image.distribution({
        authconfig: credentials ?? {},
      } as Dockerode.ImageDistributionOptions);
      return textIn(objectIn(answer, 'Descriptor'), 'digest');
    } catch (error) {
      const status = isFault(error) ? error.status : statusOf(error);
      if ([403, 404, 405, 501].includes(status ?? 0)) return undefined;
      throw error;
    }
  }
}

/** Podman before 6 has it in the text for people only. */
function pushedDigest(status: string | undefined, aux: unknown): string | undefined {
  if (typeof aux === 'object' && aux !== null && 'Digest' in aux && typeof aux.Digest === 'string') {
    return aux.Digest === '' ? undefined : aux.Digest;
  }
  return /^\S+: digest: (sha256:[0-9a-f]{64}) size: \d+$/.exec(status ?? '')?.[1];
}

function summarise(layers: readonly { done: boolean; current: number; total: number }[]): PushProgress {
  return {
    layersDone: layers.filter(({ done }) => done).length,
    layers: layers.length,
    bytes: layers.reduce((sum, { current }) => sum + current, 0),
    totalBytes: layers.reduce((sum, { total }) => sum + total, 0),
  };
}
