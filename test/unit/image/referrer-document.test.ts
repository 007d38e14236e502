import { expect } from 'chai';
import { digestOf } from '../../../src/image/digest.js';
import { MEDIA_TYPES } from '../../../src/image/manifest.js';
import { parseManifest } from '../../../src/image/manifest-json.js';
import { readReferrerDocument } from '../../../src/image/referrer-document.js';
import type { ManifestTree } from '../../../src/image/tree.js';
import { sbomReferrer } from '../../../src/supply-chain/referrer.js';
import { treeSource } from './tree-source.js';

const DOCUMENT = Buffer.from('{"bomFormat":"CycloneDX"}');
const SUBJECT = { mediaType: MEDIA_TYPES.ociManifest, digest: digestOf('image'), size: 5 };

describe('the document of a referrer', () => {
  const { tree } = sbomReferrer(DOCUMENT, SUBJECT, '2026-11-02T03:04:05Z');
  const read = (from: ManifestTree, maximumBytes = 1000) =>
    readReferrerDocument({ digest: from.document.digest }, treeSource(from), maximumBytes);

  it('is its one layer', async () => {
    expect(await read(tree)).to.deep.equal(DOCUMENT);
  });

  it('is not read where it is larger than it may be', async () => {
    expect(await read(tree, DOCUMENT.length)).to.deep.equal(DOCUMENT);
    expect(await read(tree, DOCUMENT.length - 1)).to.equal(undefined);
  });

  for (const [what, mediaType, content] of [
    ['has no layer', MEDIA_TYPES.ociManifest, { config: SUBJECT, layers: [] }],
    ['is an index', MEDIA_TYPES.ociIndex, { manifests: [] }],
  ] as const)
    it(`is none where the referrer ${what}`, async () => {
      const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, ...content, subject: SUBJECT }));
      const value = parseManifest(bytes, mediaType, what);
      const document = { bytes, mediaType, digest: digestOf(bytes), value };
      expect(await read({ document, blobs: [], children: [] })).to.equal(undefined);
    });

  it('cannot be read where the place cannot', async () => {
    const error = new Error('gone');
    const source = { ...treeSource(tree), manifest: () => Promise.reject(error) };
    const failure = await readReferrerDocument(tree.document, source, 1000).catch((reason: unknown) => reason);
    expect(failure).to.equal(error);
  });
});
