import { expect } from 'chai';
import { digestOf } from '../../../src/image/digest.js';
import { MEDIA_TYPES } from '../../../src/image/manifest.js';
import { referrerIn } from '../../../src/image/referrer.js';

const SBOM = 'application/spdx+json';
const EMPTY = { mediaType: 'application/vnd.oci.empty.v1+json', digest: digestOf('{}'), size: 2 };
const SUBJECT = { mediaType: MEDIA_TYPES.ociManifest, digest: digestOf('image'), size: 5 };

const documentOf = (changes: object, mediaType: string = MEDIA_TYPES.ociManifest) => {
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, subject: SUBJECT, ...changes }));
  return { bytes, mediaType, digest: digestOf(bytes) };
};

describe('a manifest that says something of another one', () => {
  it('is listed by its type, with what is noted on it', () => {
    const document = documentOf({ artifactType: SBOM, config: EMPTY, layers: [EMPTY], annotations: { name: 'one' } });
    expect(referrerIn(document)).to.deep.equal({
      subject: SUBJECT,
      entry: {
        mediaType: document.mediaType,
        digest: document.digest,
        size: document.bytes.length,
        artifactType: SBOM,
        annotations: { name: 'one' },
      },
    });
  });

  it('is listed by the type of its configuration where it has none of its own', () => {
    const untyped = documentOf({ config: { ...EMPTY, mediaType: 'a/b' }, layers: [] });
    expect(referrerIn(untyped)?.entry.artifactType).to.equal('a/b');
  });

  it('may be an index', () => {
    const index = documentOf({ manifests: [], artifactType: 'c/d' }, MEDIA_TYPES.ociIndex);
    expect(referrerIn(index)?.entry.artifactType).to.equal('c/d');
    expect(referrerIn(documentOf({ manifests: [] }, MEDIA_TYPES.ociIndex))?.entry).not.to.have.property('artifactType');
  });

  it('is none where it stands for itself, or is nothing that can be read', () => {
    expect(referrerIn(documentOf({ subject: undefined, config: EMPTY, layers: [] }))).to.equal(undefined);
    expect(referrerIn(documentOf({}, 'text/plain'))).to.equal(undefined);
  });
});
