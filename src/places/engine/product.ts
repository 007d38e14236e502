import type Dockerode from 'dockerode';
import { engineError } from './images.js';
import { listIn, optionalTextIn } from './shape.js';

/** What the engine is, in its own words: `Debian GNU/Linux 12`, `Docker Desktop`, `Podman Engine`. */
export async function engineProduct(docker: Dockerode): Promise<string> {
  try {
    const answers: unknown[] = await Promise.all([docker.info(), docker.version()]);
    const [info, version] = answers;
    const components = listIn(version, 'Components').map((component) => optionalTextIn(component, 'Name'));
    return [optionalTextIn(info, 'OperatingSystem'), components[0]].filter((name) => name !== undefined).join(', ');
  } catch (error) {
    throw engineError('the engine did not say what it is', error);
  }
}
