import { canonicalRegistry, ImageReference } from '../../image/reference.js';
import type { CredentialLookup } from '../../places/registry/credentials/credentials.js';
import { engineAuthConfig } from '../../places/registry/credentials/engine.js';
import { lookupCredentials } from '../../places/registry/credentials/lookup.js';

export interface PullCredentialsOptions {
  /** What the build pulls, as the Dockerfile names it. */
  readonly images: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  /** Whether Podman builds. */
  readonly podman: boolean;
}

/** X-Registry-Config: what the engine shows the registries of the images. */
export async function registryConfiguration(options: PullCredentialsOptions): Promise<Record<string, object>> {
  const registries = new Set(options.images.flatMap(parsed).map(({ registry }) => registry));
  const lookups = await Promise.all([...registries].map((registry) => lookupFor(registry, options)));
  const entries = lookups.filter(({ credentials }) => credentials !== undefined).map(engineAuthConfig);
  return Object.fromEntries(entries.map((entry) => [entry.serveraddress, entry]));
}

/** What BuildKit is told when it asks for a host, which it names as it reaches it: `registry-1.docker.io`. */
export async function buildkitCredentials(
  host: string,
  options: PullCredentialsOptions,
): Promise<{ username: string; password: string } | undefined> {
  const { credentials } = await lookupFor(canonicalRegistry(host), options);
  // A secret without a user name is an identity token to BuildKit.
  if (credentials?.kind === 'identity-token') return { username: '', password: credentials.token };
  return credentials?.kind === 'password' ? credentials : undefined;
}

/** Engines know one answer for a registry: the one for its first image that has any. */
async function lookupFor(
  registry: string,
  { images, environment, podman }: PullCredentialsOptions,
): Promise<CredentialLookup> {
  const own = images.flatMap(parsed).filter((image) => image.registry === registry);
  for (const name of new Set(own.map((image) => image.name))) {
    const lookup = await lookupCredentials(name, { env: environment, podman });
    if (lookup.credentials !== undefined) return lookup;
  }
  return lookupCredentials(registry, { env: environment, podman });
}

/** The engine says it better what is wrong with a name. */
function parsed(image: string): ImageReference[] {
  try {
    return [ImageReference.parse(image)];
  } catch {
    return [];
  }
}
