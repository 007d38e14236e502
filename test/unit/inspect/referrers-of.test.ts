import { expect } from 'chai';
import { KdeployError } from '../../../src/errors.js';
import { digestOf, type Digest } from '../../../src/image/digest.js';
import { MEDIA_TYPES } from '../../../src/image/manifest.js';
import { ImageReference } from '../../../src/image/reference.js';
import type { ImageSource } from '../../../src/image/source.js';
import { writeBelow } from '../../../src/image/write-tree.js';
import { inspectImage } from '../../../src/inspect/inspect-image.js';
import { referrersOf } from '../../../src/inspect/referrers-of.js';
import { RegistryClient } from '../../../src/places/registry/client.js';
import { RegistrySink } from '../../../src/places/registry/registry-sink.js';
import { RegistrySource } from '../../../src/places/registry/registry-source.js';
import { provenanceOf } from '../../../src/supply-chain/provenance.js';
import { provenanceReferrer, sbomReferrer } from '../../../src/supply-chain/referrer.js';
import { sbomOf } from '../../../src/supply-chain/sbom.js';
import { rejection } from '../../support/rejection.js';
import { sampleImage } from '../image/sample-image.js';
import { treeSource } from '../image/tree-source.js';
import { FakeClock } from '../places/registry/fake-clock.js';
import { FakeRegistry, sendError, type Fault } from '../places/registry/fake-registry.js';

const CREATED = '2026-11-02T03:04:05Z';
const PLATFORM = { os: 'linux', architecture: 'amd64' };

