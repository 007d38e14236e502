import { connectEngine, type EngineSurroundings } from './connection.js';
import { isFault } from './fault.js';
import { EngineImages } from './images.js';
import { KdeployError } from '../../errors.js';

/** The engine's images; or why there are none to look at, on a machine that can still look at what is in a registry. */
export interface LocalImages {
  readonly images: EngineImages | undefined;
  readonly unreachable?: KdeployError;
}

/**
 * Throws KdeployError `engine-unreachable` for an engine that is there and does not answer, or something in its place:
 * it may well have the image.
 */
export async function localImages(signal?: AbortSignal, surroundings?: EngineSurroundings): Promise<LocalImages> {
  try {
    const { docker, podman } = await connectEngine(surroundings, signal);
    return { images: new EngineImages(docker, podman) };
  } catch (error) {
    if (!(error instanceof KdeployError) || error.code !== 'engine-unreachable') throw error;
    if (isFault(error.cause, 'silent', 'foreign')) throw error;
    return { images: undefined, unreachable: error };
  }
}

/** What is known of an image that is in no registry either. */
export function localWords(name: string, { unreachable }: Pick<LocalImages, 'unreachable'>): string {
  return unreachable === undefined
    ? `${name} is not on the local Docker Engine`
    : `${name} could not be looked up on the local Docker Engine (${unreachable.message})`;
}
