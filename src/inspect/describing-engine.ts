import { connectEngine } from '../places/engine/connection.js';
import { EngineContainers } from '../places/engine/containers.js';
import { EngineImages } from '../places/engine/images.js';
import { EnginePulls } from '../places/engine/pulls.js';
import { engineAuthHeader } from '../places/registry/credentials/engine.js';
import { lookupCredentials } from '../places/registry/credentials/lookup.js';
import type { DescribingEngine } from './pipelines.js';

/** This machine's engine, which pulls with the credentials that docker would use. Throws KdeployError `engine-unreachable`. */
export async function describingEngine(environment: NodeJS.ProcessEnv, signal: AbortSignal): Promise<DescribingEngine> {
  const { docker, podman } = await connectEngine(undefined, signal);
  const pulls = new EnginePulls(docker);
  return {
    images: new EngineImages(docker, podman),
    containers: new EngineContainers(docker),
    pull: async (reference, step) => {
      const lookup = await lookupCredentials(reference.name, {
        env: environment,
        podman: podman !== undefined,
        signal,
      });
      await pulls.pull(reference.toString(), {
        credentials: engineAuthHeader(lookup),
        signal,
        onProgress: (done, layers) => step.update(`pulling the image: ${done} of ${layers} layers`),
      });
    },
  };
}
