import { expect } from 'chai';
import { digestOf } from '../../../src/image/digest.js';
import { MEDIA_TYPES } from '../../../src/image/manifest.js';
import { referrerIn } from '../../../src/image/referrer.js';
import { provenanceReferrer, sbomReferrer, selfTestReferrer } from '../../../src/supply-chain/referrer.js';
import { bytesOf } from '../places/layout/sample-layout.js';
import { CREATED } from './sample.js';

const SUBJECT = {
  mediaType: MEDIA_TYPES.ociManifest,
  digest: digestOf('image'),
  size: 5,
  annotations: { 'org.opencontainers.image.ref.name': 'v1' },
};
const DOCUMENT = Buffer.from('{"bomFormat":"CycloneDX"}');

describe('a document that refers to an image', () => {
  it('is the one layer of a manifest of its type, whose configuration is empty', () => {
    const { title, tree } = sbomReferrer(DOCUMENT, SUBJECT, CREATED);
    expect(title).to.equal('the SBOM');
    expect(JSON.parse(tree.document.bytes.toString())).to.deep.equal({
      schemaVersion: 2,
      mediaType: MEDIA_TYPES.ociManifest,
      artifactType: 'application/vnd.cyclonedx+json',
      config: {
        mediaType: 'application/vnd.oci.empty.v1+json',
        // As the image spec has it.
        digest: 'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
        size: 2,
      },
      layers: [
        {
          mediaType: 'application/vnd.cyclonedx+json',
          digest: digestOf(DOCUMENT),
          size: DOCUMENT.length,
          annotations: { 'org.opencontainers.image.title': 'sbom.cdx.json' },
        },
      ],
      subject: { mediaType: SUBJECT.mediaType, digest: SUBJECT.digest, size: 5 },
      annotations: { 'org.opencontainers.image.created': CREATED },
    });
  });

  it('brings along all that the manifest names', async () => {
    const { tree } = sbomReferrer(DOCUMENT, SUBJECT, CREATED);
    const blobs = await Promise.all(tree.blobs.map(async (blob) => bytesOf(blob.open())));
    expect(blobs.map(String)).to.deep.equal(['{}', DOCUMENT.toString()]);
    expect(tree.blobs.map(({ descriptor }) => descriptor.digest)).to.deep.equal(blobs.map((bytes) => digestOf(bytes)));
  });

  it('is listed with the image, provenance with what it is about', () => {
    const { title, tree } = provenanceReferrer(DOCUMENT, SUBJECT, CREATED);
    expect(title).to.equal('the provenance');
    const referrer = referrerIn(tree.document);
    expect(referrer?.subject.digest).to.equal(SUBJECT.digest);
    expect(referrer?.entry).to.deep.include({
      artifactType: 'application/vnd.in-toto+json',
      annotations: {
        'org.opencontainers.image.created': CREATED,
        'in-toto.io/predicate-type': 'https://slsa.dev/provenance/v1',
      },
    });
  });

  it('may be the verdict of its self-test, which describes nothing and only spares work', () => {
    const { title, isDescription, tree } = selfTestReferrer(Buffer.from('{}'), SUBJECT, CREATED);
    expect([title, isDescription]).to.deep.equal(["the self-test's verdict", false]);
    expect(referrerIn(tree.document)?.entry.artifactType).to.equal('application/vnd.kdeploy.self-test.v1+json');
    expect(JSON.parse(tree.document.bytes.toString())).to.have.nested.property(
      'layers[0].annotations.org\\.opencontainers\\.image\\.title',
      'self-test.json',
    );
    for (const referrer of [sbomReferrer, provenanceReferrer])
      expect(referrer(DOCUMENT, SUBJECT, CREATED).isDescription).to.equal(true);
  });

  it('is the same for the same image, document and time', () => {
    const [one, again] = [1, 2].map(() => sbomReferrer(DOCUMENT, SUBJECT, CREATED).tree.document.digest);
    expect(one).to.equal(again);
  });
});
