import { KdeployError } from '../../errors.js';
import type { Blob } from '../../image/blob.js';
import { counted } from '../../image/counted.js';
import type { Digest } from '../../image/digest.js';
import type { BlobFate } from '../../image/sink.js';
import { pullScope, pushScope } from './authorizer.js';
import { ConnectionError } from './connection-error.js';
import { NotTaken, notTakenHint, reasonOf } from './not-taken.js';
import {
  commit,
  MAXIMUM_BYTES,
  openUpload,
  postUpload,
  uploadIn,
  type Upload,
  type UploadParts,
} from './open-upload.js';
import { RegistryError } from './registry-error.js';
import { TokenRefusal } from './token.js';
import { askReceived, Hints, sendChunks, type Received } from './upload-chunks.js';

/** Tries in all of one blob: each either sends it once as a whole, or goes on in chunks for as long as they move. */
const ATTEMPTS = 5;

export interface BlobParts extends UploadParts {
  /** Whether the registry has turned no mount from there down yet. */
  readonly mayMount: (from: string) => boolean;
  readonly onMountRefused: (from: string) => void;
}

/**
 * Makes sure that a repository has a blob (OCI distribution spec, "Pushing Blobs"): by asking, by mounting it from another
 * repository, by sending it. The digest that the last PUT names decides, never what a registry says of how much it got.
 * Throws KdeployError `push-failed`, `credentials`, `registry-unreachable`, `interrupted`, and what reading the blob throws.
 */
export async function uploadBlob(blob: Blob, parts: BlobParts, onBytes: (count: number) => void): Promise<BlobFate> {
  const { session, what } = parts;
  try {
    if (await isThere(blob.descriptor.digest, parts)) return 'present';
    const begun = await begin(blob, parts);
    if (begun === 'mounted') return 'mounted';
    await send(blob, begun, parts, onBytes);
    return 'sent';
  } catch (error) {
    if (error instanceof RegistryError && !isForbidden(error)) throw failed(error, parts);
    throw await session.explained(error, what);
  }
}

/** Some proxies refuse HEAD, and some credentials are good for pushing alone; then it is sent. */
async function isThere(digest: Digest, { session, repository, what }: UploadParts): Promise<boolean> {
  try {
    const { status } = await session.send({
      method: 'HEAD',
      path: `v2/${repository}/blobs/${digest}`,
      scope: pushScope(repository),
      expect: [200, 404, 405, 501],
      maximumBytes: MAXIMUM_BYTES,
      what,
    });
    return status === 200;
  } catch (error) {
    // Who may not push either is told by the next request.
    if (error instanceof RegistryError && isForbidden(error)) return false;
    throw error;
  }
}

/**
 * Opens an upload, or has the blob mounted. A mount is a hint: Harbor answers 401 for a project that it does not have
 * (goharbor/harbor#17097), Docker Hub refuses a token without `pull` on the source; then the blob is sent. Once refused, no
 * more is asked for from there.
 */
async function begin(blob: Blob, parts: BlobParts): Promise<Upload | 'mounted'> {
  const { session, repository } = parts;
  const { digest } = blob.descriptor;
  const from = blob.from?.registry === session.registry ? blob.from.repository : undefined;
  if (from !== undefined && from !== repository && parts.mayMount(from)) {
    try {
      const query = new URLSearchParams({ mount: digest, from });
      const scope = `${pushScope(repository)} ${pullScope(from)}`;
      const reply = await postUpload(`?${query.toString()}`, scope, [201, 202], parts);
      if (reply.status === 202) return uploadIn(reply, parts);
      if (await isThere(digest, parts)) return 'mounted';
    } catch (error) {
      if (!(error instanceof TokenRefusal || error instanceof RegistryError)) throw error;
      parts.onMountRefused(from);
    }
  }
  return openUpload(parts);
}

/**
 * One body first: any size is allowed in it, and it is the least that can go wrong. Chunks only where the registry did not
 * take that, or the connection broke. What happened to a PUT that got no answer is asked: a registry may have committed the
 * blob (GoogleContainerTools/jib#4301), or have a part of it, else it begins again from the first byte.
 */
async function send(blob: Blob, begun: Upload, parts: UploadParts, onBytes: (count: number) => void): Promise<void> {
  const { session } = parts;
  const { digest, size } = blob.descriptor;
  const hints = new Hints();
  let upload: Upload | undefined = begun;
  let offset = 0;
  let inChunks = false;
  for (let attempt = 1; ; attempt++) {
    try {
      upload ??= await openUpload(parts);
      onBytes(offset);
      if (inChunks) await sendChunks(blob, { upload, offset }, hints, parts, onBytes);
      else await commit(upload.location, blob, parts, () => counted(blob.open(), onBytes));
      return;
    } catch (error) {
      if (!(error instanceof RegistryError || error instanceof ConnectionError) || isForbidden(error)) throw error;
      if (await isThere(digest, parts)) return;
      const isFinal = inChunks && !error.temporary() && !isVanished(error) && !hints.wereTaken;
      if (attempt >= ATTEMPTS || isFinal) throw error;
      if (error.temporary()) await session.transport.again(error, attempt);
      // What it says that it has is what the digest does not confirm.
      else if (inChunks && !isVanished(error)) hints.distrust();
      const cut: Upload | undefined = error instanceof ConnectionError && !inChunks ? upload : undefined;
      const state: Received | undefined = cut && (await askReceived(cut, 1, size, hints, parts));
      [upload, offset] = [state?.upload, state?.received ?? 0];
      // A body that is refused may be taken in parts, and one that broke off may get through in them.
      inChunks ||= error instanceof ConnectionError || !(error.temporary() || isVanished(error));
    }
  }
}

/** The upload session is gone: a registry that was restarted, or one behind the same name that knows nothing of it. */
function isVanished(error: Error): boolean {
  return error instanceof RegistryError && error.status === 404;
}

function isForbidden(error: Error): boolean {
  return error instanceof RegistryError && (error.status === 401 || error.status === 403);
}

function failed(error: RegistryError, { session, what }: UploadParts): KdeployError {
  const cause = reasonOf(error);
  return new KdeployError('push-failed', `${session.registry} did not take a layer of ${what}`, {
    cause,
    hint: hintFor(error, cause instanceof NotTaken),
  });
}

function hintFor(error: RegistryError, isForGood: boolean): string {
  if (error.status === 413)
    return 'raise the limit of the proxy in front of the registry (nginx: client_max_body_size)';
  if (isForGood && !isVanished(error)) return notTakenHint(error);
  return 'push again in a moment: layers that have arrived are not sent again';
}
