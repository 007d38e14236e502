import type Dockerode from 'dockerode';
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
  readonly signal: AbortSignal;
  readonly onProgress: (progress: PushProgress) => void;
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
    } as Dockerode.ImagePushOptions);
    const layers = new Map<string, { done: boolean; current: number; total: number }>();
    let digest: string | undefined;
    await followMessages(stream, ({ id, status, progressDetail, aux }) => {
      if (typeof aux === 'object' && aux !== null && 'Digest' in aux && typeof aux.Digest === 'string')
        digest = aux.Digest;
      if (id === undefined || id === tag) return;
      const known = layers.get(id);
      const done = status !== undefined && /^(Pushed|Layer already exists|Mounted from)/.test(status);
      const total = progressDetail?.total ?? known?.total ?? 0;
      layers.set(id, { done, total, current: done ? total : (progressDetail?.current ?? known?.current ?? 0) });
      options.onProgress(summarise([...layers.values()]));
    });
    return digest;
  }

  /** The digest under which the registry has a reference, asked by the engine (GET /distribution/{name}/json). */
  async digestInRegistry(reference: string, credentials: object | undefined): Promise<string> {
    const image = this.docker.getImage(reference);
    const answer = (await image.distribution({
      authconfig: credentials ?? {},
    } as Dockerode.ImageDistributionOptions)) as {
      Descriptor: { digest: string };
    };
    return answer.Descriptor.digest;
  }
}

function summarise(layers: readonly { done: boolean; current: number; total: number }[]): PushProgress {
  return {
    layersDone: layers.filter(({ done }) => done).length,
    layers: layers.length,
    bytes: layers.reduce((sum, { current }) => sum + current, 0),
    totalBytes: layers.reduce((sum, { total }) => sum + total, 0),
  };
}
