import { KdeployError } from '../errors.js';
import type { Document } from './document.js';
import type { Descriptor, IndexEntry } from './manifest.js';
import { parseManifest, type ParsedManifest } from './manifest-json.js';

/** The verdict of an image's self-test: kdeploy's own, by which another machine need not repeat it. */
export const SELF_TEST_TYPE = 'application/vnd.kdeploy.self-test.v1+json';

/** A manifest that says something of another one. */
export interface Referrer {
  readonly subject: Descriptor;
  /** As it is listed. */
  readonly entry: IndexEntry;
}

/** `undefined` for a manifest that stands for itself, and for what kdeploy cannot read. */
export function referrerIn({ bytes, mediaType, digest }: Omit<Document<unknown>, 'value'>): Referrer | undefined {
  const parsed = parsedOrNone(bytes, mediaType);
  if (parsed === undefined) return undefined;
  const { subject, annotations, ...manifest } = parsed.kind === 'image' ? parsed.manifest : parsed.index;
  if (subject === undefined) return undefined;
  // What has no type of its own is known by its configuration's (OCI distribution spec, "Listing Referrers").
  const artifactType =
    manifest.artifactType ?? (parsed.kind === 'image' ? parsed.manifest.config.mediaType : undefined);
  return {
    subject,
    entry: {
      mediaType: manifest.mediaType,
      digest,
      size: bytes.length,
      ...(artifactType !== undefined && { artifactType }),
      ...(annotations !== undefined && { annotations }),
    },
  };
}

function parsedOrNone(bytes: Buffer, mediaType: string): ParsedManifest | undefined {
  try {
    return parseManifest(bytes, mediaType, 'a manifest');
  } catch (error) {
    if (error instanceof KdeployError) return undefined;
    throw error;
  }
}
