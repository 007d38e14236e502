import { parseRepositoryName } from '../image/reference.js';
import { RegistryClient, type Authentication } from '../registry/client.js';
import { lookupCredentials } from '../registry/credentials/lookup.js';
import type { Probe } from './probe.js';

/** Asks the registry of image.name whether it takes the credentials that a push would use. */
export const registryProbe: Probe = {
  id: 'registry',
  title: 'registry',
  async run({ project, environment }) {
    const name = project?.settings.image.name ?? null;
    if (name === null) return { status: 'skipped', detail: 'image.name is not set in kdeploy.yml' };
    const { registry } = parseRepositoryName(name);
    const lookup = await lookupCredentials(registry, { env: environment });
    const failures = lookup.failures.map(({ source, reason }) => `${source}: ${reason}`);
    const client = new RegistryClient(registry, { credentials: () => Promise.resolve(lookup) });
    const { scheme } = await client.authenticate();
    return { status: 'ok', detail: [`${registry} ${answerText(scheme, lookup.source)}`, ...failures].join('; ') };
  },
};

function answerText(scheme: Authentication['scheme'], source: string | undefined): string {
  // Credentials that the registry does not ask for are not tested.
  if (scheme === 'none') return 'responds, and requires no credentials';
  return source === undefined ? 'accepts anonymous access' : `accepts the credentials from ${source}`;
}
