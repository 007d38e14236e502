import { KdeployError } from '../../errors.js';
import type { Document } from '../../image/document.js';
import type { ImageReference } from '../../image/reference.js';
import { pushScope } from './authorizer.js';
import type { RegistryClient } from './client.js';
import { ConnectionError } from './connection-error.js';
import { NotTaken, notTakenHint, reasonOf } from './not-taken.js';
import { RegistryError } from './registry-error.js';
import type { AnswerHeaders } from './wire.js';

const MAXIMUM_BYTES = 64 * 1024;

/**
 * Puts a manifest under a tag or its digest. Whether one that got no answer arrived is asked; the answer is then missing.
 * Throws KdeployError `push-failed` (its cause is a NotTaken where that is for good), and what RegistryClient throws.
 */
export async function putManifest(
  client: RegistryClient,
  reference: ImageReference,
  { bytes, mediaType, digest }: Omit<Document<unknown>, 'value'>,
): Promise<AnswerHeaders | undefined> {
  const { session } = client;
  const { repository, tag } = reference;
  const what = reference.toFamiliarString();
  try {
    const { headers } = await session.send({
      method: 'PUT',
      path: `v2/${repository}/manifests/${tag ?? digest}`,
      scope: pushScope(repository),
      headers: { 'Content-Type': mediaType },
      body: () => new Uint8Array(bytes),
      expect: [200, 201, 202, 204],
      maximumBytes: MAXIMUM_BYTES,
      what,
    });
    return headers;
  } catch (error) {
    const isUnanswered = error instanceof ConnectionError || (error instanceof RegistryError && error.temporary());
    if (isUnanswered && (await isStored(client, reference, digest))) return undefined;
    if (error instanceof RegistryError && ![401, 403].includes(error.status)) throw refused(error, what);
    throw await session.explained(error, what);
  }
}

/** Where nobody answers this either, it is the first error that tells why. */
async function isStored(client: RegistryClient, reference: ImageReference, digest: string): Promise<boolean> {
  try {
    return (await client.headManifest(reference))?.digest === digest;
  } catch (error) {
    if (error instanceof KdeployError && error.code === 'registry-unreachable') return false;
    throw error;
  }
}

function refused(error: RegistryError, what: string): KdeployError {
  const isImmutable = /immutable|cannot be overwritten|already exists/i.test(error.message);
  const cause = reasonOf(error);
  return isImmutable
    ? new KdeployError('push-failed', `${what} exists already, and the registry does not let a tag be moved`, {
        cause,
        hint: 'push under another tag',
      })
    : new KdeployError('push-failed', `${error.host} refused the manifest of ${what}`, {
        cause,
        hint: cause instanceof NotTaken ? notTakenHint(error) : 'push again in a moment',
      });
}
