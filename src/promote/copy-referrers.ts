import { KdeployError, messageOf } from '../errors.js';
import type { Digest } from '../image/digest.js';
import type { Document } from '../image/document.js';
import type { IndexEntry } from '../image/manifest.js';
import type { ImageSink } from '../image/sink.js';
import type { ImageSource } from '../image/source.js';
import { readTree, type ManifestTree } from '../image/tree.js';
import { writeTree } from '../image/write-tree.js';

/** A sink that lists with an image what says something of it. */
export interface ReferrerSink extends ImageSink {
  /** Puts a manifest with a subject. Throws a KdeployError of which `isRefused` tells whether the place takes no such thing. */
  attach(document: Omit<Document<unknown>, 'value'>): Promise<void>;
  /** Why something is not taken, now and for ever; `undefined` for any other error. */
  reasonNotTaken(error: unknown): Error | undefined;
}

export interface CopyReferrersOptions {
  /** Whether one that is not taken is a failure. */
  readonly isRequired: boolean;
  readonly note: (text: string) => void;
}

/** Before there were referrers, cosign kept them under tags beside the image (sigstore/cosign, SBOM_SPEC.md). */
const TAG_ENDINGS = ['sig', 'att', 'sbom'];

/** What belongs to an image and to each of its platforms: signatures, SBOMs. Throws what the source throws. */
export async function referrersIn(tree: ManifestTree, source: ImageSource): Promise<readonly Belonging[]> {
  return belongingTo(digestsIn(tree), source);
}

/**
 * Copies what belongs to an image, and what in turn belongs to that. Which types a registry takes is learnt from its answers
 * (ocx-sh/ocx#480): one that it does not take is told, and the image is pushed without it, unless it is required. Returns how
 * many were copied. Throws KdeployError `push-failed`, and what source and sink throw.
 */
export async function copyReferrers(
  referrers: readonly Belonging[],
  source: ImageSource,
  sink: ReferrerSink,
  { isRequired, note }: CopyReferrersOptions,
): Promise<number> {
  const copied = new Set<Digest>();
  for (let found = referrers; found.length > 0;) {
    const next: Digest[] = [];
    for (const each of found) {
      if (copied.has(each.digest)) continue;
      const belonging = await readTree(source, each);
      try {
        await write(belonging, each, sink);
        copied.add(each.digest);
        next.push(each.digest);
      } catch (error) {
        const reason = sink.reasonNotTaken(error);
        if (reason === undefined) throw error;
        const kind = each.type ?? 'a manifest';
        if (isRequired)
          throw new KdeployError('push-failed', `${sink.name} does not take ${kind} of ${source.name}`, {
            cause: reason,
            hint: 'push without --require-sbom, to a registry that takes it, or without any: `--no-referrers`',
          });
        note(
          `warning: ${kind} of ${source.name} was not attached, for ${sink.name} does not take it: ${messageOf(reason)}`,
        );
      }
    }
    found = await belongingTo(next, source);
  }
  return copied.size;
}

/** A manifest that belongs to another one. */
export interface Belonging extends Pick<IndexEntry, 'digest'> {
  /** `application/spdx+json`, or what it is tagged as. */
  readonly type: string | undefined;
  /** For one that is found by a tag alone. */
  readonly tag?: string;
}

async function belongingTo(digests: readonly Digest[], source: ImageSource): Promise<Belonging[]> {
  return (await Promise.all(digests.map((digest) => belongingToOne(digest, source)))).flat();
}

async function belongingToOne(digest: Digest, source: ImageSource): Promise<Belonging[]> {
  const tags = TAG_ENDINGS.map((ending) => `${digest.replace(':', '-')}.${ending}`);
  const [listed, ...tagged] = await Promise.all([
    source.referrers?.(digest),
    ...tags.map(async (tag) => ({ tag, found: await source.tagged?.(tag) })),
  ]);
  return [
    ...(listed ?? []).map((entry) => ({ digest: entry.digest, type: entry.artifactType })),
    ...tagged.flatMap(({ tag, found }) => (found === undefined ? [] : [{ digest: found, type: tag, tag }])),
  ];
}

async function write(tree: ManifestTree, { digest, tag }: Belonging, sink: ReferrerSink): Promise<void> {
  if (tag !== undefined) {
    await writeTree(tree, sink, [tag]);
    return;
  }
  const attaching: ImageSink = {
    name: sink.name,
    writeBlob: (blob, onBytes) => sink.writeBlob(blob, onBytes),
    writeManifest: (document, other) =>
      document.digest === digest ? sink.attach(document) : sink.writeManifest(document, other),
  };
  await writeTree(tree, attaching, []);
}

function digestsIn({ document, children }: ManifestTree): Digest[] {
  return [document.digest, ...children.flatMap(({ tree }) => digestsIn(tree))];
}
