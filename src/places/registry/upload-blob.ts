import { KdeployError } from '../../errors.js';
import type { Blob } from '../../image/blob.js';
import type { Digest } from '../../image/digest.js';
import type { BlobFate } from '../../image/sink.js';
import { pullScope, pushScope } from './authorizer.js';
import { ConnectionError } from './connection-error.js';
import { RegistryError } from './registry-error.js';
import type { RegistrySession } from './session.js';
import type { Reply } from './transport.js';
import { TokenRefusal } from './token.js';

/** Answers to uploads are empty; what is read is a refusal's reason. */
const MAXIMUM_BYTES = 64 * 1024;
/** GHCR takes no more in a PATCH that names a range (oras-project/rust-oci-client#35); a registry may ask for more. */
const CHUNK_BYTES = 4 * 1024 * 1024;
/** A chunk is in memory while it is sent. */
const MAXIMUM_CHUNK_BYTES = 64 * 1024 * 1024;
/** Tries in all of one blob: each either sends it once as a whole, or goes on in chunks for as long as they move. */
const ATTEMPTS = 5;

export interface UploadParts {
  readonly session: RegistrySession;
  /** `team/app`. */
  readonly repository: string;
  /** The repository's name in full, for messages. */
  readonly what: string;
  /** Whether the registry has turned no mount from there down yet. */
  readonly mayMount: (from: string) => boolean;
  readonly onMountRefused: (from: string) => void;
}

/**
 * Makes sure that a repository has a blob (OCI distribution spec, "Pushing Blobs"): by asking, by mounting it from another
 * repository, by sending it. The digest that the last PUT names decides, never what a registry says of how much it got, for
 * some say nothing true of that (aws/containers-roadmap#2831). Throws KdeployError `push-failed`, `credentials`,
 * `registry-unreachable`, `interrupted`, and what reading the blob throws.
 */
export async function uploadBlob(blob: Blob, parts: UploadParts, onBytes: (count: number) => void): Promise<BlobFate> {
  const { session, what } = parts;
  try {
    if (await isThere(blob.descriptor.digest, parts)) return 'present';
    const begun = await begin(blob, parts);
    if (begun === 'mounted') return 'mounted';
    await send(blob, begun, parts, onBytes);
    return 'sent';
  } catch (error) {
    if (error instanceof RegistryError && ![401, 403].includes(error.status)) throw notTaken(error, parts);
    throw await session.explained(error, what);
  }
}

async function isThere(digest: Digest, { session, repository, what }: UploadParts): Promise<boolean> {
  const { status } = await session.send({
    method: 'HEAD',
    path: `v2/${repository}/blobs/${digest}`,
    scope: pushScope(repository),
    expect: [200, 404],
    maximumBytes: MAXIMUM_BYTES,
    what,
  });
  return status === 200;
}

/**
 * Opens an upload, or has the blob mounted. A mount is a hint: Harbor answers 401 for a project that it does not have
 * (goharbor/harbor#17097), Docker Hub refuses a token without `pull` on the source; then the blob is sent. Once refused, no
 * more is asked for from there.
 */
async function begin(blob: Blob, parts: UploadParts): Promise<Upload | 'mounted'> {
  const { session, repository } = parts;
  const { digest } = blob.descriptor;
  const from = blob.from?.registry === session.registry ? blob.from.repository : undefined;
  if (from !== undefined && from !== repository && parts.mayMount(from)) {
    try {
      const query = new URLSearchParams({ mount: digest, from });
      const reply = await post(
        `?${query.toString()}`,
        `${pushScope(repository)} ${pullScope(from)}`,
        [201, 202],
        parts,
      );
      if (reply.status === 202) return uploadIn(reply, parts);
      if (await isThere(digest, parts)) return 'mounted';
    } catch (error) {
      const isRefusal = error instanceof TokenRefusal || (error instanceof RegistryError && !error.temporary());
      if (!isRefusal) throw error;
      parts.onMountRefused(from);
    }
  }
  return uploadIn(await post('', pushScope(repository), [202], parts), parts);
}

interface Upload {
  readonly location: URL;
  readonly chunkBytes: number;
}

/** Registries that keep blobs in an object store have a least size for all parts but the last. */
function uploadIn(reply: Reply, parts: UploadParts): Upload {
  const minimum = Number(reply.headers.get('oci-chunk-min-length') ?? 0);
  const isAsked = Number.isSafeInteger(minimum) && minimum > CHUNK_BYTES && minimum <= MAXIMUM_CHUNK_BYTES;
  return { location: locationOf(reply, parts), chunkBytes: isAsked ? minimum : CHUNK_BYTES };
}

async function post(query: string, scope: string, expect: readonly number[], parts: UploadParts): Promise<Reply> {
  const { session, repository, what } = parts;
  const path = `v2/${repository}/blobs/uploads/${query}`;
  return session.send({ method: 'POST', path, scope, expect, maximumBytes: MAXIMUM_BYTES, what, body: () => '' });
}

/** Where an upload goes on: the registry says so anew with each answer. */
function locationOf(reply: Reply, { session }: Pick<UploadParts, 'session'>): URL {
  const location = reply.headers.get('location');
  if (location === null)
    throw new KdeployError('push-failed', `${session.registry} opened an upload without saying where`, {
      hint: 'check the registry, and the proxy in front of it',
    });
  return session.address(location, reply.url);
}

/**
 * One body first: any size is allowed in it, and it is the least that can go wrong. Chunks only where the registry did not
 * take that, or the connection broke. What happened to a PUT that got no answer is asked: a registry may have committed the
 * blob (GoogleContainerTools/jib#4301), else it begins again from the first byte.
 */
