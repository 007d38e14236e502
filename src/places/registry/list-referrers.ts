import { KdeployError } from '../../errors.js';
import { digestOf, type Digest } from '../../image/digest.js';
import { editDocument, type Document } from '../../image/document.js';
import { MEDIA_TYPES, type IndexEntry } from '../../image/manifest.js';
import { parseManifest } from '../../image/manifest-json.js';
import type { PinnedReference } from '../../image/reference.js';
import type { RegistryClient } from './client.js';
import { NotTaken } from './not-taken.js';
import { putManifest } from './put-manifest.js';
import { listedReferrers } from './referrers.js';
import { readReferrersTag, referrersTag, type ReferrersTag, type Standing } from './referrers-tag.js';

/** How often the list is written, where others write it at the same time. */
const ATTEMPTS = 4;
/** Longer than somebody else takes from reading the list to writing it: who has read it before us writes it without us. */
const SETTLED_AFTER_MS = 2000;

/**
 * Makes sure that manifests which were put are listed with the image that they say something of. A registry that lists
 * referrers does that by itself; for others the list is kept under a tag, by those who push (OCI distribution spec, "Pushing
 * Manifests with Subject"). Nothing there is locked: what was written is read back at once and once more when everybody who
 * had read the list before has written theirs, and merged again where it got lost; `isAlone`: nobody else can write it yet.
 * Throws KdeployError `push-failed` (its cause a NotTaken where the registry has no place for it), and what RegistryClient
 * throws.
 */
export async function listReferrers(
  client: RegistryClient,
  subject: PinnedReference,
  entries: readonly IndexEntry[],
  { isAlone = false }: { readonly isAlone?: boolean } = {},
): Promise<void> {
  const listed = await listedReferrers(client, subject);
  if (listed !== undefined && missingIn(listed, entries).length === 0) return;
  const { transport } = client.session;
  const known = new Map<Digest, Standing>(entries.map(({ digest }) => [digest, 'referrer']));
  let written = 0;
  for (let isSettled = true; ;) {
    const list = await readForWriting(client, subject, known);
    if (list.kind === 'taken') throw noPlace(client, subject, list.by);
    const missing = missingIn(list.kind === 'list' ? list.referrers : [], entries);
    if (missing.length === 0) {
      if (isSettled || isAlone) return;
      await transport.pause(SETTLED_AFTER_MS);
      isSettled = true;
      continue;
    }
    if (written === ATTEMPTS) throw overwritten(subject);
    // Not in step with whom the list was lost to.
    if (written > 0) await transport.pause(100 * written);
    await putManifest(client, referrersTag(subject), merged(list, missing, subject));
    written += 1;
    isSettled = false;
  }
}

function missingIn(list: readonly IndexEntry[], entries: readonly IndexEntry[]): IndexEntry[] {
  const listed = new Set(list.map(({ digest }) => digest));
  return entries.filter(({ digest }) => !listed.has(digest));
}

/** Read once more where reading took long, for what stands between reading and writing is what others may lose. */
async function readForWriting(
  client: RegistryClient,
  subject: PinnedReference,
  known: Map<Digest, Standing>,
): Promise<ReferrersTag> {
  const before = known.size;
  const list = await readReferrersTag(client, subject, known);
  return known.size === before ? list : readReferrersTag(client, subject, known);
}

/** All else in the list stays as it is, byte by byte. */
function merged(
  list: ReferrersTag,
  entries: readonly IndexEntry[],
  subject: PinnedReference,
): Omit<Document<unknown>, 'value'> {
  if (list.kind === 'list' && list.index.value.kind === 'index') {
    const end = list.index.value.index.manifests.length;
    const what = `the list of what belongs to ${subject.toFamiliarString()}`;
    const edits = entries.map((value, index) => ({ path: ['manifests', end + index], value }));
    return editDocument(list.index, edits, parseManifest, what);
  }
  const mediaType = MEDIA_TYPES.ociIndex;
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, manifests: entries }));
  return { bytes, mediaType, digest: digestOf(bytes) };
}

function noPlace({ registry }: RegistryClient, subject: PinnedReference, by: string): KdeployError {
  const tag = referrersTag(subject).tag ?? '';
  return new KdeployError(
    'push-failed',
    `${registry} has no place to list what belongs to ${subject.toFamiliarString()}`,
    {
      cause: new NotTaken(`it lists no referrers, and the tag ${tag} in their place names ${by}`),
      hint: 'use a registry that lists referrers (OCI distribution spec 1.1)',
    },
  );
}

function overwritten(subject: PinnedReference): KdeployError {
  return new KdeployError(
    'push-failed',
    `others keep writing the list of what belongs to ${subject.toFamiliarString()}`,
    {
      hint: 'push again when they have ended',
    },
  );
}
