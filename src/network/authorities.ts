import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { SecureContext } from 'node:tls';
import { readPlainFile } from '../plain-file.js';
import { readAuthorities } from './pem.js';

/** Where Docker has the authorities of single registries (docs.docker.com, "Verify repository client with certificates"). */
export const DOCKER_CERTIFICATES = '/etc/docker/certs.d';

/**
 * The authorities to trust for a registry, in PEM format, besides those that Node knows: that of SSL_CERT_FILE, which
 * programs in Go read, and those that Docker has for this `host:port`. Throws KdeployError `configuration` for a variable
 * that names nothing of use.
 */
export async function authoritiesFor(
  host: string,
  environment: NodeJS.ProcessEnv,
  dockerFolder = DOCKER_CERTIFICATES,
): Promise<string[]> {
  const file = environment.SSL_CERT_FILE ?? '';
  return [
    ...(file === '' ? [] : [await readAuthorities('SSL_CERT_FILE', file)]),
    ...(await certificatesIn(path.join(dockerFolder, host))),
  ];
}

/** What Docker's daemon reads as root may not be for everybody: then there is none. */
async function certificatesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  const found = names.filter((name) => name.endsWith('.crt')).sort();
  const read = found.map((name) => readPlainFile(path.join(folder, name)).catch(() => Buffer.alloc(0)));
  return (await Promise.all(read)).map((bytes) => bytes.toString('latin1')).filter((text) => text.includes('BEGIN'));
}

/** To trust these besides those that Node knows; naming any to Node replaces those, so they are named as well. */
export async function contextWith(
  authorities: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<SecureContext> {
  const tls = await import('node:tls');
  return tls.createSecureContext({ ca: [...(await knownToNode(environment)), ...authorities] });
}

interface NodeAuthorities {
  readonly rootCertificates: readonly string[];
  /** As of Node 22.15: with those of NODE_EXTRA_CA_CERTS, and of the system where Node is told to ask it. */
  readonly getCACertificates?: () => readonly string[];
}

async function knownToNode(environment: NodeJS.ProcessEnv): Promise<readonly string[]> {
  const tls: NodeAuthorities = await import('node:tls');
  if (tls.getCACertificates !== undefined) return tls.getCACertificates();
  const { NODE_EXTRA_CA_CERTS: file = '' } = environment;
  // One that cannot be read is Node's to warn of.
  const extra = file === '' ? '' : (await readPlainFile(file).catch(() => Buffer.alloc(0))).toString('latin1');
  return extra.includes('BEGIN') ? [...tls.rootCertificates, extra] : tls.rootCertificates;
}