async function send(blob: Blob, begun: Upload, parts: UploadParts, onBytes: (count: number) => void): Promise<void> {
  const { session } = parts;
  const { digest } = blob.descriptor;
  let upload: Upload | undefined = begun;
  let inChunks = false;
  for (let attempt = 1; ; attempt++) {
    try {
      upload ??= uploadIn(await post('', pushScope(parts.repository), [202], parts), parts);
      onBytes(0);
      if (inChunks) await sendChunks(blob, upload, parts, onBytes);
      else await put(upload.location, parts, blob, onBytes);
      return;
    } catch (error) {
      if (!(error instanceof RegistryError || error instanceof ConnectionError)) throw error;
      if (error instanceof RegistryError && (error.status === 401 || error.status === 403)) throw error;
      if (await isThere(digest, parts)) return;
      const isBusy = error instanceof RegistryError && error.temporary();
      if (attempt >= ATTEMPTS || (inChunks && !error.temporary() && !isVanished(error))) throw error;
      if (error.temporary()) await session.transport.again(error, attempt);
      // A body that is refused may be taken in parts, and one that broke off may get through in them.
      inChunks ||= !isBusy && !isVanished(error);
      upload = undefined;
    }
  }
}

/** The upload session is gone: a registry that was restarted, or one behind the same name that knows nothing of it. */
function isVanished(error: Error): boolean {
  return error instanceof RegistryError && error.status === 404;
}

/** The PUT that ends an upload, with all of the blob or with none of it. */
async function put(location: URL, parts: UploadParts, blob: Blob, onBytes?: (count: number) => void): Promise<void> {
  const { session, repository, what } = parts;
  const { digest, size } = blob.descriptor;
  const path = new URL(location);
  path.searchParams.set('digest', digest);
  const reply = await session.send({
    method: 'PUT',
    path,
    scope: pushScope(repository),
    headers: { 'Content-Type': 'application/octet-stream' },
    body: () => (onBytes === undefined ? '' : { size, chunks: counted(blob.open(), onBytes) }),
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

async function* counted(
  chunks: AsyncIterable<Uint8Array>,
  onBytes: (count: number) => void,
): AsyncGenerator<Uint8Array> {
  let sent = 0;
  for await (const chunk of chunks) {
    yield chunk;
    onBytes((sent += chunk.length));
  }
}

/**
 * The blob in PATCHes one after the other, and a PUT that ends them. Where one of them breaks off, the registry is asked how
 * far it came. What it says of its own accord is not believed: ECR's count stands still although all bytes arrive, and some
 * count the chunk, others the blob (oras-project/rust-oci-client#35); a byte too many or too few shows in the digest, and
 * all begins anew.
 */
async function sendChunks(
  blob: Blob,
  upload: Upload,
  parts: UploadParts,
  onBytes: (count: number) => void,
): Promise<void> {
  const { session } = parts;
  let { location } = upload;
  let sent = 0;
  for await (const piece of inPieces(blob.open(), upload.chunkBytes)) {
    let rest = piece;
    for (let attempt = 1; rest.length > 0; attempt++) {
      try {
        location = await patch(location, rest, sent, parts);
        sent += rest.length;
        rest = rest.subarray(rest.length);
      } catch (error) {
        if (!(error instanceof ConnectionError)) throw error;
        await session.transport.again(error, attempt);
        const received = await receivedBytes(location, parts);
        if (received === undefined || received < sent || received > sent + rest.length) throw error;
        rest = rest.subarray(received - sent);
        sent = received;
      }
      onBytes(sent);
    }
  }
  await put(location, parts, blob);
}

async function patch(location: URL, chunk: Uint8Array, offset: number, parts: UploadParts): Promise<URL> {
  const { session, repository, what } = parts;
  const range = `${offset}-${offset + chunk.length - 1}`;
  const reply = await session.send({
    method: 'PATCH',
    path: location,
    scope: pushScope(repository),
    headers: { 'Content-Type': 'application/octet-stream', 'Content-Range': range },
    // As a stream, which is tried once: a PATCH that is sent twice would be there twice.
    body: () => ({ size: chunk.length, chunks: onlyOne(chunk) }),
    expect: [201, 202, 204],
    maximumBytes: MAXIMUM_BYTES,
    what,
  });
  return locationOf(reply, parts);
}

/** `undefined` where the registry does not say, or says `0-0`, which is one byte to some and none to others. */
async function receivedBytes(location: URL, { session, repository, what }: UploadParts): Promise<number | undefined> {
  const { headers } = await session.send({
    method: 'GET',
    path: location,
    scope: pushScope(repository),
    expect: [200, 202, 204],
    maximumBytes: MAXIMUM_BYTES,
    what,
  });
  const end = Number(/^(?:bytes=)?0-(\d+)$/.exec(headers.get('range') ?? '')?.[1] ?? 0);
  return end === 0 ? undefined : end + 1;
}

async function* onlyOne(chunk: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(chunk);
}

/** The same bytes in pieces of one size; the last may be smaller. */
async function* inPieces(chunks: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Uint8Array> {
  let kept: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    let rest = chunk;
    while (length + rest.length >= size) {
      yield Buffer.concat([...kept, rest.subarray(0, size - length)]);
      rest = rest.subarray(size - length);
      [kept, length] = [[], 0];
    }
    if (rest.length > 0) kept.push(rest);
    length += rest.length;
  }
  if (length > 0) yield Buffer.concat(kept);
}

function notTaken(error: RegistryError, { session, what }: UploadParts): KdeployError {
  return new KdeployError('push-failed', `${session.registry} did not take a layer of ${what}`, {
    cause: error,
    hint:
      error.status === 413
        ? 'raise the limit of the proxy in front of the registry (nginx: client_max_body_size)'
        : 'push again in a moment: layers that have arrived are not sent again',
  });
}
