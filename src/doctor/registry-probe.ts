import { parseRepositoryName } from '../image/reference.js';
import { RegistryClient } from '../registry/client.js';
import { lookupCredentials } from '../registry/credentials/lookup.js';
import type { Probe } from './probe.js';

/** Asks the registry of image.name whether it takes the credentials that a push would use. */
export const registryProbe: Probe = {
  id: 'registry',
  title: 'registry',
  async run({ project, environment }) {
    const name = project?.settings.image.name ?? null;
    if (name === null) return { status: 'skipped', detail: 'no image.name in kdeploy.yml says which' };
    const { registry } = parseRepositoryName(name);
    const lookup = await lookupCredentials(registry, { env: environment });
    const failures = lookup.failures.map(({ source, reason }) => `${source}: ${reason}`);
    await new RegistryClient(registry, { credentials: () => Promise.resolve(lookup) }).authenticate();
    const who = lookup.source === undefined ? 'without credentials' : `with credentials from ${lookup.source}`;
    return { status: 'ok', detail: [`${registry} answers ${who}`, ...failures].join('; ') };
  },
};
