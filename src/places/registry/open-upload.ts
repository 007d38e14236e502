import { KdeployError } from '../../errors.js';
import type { Blob } from '../../image/blob.js';
import { pushScope } from './authorizer.js';
import type { RegistrySession } from './session.js';
import type { Reply } from './transport.js';

/** Answers to uploads are empty; what is read is a refusal's reason. */
export const MAXIMUM_BYTES = 64 * 1024;
/** GHCR takes no more in a PATCH that names a range (oras-project/rust-oci-client#35); a registry may ask for more. */
const CHUNK_BYTES = 4 * 1024 * 1024;
/** A chunk is in memory while it is sent. */
const MAXIMUM_CHUNK_BYTES = 64 * 1024 * 1024;

export interface UploadParts {
  readonly session: RegistrySession;
  /** `team/app`. */
  readonly repository: string;
  /** The repository's name in full, for messages. */
  readonly what: string;
}

/** A session that a registry opened for one blob (OCI distribution spec, "Pushing Blobs"). */
export interface Upload {
  /** Where it goes on: the registry says so anew with each answer. */
  readonly location: URL;
  readonly chunkBytes: number;
}

export async function openUpload(parts: UploadParts): Promise<Upload> {
  return uploadIn(await postUpload('', pushScope(parts.repository), [202], parts), parts);
}

export async function postUpload(
  query: string,
  scope: string,
  expect: readonly number[],
  { session, repository, what }: UploadParts,
): Promise<Reply> {
  const path = `v2/${repository}/blobs/uploads/${query}`;
  return session.send({ method: 'POST', path, scope, expect, maximumBytes: MAXIMUM_BYTES, what, body: () => '' });
}

/** Registries that keep blobs in an object store have a least size for all parts but the last. */
export function uploadIn(reply: Reply, { session }: UploadParts): Upload {
  const minimum = Number(reply.headers.get('oci-chunk-min-length') ?? 0);
  const isAsked = Number.isSafeInteger(minimum) && minimum > CHUNK_BYTES && minimum <= MAXIMUM_CHUNK_BYTES;
  const location = locationOf(reply, session);
  if (location === undefined)
    throw new KdeployError('push-failed', `${session.registry} opened an upload without saying where`, {
      hint: 'check the registry, and the proxy in front of it',
    });
  return { location, chunkBytes: isAsked ? minimum : CHUNK_BYTES };
}

export function locationOf({ headers, url }: Reply, session: RegistrySession): URL | undefined {
  const location = headers.get('location');
  return location === null ? undefined : session.address(location, url);
}

/**
 * The PUT that ends an upload, with all of the blob or, after its chunks, with none of it. Another digest in the answer than
 * the one that was sent is an error.
 */
export async function commit(
  location: URL,
  { descriptor }: Pick<Blob, 'descriptor'>,
  parts: UploadParts,
  chunks?: () => AsyncIterable<Uint8Array>,
): Promise<void> {
  const { session, repository, what } = parts;
  const { digest, size } = descriptor;
  const path = new URL(location);
  // Added as text: what else is in the query is the registry's, often signed, and must come back as it was.
  path.search += `${path.search === '' ? '?' : '&'}digest=${encodeURIComponent(digest)}`;
  const reply = await session.send({
    method: 'PUT',
    path,
    scope: pushScope(repository),
    headers: { 'Content-Type': 'application/octet-stream' },
    body: () => (chunks === undefined ? '' : { size, chunks: chunks() }),
    expect: [201, 204],
    maximumBytes: MAXIMUM_BYTES,
    what,
  });
  const stored = reply.headers.get('docker-content-digest');
  if (stored !== null && stored !== digest)
    throw new KdeployError('push-failed', `${session.registry} stored ${stored} in the place of ${digest}`, {
      hint: 'the registry, or a proxy in front of it, changes what is sent to it',
    });
}
