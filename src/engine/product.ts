import type Dockerode from 'dockerode';
import { engineError } from './images.js';

/** What the engine is, in its own words: `Debian GNU/Linux 12`, `Docker Desktop`, `Podman Engine`. */
export async function engineProduct(docker: Dockerode): Promise<string> {
  try {
    const [{ OperatingSystem: system }, { Components: components }] = (await Promise.all([
      docker.info(),
      docker.version(),
    ])) as [Info, Version];
    return [system, components?.[0]?.Name].filter((name) => name !== undefined).join(', ');
  } catch (error) {
    throw engineError('the engine did not say what it is', error);
  }
}

/** Podman's answers lack some keys of Docker's. */
interface Info {
  readonly OperatingSystem?: string;
}

interface Version {
  readonly Components?: readonly { readonly Name?: string }[] | null;
}
