import { KdeployError } from '../../errors.js';
import { digestOf, type Digest } from '../../image/digest.js';
import type { Document } from '../../image/document.js';
import { MANIFEST_MEDIA_TYPES, type IndexEntry } from '../../image/manifest.js';
import { parseManifest, type ParsedManifest } from '../../image/manifest-json.js';
import type { ImageReference, PinnedReference } from '../../image/reference.js';
import { pullScope } from './authorizer.js';
import type { RegistryClient } from './client.js';
import type { Reply } from './transport.js';

const MAXIMUM_BYTES = 4 * 1024 * 1024;
const AT_ONCE = 8;

/** Whether a manifest of a list says something of the image; `unknown`: it is gone, or of a kind that kdeploy does not read. */
export type Standing = 'referrer' | 'foreign' | 'unknown';

/** What the tag of an image's referrers names: nothing, a list of them, or something that is none. */
export type ReferrersTag =
  | { readonly kind: 'free' }
  | { readonly kind: 'list'; readonly index: Document<ParsedManifest>; readonly referrers: readonly IndexEntry[] }
  | { readonly kind: 'taken'; readonly by: string };

/** OCI distribution spec, "Referrers Tag Schema": `sha256-HEX`, cut to what a tag may have. */
export function referrersTag(subject: PinnedReference): ImageReference {
  const [algorithm = '', hex = ''] = subject.digest.split(':');
  return subject.withTag(`${algorithm.slice(0, 32)}-${hex.slice(0, 64)}`);
}

/**
 * The list that stands in for a registry's own. Only one whose manifests say something of this image is believed: GitLab
 * takes the tag `sha256-HEX` for the digest and answers with the image itself, whose platforms are no referrers
 * (google/go-containerregistry#2205, oras-project/oras-go#1396). `known` keeps what is known of manifests between two calls.
 */
export async function readReferrersTag(
  client: RegistryClient,
  subject: PinnedReference,
  known = new Map<Digest, Standing>(),
): Promise<ReferrersTag> {
  const tag = referrersTag(subject);
  const what = tag.toFamiliarString();
  const reply = await client.session.call({
    method: 'GET',
    path: `v2/${tag.repository}/manifests/${tag.tag ?? ''}`,
    scope: pullScope(tag.repository),
    headers: { Accept: MANIFEST_MEDIA_TYPES.join(', ') },
    expect: [200, 404],
    maximumBytes: MAXIMUM_BYTES,
    what,
  });
  if (reply.status === 404) return { kind: 'free' };
  const index = documentIn(reply, what);
  if (index === undefined) return { kind: 'taken', by: 'something that is no manifest' };
  if (index.digest === subject.digest) return { kind: 'taken', by: 'the image itself' };
  if (index.value.kind === 'image') return { kind: 'taken', by: 'an image' };
  const entries = index.value.index.manifests;
  for (let start = 0; start < entries.length; start += AT_ONCE) {
    const some = entries.slice(start, start + AT_ONCE).filter(({ digest }) => !known.has(digest));
    await Promise.all(some.map(async (entry) => known.set(entry.digest, await standingOf(entry, client, subject))));
  }
  if (entries.some(({ digest }) => known.get(digest) === 'foreign')) return { kind: 'taken', by: 'another index' };
  return { kind: 'list', index, referrers: entries.filter(({ digest }) => known.get(digest) === 'referrer') };
}

function documentIn({ body, headers }: Reply, what: string): Document<ParsedManifest> | undefined {
  const value = parsed(body, (headers.get('content-type') ?? '').replace(/;.*/, '').trim(), what);
  if (value === undefined) return undefined;
  const { mediaType } = value.kind === 'image' ? value.manifest : value.index;
  return { bytes: body, mediaType, digest: digestOf(body), value };
}

async function standingOf({ digest }: IndexEntry, client: RegistryClient, subject: PinnedReference): Promise<Standing> {
  try {
    const { bytes, mediaType } = await client.getManifest(subject.withDigest(digest));
    const value = parsed(bytes, mediaType, subject.toFamiliarString());
    if (value === undefined) return 'unknown';
    const about = value.kind === 'image' ? value.manifest.subject : value.index.subject;
    return about?.digest === subject.digest ? 'referrer' : 'foreign';
  } catch (error) {
    if (error instanceof KdeployError && error.code === 'image-not-found') return 'unknown';
    throw error;
  }
}

function parsed(bytes: Buffer, mediaType: string, what: string): ParsedManifest | undefined {
  try {
    return parseManifest(bytes, mediaType, what);
  } catch (error) {
    if (error instanceof KdeployError) return undefined;
    throw error;
  }
}
