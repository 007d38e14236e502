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

/**
 * What is known of an image that neither the engine has nor its registry gives. An engine that could not be asked may have
 * one that the registry lacks: then the engine is what is missing, and not the image.
 */
export function foundNowhere(
  name: string,
  { unreachable }: Pick<LocalImages, 'unreachable'>,
  remote: KdeployError,
): KdeployError {
  const local =
    unreachable === undefined
      ? `${name} is not on the local Docker Engine`
      : `${name} could not be looked up on the local Docker Engine (${unreachable.message})`;
  const { code, hint } = remote.code === 'image-not-found' ? (unreachable ?? remote) : remote;
  return new KdeployError(code, `${local}, and could not be read from its registry: ${remote.message}`, {
    cause: remote,
    ...(hint !== undefined && { hint }),
  });
}
