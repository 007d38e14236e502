import { blobOf } from '../image/blob.js';
import { digestOf } from '../image/digest.js';
import { OCI_LABELS } from '../image/labels.js';
import { MEDIA_TYPES, type Descriptor } from '../image/manifest.js';
import { parseManifest } from '../image/manifest-json.js';
import { SELF_TEST_TYPE } from '../image/referrer.js';
import type { ManifestTree } from '../image/tree.js';
import { PREDICATE_TYPE } from './provenance.js';

/** A document about an image, as a manifest that refers to it. */
export interface DescribingReferrer {
  /** For messages: `the SBOM`. */
  readonly title: string;
  /** Whether it tells people of the image, so that they may require it; a verdict only spares work. */
  readonly isDescription: boolean;
  readonly tree: ManifestTree;
}

export const CYCLONEDX_TYPE = 'application/vnd.cyclonedx+json';
export const IN_TOTO_TYPE = 'application/vnd.in-toto+json';
/** Where an in-toto statement says outside of itself what it is about. */
export const PREDICATE_ANNOTATION = 'in-toto.io/predicate-type';

/** "Guidance for an Empty Descriptor" (OCI image spec, manifest.md). Two bytes: registries refuse blobs that have none. */
const EMPTY = { mediaType: 'application/vnd.oci.empty.v1+json', bytes: Buffer.from('{}') };

/** `subject` is the image's manifest or index; `created` its time (RFC 3339), so that the same image has the same referrers. */
export function sbomReferrer(document: Buffer, subject: Descriptor, created: string): DescribingReferrer {
  const kind = { type: CYCLONEDX_TYPE, file: 'sbom.cdx.json', annotations: {} };
  return { title: 'the SBOM', isDescription: true, tree: referrerTree(document, subject, created, kind) };
}

export function provenanceReferrer(document: Buffer, subject: Descriptor, created: string): DescribingReferrer {
  const annotations = { [PREDICATE_ANNOTATION]: PREDICATE_TYPE };
  const kind = { type: IN_TOTO_TYPE, file: 'provenance.intoto.json', annotations };
  return { title: 'the provenance', isDescription: true, tree: referrerTree(document, subject, created, kind) };
}

/** `document`: what the image's self-test rests on, which it passed. */
export function selfTestReferrer(document: Buffer, subject: Descriptor, created: string): DescribingReferrer {
  const kind = { type: SELF_TEST_TYPE, file: 'self-test.json', annotations: {} };
  const tree = referrerTree(document, subject, created, kind);
  return { title: "the self-test's verdict", isDescription: false, tree };
}

// A signature would be one more of these: of the image, and of each of the others, whose manifest would be its subject
// (cosign: artifactType application/vnd.dev.sigstore.bundle.v0.3+json). It is made last, and attached in the same way.

interface Kind {
  readonly type: string;
  /** What `oras pull` calls it. */
  readonly file: string;
  readonly annotations: Readonly<Record<string, string>>;
}

/** OCI image spec, manifest.md, "Guidelines for Artifact Usage": the document is the one layer, the configuration is empty. */
function referrerTree(
  document: Buffer,
  { mediaType, digest, size }: Descriptor,
  created: string,
  { type, file, annotations }: Kind,
): ManifestTree {
  const config = blobOf({ ...EMPTY, digest: digestOf(EMPTY.bytes) });
  const layer = blobOf({ bytes: document, digest: digestOf(document), mediaType: type });
  const bytes = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MEDIA_TYPES.ociManifest,
      artifactType: type,
      config: config.descriptor,
      layers: [{ ...layer.descriptor, annotations: { [OCI_LABELS.title]: file, ...annotations } }],
      subject: { mediaType, digest, size },
      annotations: { [OCI_LABELS.created]: created, ...annotations },
    }),
  );
  const value = parseManifest(bytes, MEDIA_TYPES.ociManifest, file);
  const manifest = { bytes, mediaType: MEDIA_TYPES.ociManifest, digest: digestOf(bytes), value };
  return { document: manifest, blobs: [config, layer], children: [] };
}
