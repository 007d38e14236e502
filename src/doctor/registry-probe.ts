import { connectEngine, ownSurroundings } from '../places/engine/connection.js';
import { parseRepositoryName } from '../image/reference.js';
import { RegistryClient, type Authentication } from '../places/registry/client.js';
import { lookupCredentials } from '../places/registry/credentials/lookup.js';
import type { Probe } from './probe.js';

/** Asks the registry of image.name whether it takes the credentials that a push would use. */
export const registryProbe: Probe = {
  id: 'registry',
  title: 'registry',
  async run({ project, environment }) {
    const name = project?.settings.image.name ?? null;
    if (name === null) return { status: 'skipped', detail: 'image.name is not set in kdeploy.yml' };
    const reference = parseRepositoryName(name);
    const { registry } = reference;
    const podman = await isPodman(environment);
    const lookup = await lookupCredentials(reference.name, { env: environment, podman });
    const failures = lookup.failures.map(({ source, reason }) => `${source}: ${reason}`);
    const client = new RegistryClient(registry, { credentials: () => Promise.resolve(lookup) });
    const { scheme } = await client.authenticate();
    return { status: 'ok', detail: [`${registry} ${answerText(scheme, lookup.source)}`, ...failures].join('; ') };
  },
};

/** Podman looks for credentials in another order; without an engine the answer is Docker's. */
async function isPodman(environment: NodeJS.ProcessEnv): Promise<boolean> {
  return connectEngine(ownSurroundings(environment)).then(
    ({ podman }) => podman !== undefined,
    () => false,
  );
}

function answerText(scheme: Authentication['scheme'], source: string | undefined): string {
  // Credentials that the registry does not ask for are not tested.
  if (scheme === 'none') return 'responds, and requires no credentials';
  return source === undefined ? 'accepts anonymous access' : `accepts the credentials from ${source}`;
}
