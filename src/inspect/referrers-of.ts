import type { Digest } from '../image/digest.js';
import { readReferrerDocument } from '../image/referrer-document.js';
import type { ImageSource } from '../image/source.js';
import { unlessUnreadable } from '../image/unless-unreadable.js';
import { describeReferrer, isReadable, type ReferrerDescription } from '../supply-chain/describe-referrer.js';

/** The SBOM of a thousand packages has less than one megabyte. */
const MAXIMUM_BYTES = 16 * 1024 * 1024;
/** Each attestation of a busy CI is one more; the others are listed by their types. */
const MAXIMUM_READ = 20;

/**
 * What belongs to an image, whether to its index or to the platform that is shown; `null` where the place does not list it,
 * or cannot be read: an image is shown all the same. Throws KdeployError `interrupted`.
 */
export async function referrersOf(
  source: ImageSource,
  digests: readonly Digest[],
): Promise<readonly ReferrerDescription[] | null> {
  const lists = await unlessUnreadable(
    Promise.all([...new Set(digests)].map(async (digest) => source.referrers?.(digest))),
  );
  if (lists === undefined || lists.includes(undefined)) return null;
  const entries = [...new Map(lists.flatMap((list) => list ?? []).map((entry) => [entry.digest, entry])).values()];
  return Promise.all(
    entries.map(async (entry, index) => {
      const isRead = index < MAXIMUM_READ && isReadable(entry);
      return describeReferrer(
        entry,
        isRead ? await unlessUnreadable(readReferrerDocument(entry, source, MAXIMUM_BYTES)) : undefined,
      );
    }),
  );
}
