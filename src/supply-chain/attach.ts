import { KdeployError, messageOf } from '../errors.js';
import type { Blob } from '../image/blob.js';
import type { Digest } from '../image/digest.js';
import type { BlobFate, ReferrerSink } from '../image/sink.js';
import type { DescribingReferrer } from './referrer.js';

export interface AttachOptions {
  readonly sink: ReferrerSink;
  /** Hears one line where something was not attached. */
  readonly note: (text: string) => void;
  /** Whether that is a failure. */
  readonly isRequired: boolean;
}

/** What is listed with an image now. */
export interface Attached {
  readonly title: string;
  readonly digest: Digest;
}

interface Failure {
  readonly title: string;
  readonly error: KdeployError;
}

/**
 * Writes what describes an image to where the image is, and lists it there: all at the same time, for this is what a push still
 * waits for when its image is there. Which types a registry takes is learnt from its answers (ocx-sh/ocx#480,
 * fluxcd/flux2#3724, oras-project/oras#260). Unless it is required, nothing that a place answers fails the push, not even a
 * refusal of the credentials or a broken connection: the image was pushed a moment before and is whole without it, some
 * registries answer 403 to what they do not take, and the next push of the image attaches the same bytes. Throws KdeployError
 * `interrupted`, and where it is required `push-failed`.
 */
export async function attachReferrers(
  referrers: readonly DescribingReferrer[],
  { sink, note, isRequired }: AttachOptions,
): Promise<Attached[]> {
  const write = writingOnce(sink);
  const withBlobs = await Promise.all(referrers.map(({ tree }) => failureOf(Promise.all(tree.blobs.map(write)))));
  const failures = await Promise.all(
    referrers.map(async ({ tree }, index) => withBlobs[index] ?? failureOf(sink.attach(tree.document))),
  );
  const attached: Attached[] = [];
  const refused: Failure[] = [];
  const failed: Failure[] = [];
  for (const [index, { title, tree, isDescription }] of referrers.entries()) {
    const error = failures[index];
    if (error === undefined) {
      attached.push({ title, digest: tree.document.digest });
      continue;
    }
    // Without a verdict, other machines repeat the self-test; that is no reason to warn on each push.
    if (!isDescription) continue;
    const reason = sink.reasonNotTaken(error);
    if (isRequired) throw required(title, sink, error, reason);
    (reason === undefined ? failed : refused).push({ title, error });
  }
  const [refusal] = refused;
  if (refusal !== undefined)
    note(
      `warning: ${were(refused)} not attached: ${sink.name} does not take ${them(refused)}: ` +
        `${messageOf(sink.reasonNotTaken(refusal.error))}; to push without: image.sbom: false`,
    );
  const [failure] = failed;
  if (failure !== undefined)
    note(
      `warning: ${were(failed)} not attached to ${sink.name}: ${failure.error.message}; ` +
        `push again to attach ${them(failed)}`,
    );
  return attached;
}

/** Documents share their empty configuration. */
function writingOnce(sink: ReferrerSink): (blob: Blob) => Promise<BlobFate> {
  const begun = new Map<Digest, Promise<BlobFate>>();
  return (blob) => {
    const { digest } = blob.descriptor;
    const writing = begun.get(digest) ?? sink.writeBlob(blob);
    begun.set(digest, writing);
    return writing;
  };
}

/** Throws what ends all. */
async function failureOf(work: Promise<unknown>): Promise<KdeployError | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (!(error instanceof KdeployError) || error.code === 'interrupted') throw error;
    return error;
  }
}

function required(title: string, sink: ReferrerSink, error: KdeployError, reason: Error | undefined): KdeployError {
  return reason === undefined
    ? new KdeployError('push-failed', `${title} could not be attached to ${sink.name}`, {
        cause: error,
        hint: error.hint ?? 'push again',
      })
    : new KdeployError('push-failed', `${sink.name} does not take ${title}`, {
        cause: reason,
        hint: 'push without --require-sbom, or to a registry that takes it',
      });
}

function were(failures: readonly Failure[]): string {
  return `${failures.map(({ title }) => title).join(' and ')} ${failures.length === 1 ? 'was' : 'were'}`;
}

function them(failures: readonly Failure[]): string {
  return failures.length === 1 ? 'it' : 'them';
}