describe('what refers to an image in a registry', () => {
  let registry: FakeRegistry;
  beforeEach(async () => {
    registry = await FakeRegistry.start(new FakeClock());
  });
  afterEach(() => registry.stop());

  const reference = () => ImageReference.parse(`${registry.host}/team/app:v1`);
  const client = () => new RegistryClient(registry.host, { clock: new FakeClock(), random: () => 0 });
  const source = () => new RegistrySource(client(), reference());
  const describeAll = async () => {
    const located = { place: 'registry', source: source(), reference: reference() } as const;
    return (await inspectImage(located, PLATFORM)).referrers;
  };
  const attachBoth = async (image: { readonly digest: Digest; readonly size: number }) => {
    const subject = { mediaType: MEDIA_TYPES.ociManifest, ...image };
    const named = { name: `${registry.host}/team/app`, digest: image.digest };
    const packages = ['a', 'b'].map((name) => ({ name, version: '1', sha256: undefined, filename: `${name}.whl` }));
    const sbom = await sbomOf({
      ...{ base: undefined, packages, kdeployVersion: '0.1.0' },
      image: { ...named, created: CREATED },
      application: { name: 'app' },
    });
    const parameters = { builder: 'layers', env: 'base', platform: 'linux/amd64' };
    const provenance = provenanceOf({ image: named, parameters, base: undefined, packages, kdeployVersion: '0.1.0' });
    const referrers = [sbomReferrer(sbom, subject, CREATED), provenanceReferrer(provenance, subject, CREATED)];
    const sink = new RegistrySink(client(), reference());
    for (const { tree } of referrers) {
      await writeBelow(tree, sink);
      await sink.attach(tree.document);
    }
    return referrers.map(({ tree }) => tree.document.digest);
  };
  const SBOM = { artifactType: 'application/vnd.cyclonedx+json', kind: 'sbom' };
  const PROVENANCE = { artifactType: 'application/vnd.in-toto+json', kind: 'provenance' };

  for (const listsReferrers of [true, false])
    it(`is its SBOM and its provenance, listed by ${listsReferrers ? 'the registry' : 'a tag'}`, async () => {
      registry.listsReferrers = listsReferrers;
      const [sbom, provenance] = await attachBoth(registry.addImage('team/app', { tag: 'v1' }));
      expect(await describeAll()).to.deep.equal([
        { digest: sbom, ...SBOM, format: 'CycloneDX 1.6', components: 3 },
        { digest: provenance, ...PROVENANCE, format: 'SLSA v1', components: null },
      ]);
    });

  it('belongs to the index, or to the platform that is shown', async () => {
    registry.listsReferrers = true;
    const [amd64, arm64] = ['amd64', 'arm64'].map((architecture) => ({
      ...registry.addImage('team/app', { architecture }),
      platform: { os: 'linux', architecture },
    }));
    const manifests = [amd64, arm64];
    const { ociIndex } = MEDIA_TYPES;
    const index = registry.addManifest(
      'team/app',
      { schemaVersion: 2, mediaType: ociIndex, manifests },
      ociIndex,
      'v1',
    );
    const ofIndex = await attachBoth(index);
    const ofPlatform = await attachBoth(amd64!);
    await attachBoth(arm64!);
    expect((await describeAll())?.map(({ digest }) => digest)).to.deep.equal([...ofIndex, ...ofPlatform]);
  });

  it('is listed by its type where kdeploy knows no more, and is not read', async () => {
    registry.listsReferrers = true;
    const { digest, size } = registry.addImage('team/app', { tag: 'v1' });
    const artifactType = 'application/vnd.dev.sigstore.bundle.v0.3+json';
    const [mediaType, blob] = [MEDIA_TYPES.ociManifest, { mediaType: 'a/b', digest: digestOf('x'), size: 1 }];
    const subject = { mediaType, digest, size };
    const document = { schemaVersion: 2, mediaType, artifactType, config: blob, layers: [blob], subject };
    const signature = registry.addManifest('team/app', document, mediaType);
    expect(await describeAll()).to.deep.equal([
      { digest: signature.digest, artifactType, kind: 'other', format: null, components: null },
    ]);
    expect(registry.requests.filter(({ url }) => url.includes(signature.digest))).to.deep.equal([]);
  });

  it('is nothing where the registry lists nothing', async () => {
    registry.addImage('team/app', { tag: 'v1' });
    expect(await describeAll()).to.deep.equal([]);
  });

  const answering = (fits: (url: string) => boolean, status: number) => {
    const fault: Fault = (request, response) => {
      if (fits(request.url)) sendError(response, status, 'UNKNOWN');
      else {
        registry.requests.pop();
        registry.play(request, response);
      }
    };
    registry.faults.push(...Array<Fault>(100).fill(fault));
  };

  for (const status of [401, 403, 429, 500])
    it(`is not known where the registry answers ${status} to the question, and the image is shown`, async () => {
      registry.addImage('team/app', { tag: 'v1' });
      answering((url) => url.includes('/referrers/'), status);
      expect(await describeAll()).to.equal(null);
    });

  it('is told by its type where it cannot be read', async () => {
    registry.listsReferrers = true;
    const [sbom, provenance] = await attachBoth(registry.addImage('team/app', { tag: 'v1' }));
    answering((url) => url.endsWith(sbom!) || url.endsWith(provenance!), 500);
    const kinds = (await describeAll())?.map(({ kind, format, components }) => [kind, format, components]);
    expect(kinds?.[0]).to.deep.equal(['sbom', 'CycloneDX', null]);
    expect(kinds).to.have.length(2);
  });

  it('is told by its type where it is larger than any SBOM', async () => {
    registry.listsReferrers = true;
    const { digest, size } = registry.addImage('team/app', { tag: 'v1' });
    const [mediaType, { artifactType }] = [MEDIA_TYPES.ociManifest, SBOM];
    const blob = { mediaType: artifactType, digest: digestOf('x'), size: 1e9 };
    const document = { schemaVersion: 2, mediaType, artifactType, config: blob, layers: [blob] };
    registry.addManifest('team/app', { ...document, subject: { mediaType, digest, size } }, mediaType);
    expect(await describeAll()).to.have.nested.property('[0].format', 'CycloneDX');
    expect(registry.requests.some(({ url }) => url.includes('/blobs/') && url.includes(blob.digest))).to.equal(false);
  });

  it('is read of the first twenty alone', async () => {
    const read: Digest[] = [];
    const entries = Array.from({ length: 30 }, (_, at) => ({
      ...{ mediaType: MEDIA_TYPES.ociManifest, size: 1, artifactType: SBOM.artifactType },
      digest: digestOf(String(at)),
    }));
    const many: ImageSource = {
      ...treeSource(sampleImage([])),
      referrers: () => Promise.resolve(entries),
      manifest: ({ digest }) => {
        read.push(digest);
        return Promise.reject(new KdeployError('registry-unreachable', 'gone'));
      },
    };
    expect(await referrersOf(many, [digestOf('image')])).to.have.length(30);
    expect(read).to.have.length(20);
  });

  it('stops where it is interrupted', async () => {
    const referrers = () => Promise.reject(new KdeployError('interrupted', 'interrupted'));
    const error = await rejection(referrersOf({ ...treeSource(sampleImage([])), referrers }, [digestOf('image')]));
    expect(error.code).to.equal('interrupted');
  });
});
