import { connectEngine } from './connection.js';
import { EngineImages } from './images.js';
import { KdeployError } from '../errors.js';

/** The engine's images; `undefined` on a machine without an engine, which can still look at what is in a registry. */
export async function localImages(): Promise<EngineImages | undefined> {
  try {
    const { docker, podman } = await connectEngine();
    return new EngineImages(docker, podman);
  } catch (error) {
    if (error instanceof KdeployError && error.code === 'engine-unreachable') return undefined;
    throw error;
  }
}
