import { KdeployError } from '../../../errors.js';
import { DOCKER_HUB, type ImageReference } from '../../../image/reference.js';
import { isGoogleRegistry } from '../../../places/registry/credentials/google.js';

/** A registry, recognised by its host name, as far as logging in to it differs. */
export type Registry =
  | {
      readonly kind: 'google';
      readonly host: string;
      readonly project: string;
      readonly location: string;
      readonly repository: string;
    }
  | { readonly kind: 'aws'; readonly host: string; readonly region: string; readonly isPublic: boolean }
  | { readonly kind: 'azure'; readonly host: string; readonly name: string }
  | { readonly kind: 'github'; readonly host: string }
  /** Supports only user names and passwords, as far as we know. */
  | { readonly kind: 'password'; readonly host: string };

export type RegistryKind = Registry['kind'];

/** Amazon's in China have an ending of their own. */
const PRIVATE_ECR = /^\d{12}\.dkr\.ecr(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?$/;
const AZURE = /^([a-z0-9-]+)\.azurecr\.(?:io|cn|us)$/;

/**
 * Where the image is pushed to. Hosts are compared whole: a token must never go to `gcr.io.example.com`. Throws
 * KdeployError `usage` for a registry on this machine, which no CI service reaches.
 */
export function registryOf(image: ImageReference): Registry {
  const { registry: host, repository } = image;
  if (/^(?:localhost|127(?:\.\d+){3}|\[::1\])(?::\d+)?$/.test(host)) {
    throw new KdeployError('usage', `the image is pushed to ${host} on this machine, which a CI service cannot reach`, {
      hint: 'set image.name in kdeploy.yml to a registry that it can reach',
    });
  }
  if (isGoogleRegistry(host)) return { kind: 'google', host, ...googleRepository(host, repository) };
  const region = PRIVATE_ECR.exec(host)?.[1];
  if (region !== undefined) return { kind: 'aws', host, region, isPublic: false };
  // Its login is in one region only (docs.aws.amazon.com, "Registry authentication in Amazon ECR public").
  if (host === 'public.ecr.aws') return { kind: 'aws', host, region: 'us-east-1', isPublic: true };
  const name = AZURE.exec(host)?.[1];
  if (name !== undefined) return { kind: 'azure', host, name };
  return host === 'ghcr.io' ? { kind: 'github', host } : { kind: 'password', host };
}

/** The key under which docker keeps a login; Docker Hub's is its oldest address. */
export function loginKey({ host }: Registry): string {
  return host === DOCKER_HUB ? 'https://index.docker.io/v1/' : host;
}

/** gcr.io's images live in repositories of Artifact Registry that have its host names. */
function googleRepository(host: string, path: string): { project: string; location: string; repository: string } {
  const [project = '', repository = ''] = path.split('/');
  const location = /^([a-z0-9-]+)-docker\.pkg\.dev$/.exec(host)?.[1];
  if (location !== undefined) return { project, location, repository };
  const prefix = /^([a-z]+)\.gcr\.io$/.exec(host)?.[1];
  const locations: Readonly<Record<string, string>> = { eu: 'europe', asia: 'asia' };
  return { project, location: locations[prefix ?? ''] ?? 'us', repository: host };
}
