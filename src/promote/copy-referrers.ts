import { KdeployError, messageOf } from '../errors.js';
import type { Digest } from '../image/digest.js';
import type { IndexEntry } from '../image/manifest.js';
import { SELF_TEST_TYPE } from '../image/referrer.js';
import type { ReferrerSink } from '../image/sink.js';
import type { ImageSource } from '../image/source.js';
import { readTree, type ManifestTree } from '../image/tree.js';
import { writeBelow } from '../image/write-tree.js';

export interface CopyReferrersOptions {
  /** Whether one that is not taken is a failure. */
  readonly isRequired: boolean;
  readonly note: (text: string) => void;
}

/** Before there were referrers, cosign kept them under tags beside the image (sigstore/cosign, SBOM_SPEC.md). */
const TAG_ENDINGS = ['sig', 'att', 'sbom'];

/** An image has a few. */
const AT_ONCE = 8;

/** What belongs to an image and to each of its platforms: signatures, SBOMs. Throws what the source throws. */
export async function referrersIn(tree: ManifestTree, source: ImageSource): Promise<readonly Belonging[]> {
  return belongingTo(digestsIn(tree), source);
}

/**
 * Copies what belongs to an image, and what in turn belongs to that. Which types a registry takes is learnt from its answers
 * (ocx-sh/ocx#480): those that it does not take are told in one line, and the image is pushed without them, unless they are
 * required; the verdict of a self-test never is, for it only spares work. Returns how many were copied. Throws KdeployError
 * `push-failed`, and what source and sink throw.
 */
export async function copyReferrers(
  referrers: readonly Belonging[],
  source: ImageSource,
  sink: ReferrerSink,
  { isRequired, note }: CopyReferrersOptions,
): Promise<number> {
  const copied = new Set<Digest>();
  const refused: { readonly kind: string; readonly reason: Error }[] = [];
  for (let found = referrers; found.length > 0;) {
    const waiting = [...new Map(found.map((each) => [each.digest, each])).values()].filter(
      ({ digest }) => !copied.has(digest),
    );
    const next: Digest[] = [];
    for (let start = 0; start < waiting.length; start += AT_ONCE) {
      for (const { each, error } of await copyTogether(waiting.slice(start, start + AT_ONCE), source, sink)) {
        if (error === undefined) {
          copied.add(each.digest);
          next.push(each.digest);
          continue;
        }
        if (each.type === SELF_TEST_TYPE && error instanceof KdeployError && error.code !== 'interrupted') continue;
        const reason = sink.reasonNotTaken(error);
        if (reason === undefined) throw error;
        const kind = each.type ?? 'a manifest';
        if (isRequired)
          throw new KdeployError('push-failed', `${sink.name} does not take ${kind} of ${source.name}`, {
            cause: reason,
            hint: 'push without --require-sbom, to a registry that takes it, or without any: `--no-referrers`',
          });
        refused.push({ kind, reason });
      }
    }
    found = await belongingTo(next, source);
  }
  const [first, ...others] = refused;
  if (first !== undefined) {
    const kinds = [...new Set(refused.map(({ kind }) => kind))].join(' and ');
    const [were, them] = others.length === 0 ? ['was', 'it'] : ['were', 'them'];
    note(
      `warning: ${kinds} of ${source.name} ${were} not attached, for ${sink.name} does not take ${them}: ` +
        messageOf(first.reason),
    );
  }
  return copied.size;
}

/** Some of them, with what kept each from being copied; they are listed together, when all that they name is there. */
async function copyTogether(
  some: readonly Belonging[],
  source: ImageSource,
  sink: ReferrerSink,
): Promise<{ readonly each: Belonging; readonly error: Error | undefined }[]> {
  const found: { readonly each: Belonging; readonly tree: ManifestTree; readonly error: Error | undefined }[] = [];
  for (const each of some) {
    const tree = await readTree(source, each);
    found.push({ each, tree, error: await errorOf(writeBelow(tree, sink)) });
  }
  return Promise.all(
    found.map(async ({ each, tree: { document }, error }) => {
      const put = () => (each.tag === undefined ? sink.attach(document) : sink.writeManifest(document, each.tag));
      return { each, error: error ?? (await errorOf(put())) };
    }),
  );
}

async function errorOf(work: Promise<unknown>): Promise<Error | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return error;
  }
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

function digestsIn({ document, children }: ManifestTree): Digest[] {
  return [document.digest, ...children.flatMap(({ tree }) => digestsIn(tree))];
}
