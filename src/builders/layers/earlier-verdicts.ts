import { parseVerdict, type Verdict } from '../../bake/verdict.js';
import type { Digest } from '../../image/digest.js';
import { selectPlatform } from '../../image/manifest.js';
import type { Platform } from '../../image/platform.js';
import { SELF_TEST_TYPE } from '../../image/referrer.js';
import { readReferrerDocument } from '../../image/referrer-document.js';
import type { ImageSource } from '../../image/source.js';
import { unlessUnreadable } from '../../image/unless-unreadable.js';

/** What the self-test of an image in its place is said to have found. */
export interface EarlierVerdicts {
  readonly image: string;
  readonly verdicts: readonly Verdict[];
}

/** A project reads some dozens of files while it starts. */
const MAXIMUM_BYTES = 1024 * 1024;
/** An image has one from each content that made it; more than these are noise. */
const MAXIMUM_READ = 4;

/**
 * The verdicts that travel with the first of these images that has any. Whether one is about the content that is built now, who
 * asks has to see. An image that cannot be read has none, and stops nothing: without a verdict, the image is tested. Throws
 * KdeployError `interrupted`.
 */
export async function earlierVerdicts(
  sources: Iterable<ImageSource>,
  platform: Platform,
): Promise<EarlierVerdicts | undefined> {
  for (const source of sources) {
    const verdicts = await unlessUnreadable(verdictsWith(source, platform));
    if (verdicts !== undefined && verdicts.length > 0) return { image: source.name, verdicts };
  }
  return undefined;
}

async function verdictsWith(source: ImageSource, platform: Platform): Promise<Verdict[]> {
  const digest = await digestFor(source, platform);
  if (digest === undefined) return [];
  const listed = (await source.referrers?.(digest)) ?? [];
  const entries = listed.filter(({ artifactType }) => artifactType === SELF_TEST_TYPE).slice(-MAXIMUM_READ);
  const read = await Promise.all(
    entries.map(async (entry) => {
      const document = await unlessUnreadable(readReferrerDocument(entry, source, MAXIMUM_BYTES));
      return document === undefined ? undefined : parseVerdict(document);
    }),
  );
  return read.filter((verdict) => verdict !== undefined);
}

/** Of the manifest that a verdict is attached to; its configuration tells nothing more, and is not read. */
async function digestFor(source: ImageSource, platform: Platform): Promise<Digest | undefined> {
  const { digest, value } = await source.root();
  return value.kind === 'image' ? digest : selectPlatform(value.index, platform)?.digest;
}
