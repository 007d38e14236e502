import { expect } from 'chai';
import { digestOf } from '../../../src/image/digest.js';
import { MEDIA_TYPES, type IndexEntry } from '../../../src/image/manifest.js';
import { describeReferrer, isReadable } from '../../../src/supply-chain/describe-referrer.js';
import { provenanceOf } from '../../../src/supply-chain/provenance.js';
import { sbomOf } from '../../../src/supply-chain/sbom.js';
import { BASE, CREATED, IMAGE, PACKAGES } from './sample.js';

const entryOf = (artifactType?: string, annotations?: Record<string, string>): IndexEntry => ({
  mediaType: MEDIA_TYPES.ociManifest,
  digest: digestOf('referrer'),
  size: 1,
  ...(artifactType !== undefined && { artifactType }),
  ...(annotations !== undefined && { annotations }),
});
const described = (document: unknown, artifactType = 'a/b') => {
  const bytes = Buffer.isBuffer(document) ? document : Buffer.from(JSON.stringify(document));
  const { kind, format, components } = describeReferrer(entryOf(artifactType), bytes);
  return [kind, format, components];
};

describe('what refers to an image', () => {
  it('is described as kdeploy writes it', async () => {
    const sbom = await sbomOf({
      image: { ...IMAGE, created: CREATED },
      base: BASE,
      packages: PACKAGES,
      application: { name: 'app' },
      kdeployVersion: '0.1.0',
    });
    expect(described(sbom)).to.deep.equal(['sbom', 'CycloneDX 1.6', 6]);
    const parameters = { builder: 'layers', env: 'base', platform: 'linux/amd64' };
    const provenance = provenanceOf({ image: IMAGE, parameters, base: BASE, packages: PACKAGES, kdeployVersion: '1' });
    expect(described(provenance)).to.deep.equal(['provenance', 'SLSA v1', null]);
  });

  const _type = 'https://in-toto.io/Statement/v1';
  const cases: readonly [what: string, document: unknown, expected: readonly unknown[]][] = [
    ['SPDX', { spdxVersion: 'SPDX-2.3', packages: [{}, {}] }, ['sbom', 'SPDX 2.3', 2]],
    ['CycloneDX without components', { bomFormat: 'CycloneDX', specVersion: '1.4' }, ['sbom', 'CycloneDX 1.4', 0]],
    [
      'older provenance',
      { _type, predicateType: 'https://slsa.dev/provenance/v0.2' },
      ['provenance', 'SLSA v0.2', null],
    ],
    [
      'an SBOM in a statement, as syft and BuildKit write it',
      { _type, predicateType: 'https://spdx.dev/Document', predicate: { spdxVersion: 'SPDX-2.3', packages: [{}] } },
      ['sbom', 'SPDX 2.3', 1],
    ],
    ['the same without its SBOM', { _type, predicateType: 'https://cyclonedx.org/bom' }, ['sbom', 'CycloneDX', null]],
    ['another statement', { _type, predicateType: 'https://example.com/scan/v1' }, ['other', null, null]],
    ['no statement', { predicateType: 'https://slsa.dev/provenance/v1' }, ['other', null, null]],
    ['another host', { _type, predicateType: 'https://slsa.dev.example.com/provenance/v1' }, ['other', null, null]],
    ['a version that is none', { bomFormat: 'CycloneDX', specVersion: '\u001b[31m' }, ['sbom', 'CycloneDX', 0]],
    ['a list', [], ['other', null, null]],
    ['null', null, ['other', null, null]],
    ['no JSON', Buffer.from('<html>'), ['other', null, null]],
  ];
  for (const [what, document, expected] of cases)
    it(`is ${String(expected[1] ?? expected[0])} for ${what}`, () => {
      expect(described(document)).to.deep.equal(expected);
    });

  it('is told by its type alone where its document cannot be read', () => {
    const kinds = [
      entryOf('application/vnd.cyclonedx+json'),
      entryOf('application/spdx+json'),
      entryOf('application/vnd.in-toto+json', { 'in-toto.io/predicate-type': 'https://slsa.dev/provenance/v1' }),
      entryOf('application/vnd.in-toto+json'),
      entryOf('application/vnd.kdeploy.self-test.v1+json'),
      entryOf('application/vnd.kdeploy.self-test.v2+json'),
      entryOf('application/vnd.dev.cosign.artifact.sig.v1+json'),
      entryOf(),
    ].map((entry) => {
      const { kind, format } = describeReferrer(entry);
      return [kind, format];
    });
    expect(kinds).to.deep.equal([
      ['sbom', 'CycloneDX'],
      ['sbom', 'SPDX'],
      ['provenance', 'SLSA v1'],
      ['other', null],
      ['self-test', null],
      ['other', null],
      ['other', null],
      ['other', null],
    ]);
    expect(describeReferrer(entryOf())).to.include({ artifactType: null, digest: digestOf('referrer') });
  });

  it('is read only where its document tells more', () => {
    const types = ['application/vnd.cyclonedx+json', 'text/spdx', 'application/vnd.in-toto+json', 'application/x-tar'];
    expect(types.map((artifactType) => isReadable({ artifactType }))).to.deep.equal([true, true, true, false]);
    expect(isReadable({})).to.equal(false);
  });
});
