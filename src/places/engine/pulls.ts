import type Dockerode from 'dockerode';
import { KdeployError } from '../../errors.js';
import { engineReason } from './images.js';
import { followMessages } from './message-stream.js';

export interface EnginePullOptions {
  /** What the engine sends on to the registry (X-Registry-Auth). */
  readonly credentials: object | undefined;
  readonly signal: AbortSignal;
  /** Layers that are there, of those that are known so far. */
  readonly onProgress: (done: number, layers: number) => void;
}

/** POST /images/create. */
export class EnginePulls {
  constructor(private readonly docker: Dockerode) {}

  /** Pulls `name@sha256:…` or `name:tag`. Throws KdeployError `image-not-found` with the engine's words. */
  async pull(reference: string, options: EnginePullOptions): Promise<void> {
    const layers = new Map<string, boolean>();
    try {
      const stream = await this.docker.pull(reference, {
        authconfig: options.credentials ?? {},
        abortSignal: options.signal,
      });
      await followMessages(stream, ({ id, status }) => {
        if (id === undefined || status?.startsWith('Pulling from') === true) return;
        layers.set(id, status === 'Pull complete' || status === 'Already exists');
        options.onProgress([...layers.values()].filter(Boolean).length, layers.size);
      });
    } catch (error) {
      if (error instanceof KdeployError) throw error;
      options.signal.throwIfAborted();
      throw new KdeployError('image-not-found', `the engine could not pull ${reference}: ${engineReason(error)}`, {
        cause: error,
        hint: `check that this machine may read it: \`docker pull ${reference}\``,
      });
    }
  }
}
