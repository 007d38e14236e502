import { KdeployError } from '../../errors.js';
import { MEDIA_TYPES, type IndexEntry } from '../../image/manifest.js';
import { parseManifest } from '../../image/manifest-json.js';
import type { PinnedReference } from '../../image/reference.js';
import { pullScope } from './authorizer.js';
import type { RegistryClient } from './client.js';
import { readReferrersTag } from './referrers-tag.js';
import type { Reply } from './transport.js';

const MAXIMUM_BYTES = 4 * 1024 * 1024;
const MAXIMUM_PAGES = 100;
/** How registries say that they do not know the question. */
const UNKNOWN = [400, 404, 405, 406, 501];

/**
 * What says something of an image: SBOMs, signatures (OCI distribution spec, "Listing Referrers"). Where the registry does not
 * know the question, what the tag in its place says. Throws what RegistryClient throws.
 */
export async function referrersOf(client: RegistryClient, subject: PinnedReference): Promise<readonly IndexEntry[]> {
  const listed = await listedReferrers(client, subject);
  if (listed !== undefined) return listed;
  const tag = await readReferrersTag(client, subject);
  return tag.kind === 'list' ? tag.referrers : [];
}

/** `undefined`: the registry does not list referrers. */
export async function listedReferrers(
  client: RegistryClient,
  subject: PinnedReference,
): Promise<readonly IndexEntry[] | undefined> {
  const { session } = client;
  const { repository, digest } = subject;
  const what = subject.toFamiliarString();
  const entries: IndexEntry[] = [];
  let path: string | URL | undefined = `v2/${repository}/referrers/${digest}`;
  for (let page = 0; path !== undefined && page < MAXIMUM_PAGES; page++) {
    const reply: Reply = await session.call({
      method: 'GET',
      path,
      scope: pullScope(repository),
      headers: { Accept: MEDIA_TYPES.ociIndex },
      expect: [200, ...UNKNOWN],
      maximumBytes: MAXIMUM_BYTES,
      what,
    });
    const list = reply.status === 200 ? indexIn(reply, what) : undefined;
    if (list === undefined && page === 0) return undefined;
    if (list === undefined)
      throw new KdeployError(
        'registry-unreachable',
        `${client.registry} broke off the list of what belongs to ${what}`,
        {
          hint: 'try again later',
        },
      );
    entries.push(...list);
    const next = nextPage(reply.headers.get('link') ?? '');
    path = next === undefined ? undefined : session.address(next, reply.url);
  }
  return entries;
}

/** A web page, or whatever else a server says that does not know the question. */
function indexIn({ body, headers }: Reply, what: string): readonly IndexEntry[] | undefined {
  try {
    const parsed = parseManifest(body, (headers.get('content-type') ?? '').replace(/;.*/, '').trim(), what);
    return parsed.kind === 'index' ? parsed.index.manifests : undefined;
  } catch (error) {
    if (error instanceof KdeployError) return undefined;
    throw error;
  }
}

/** RFC 8288: `</v2/app/referrers/sha256:…?last=…>; rel="next"`. */
function nextPage(link: string): string | undefined {
  return /<([^>]*)>\s*;\s*rel="?next"?/i.exec(link)?.[1];
}
