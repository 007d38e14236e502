import { KdeployError } from '../errors.js';
import { connectEngine, ownSurroundings, type EngineConnection } from '../places/engine/connection.js';
import { engineError } from '../places/engine/images.js';
import { findLeftovers } from '../places/engine/leftovers.js';
import { textIn } from '../places/engine/shape.js';
import type { Probe } from './probe.js';
import { usesLayers } from './uses-layers.js';

/** Versions before this one know neither `platform` nor the session of a BuildKit build. */
const OLDEST_API = [1, 40] as const;

/** Versions before this one ignore build secrets, and leave their files in the build context. */
const OLDEST_PODMAN = [4, 0] as const;

export const engineProbe: Probe = {
  id: 'engine',
  title: 'Docker Engine',
  async run(context) {
    const connection = await connectEngine(ownSurroundings(context.environment)).catch(async (error: unknown) => {
      if (error instanceof KdeployError && (await usesLayers(context, () => Promise.resolve(false)))) return error;
      throw error;
    });
    if (connection instanceof KdeployError)
      return { status: 'skipped', detail: `${connection.message}; the builder layers needs none` };
    const { docker, host, origin, podman } = connection;
    const [version, api, os, architecture] = await versionOf(docker).catch((error: unknown) => {
      throw engineError(`the engine at ${host} could not report its version`, error);
    });
    const product = podman === undefined ? version : `Podman ${podman}`;
    const detail = `${product} (API ${api}, ${os}/${architecture}) at ${host}, from ${origin}${await leftovers(docker)}`;
    if (podman !== undefined && !isAtLeast(podman, OLDEST_PODMAN))
      return { status: 'failed', detail, remedy: `update Podman: ${OLDEST_PODMAN[0]} or later is required` };
    if (isAtLeast(api, OLDEST_API)) return { status: 'ok', detail };
    return { status: 'failed', detail, remedy: `update Docker: API ${OLDEST_API.join('.')} or later is required` };
  },
};

/** What commands that were killed have left. */
async function leftovers(docker: EngineConnection['docker']): Promise<string> {
  // Whoever asks about the engine wants to know this last; without an answer the rest is still so.
  const { containers, images } = await findLeftovers(docker).catch(() => ({ containers: [], images: [] }));
  if (containers.length + images.length === 0) return '';
  return `; killed commands left ${counted(containers.length, 'container')} and ${counted(images.length, 'temporary image')}, which the next build removes`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

async function versionOf(docker: EngineConnection['docker']): Promise<[string, string, string, string]> {
  const answer: unknown = await docker.version();
  const part = (key: string): string => textIn(answer, key);
  return [part('Version'), part('ApiVersion'), part('Os'), part('Arch')];
}

export function isAtLeast(version: string, [major, minor]: readonly [number, number]): boolean {
  const [ownMajor = 0, ownMinor = 0] = version.split('.').map(Number);
  return ownMajor > major || (ownMajor === major && ownMinor >= minor);
}
