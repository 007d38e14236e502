import { expect } from 'chai';
import { MEDIA_TYPES } from '../../../src/image/manifest.js';
import { ImageReference } from '../../../src/image/reference.js';
import { treeOf } from '../../../src/image/tree.js';
import { writeBelow, writeTree } from '../../../src/image/write-tree.js';
import { FolderFiles } from '../../../src/places/layout/folder-files.js';
import { LayoutSource } from '../../../src/places/layout/image-layout.js';
import { LayoutSink } from '../../../src/places/layout/layout-sink.js';
import { RegistryClient } from '../../../src/places/registry/client.js';
import { referrersOf } from '../../../src/places/registry/referrers.js';
import { RegistrySink } from '../../../src/places/registry/registry-sink.js';
import { RegistrySource } from '../../../src/places/registry/registry-source.js';
import { promoteImage, type PromoteRequest } from '../../../src/promote/promote-image.js';
import { sbomReferrer } from '../../../src/supply-chain/referrer.js';
import { rejection } from '../../support/rejection.js';
import { sampleImage } from '../image/sample-image.js';
import { FakeClock } from '../places/registry/fake-clock.js';
import { FakeRegistry, sendError, type Fault } from '../places/registry/fake-registry.js';
import { RecordingProgress } from '../recording-progress.js';
import { TemporaryFolder } from '../temporary-folder.js';

const BAKED = {
  'io.kdeploy.version': '1.0.0',
  'io.kdeploy.plan': 'sha256:plan',
  'io.kdeploy.tracking-uri': 'https://mlflow.example.com',
};
const STRICT = { allowUnbaked: false, allowLostRuns: false, allowSecrets: false };

describe('promoting an image', () => {
  let staging: FakeRegistry;
  let production: FakeRegistry;
  let progress: RecordingProgress;
  const clock = new FakeClock();

  beforeEach(async () => {
    [staging, production] = await Promise.all([FakeRegistry.start(clock), FakeRegistry.start(clock)]);
    progress = new RecordingProgress();
  });

  afterEach(() => Promise.all([staging.stop(), production.stop()]));

  const promote = async (
    name = 'team/app:v1',
    target = `${production.host}/prod/app:v2`,
    changes: Partial<PromoteRequest> = {},
  ) => {
    const [from, to] = [ImageReference.parse(`${staging.host}/${name}`), ImageReference.parse(target)];
    const client = (registry: string) => new RegistryClient(registry, { clock, random: () => 0 });
    return promoteImage(
      {
        source: new RegistrySource(client(staging.host), from),
        sink: new RegistrySink(client(to.registry), to),
        secretsIn: () => Promise.resolve([]),
      },
      {
        ...STRICT,
        target: to as ImageReference & { readonly tag: string },
        referrers: true,
        requireSbom: false,
        ...changes,
      },
      progress,
    );
  };
  const index = (manifests: readonly object[]) =>
    staging.addManifest(
      'team/app',
      { schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests },
      MEDIA_TYPES.ociIndex,
      'v1',
    );
  const written = () =>
    production.asked.filter(({ method }) => method === 'PUT').map(({ url }) => url.replace(/\?.*/, ''));

  it('copies it by its digest, the tag last', async () => {
    const { digest } = staging.addImage('team/app', { tag: 'v1', labels: BAKED });
    expect(await promote()).to.deep.equal({
      tag: `${production.host}/prod/app:v2`,
      digest,
      reference: `${production.host}/prod/app@${digest}`,
    });
    expect(production.manifests.get('prod/app@v2')?.bytes).to.deep.equal(staging.manifests.get('team/app@v1')?.bytes);
    expect(written().at(-1)).to.equal('/v2/prod/app/manifests/v2');
    expect(progress.said.join('\n')).to.include('blobs: 2 sent');
  });

  it('sends nothing of what is there', async () => {
    staging.addImage('team/app', { tag: 'v1', labels: BAKED });
    await promote();
    production.requests.length = 0;
    await promote();
    expect(written()).to.deep.equal(['/v2/prod/app/manifests/v2']);
    expect(progress.said.join('\n')).to.include('blobs: 2 already there');
  });

  it('has the layers mounted within a registry, so that none travels', async () => {
    staging.addImage('team/app', { tag: 'v1', labels: BAKED });
    for (const digest of staging.blobs.keys()) staging.stored.add(`team/app@${digest}`);
    await promote('team/app:v1', `${staging.host}/prod/app:v2`);
    expect(progress.said.join('\n')).to.include('blobs: 2 mounted');
    expect(staging.asked.filter(({ method, url }) => method === 'PUT' && url.includes('/blobs/'))).to.deep.equal([]);
  });

  it('copies an index with all its platforms and attestations, children first (docker/buildx#1507)', async () => {
    const platforms = ['amd64', 'arm64'].map((architecture) =>
      staging.addImage('team/app', { architecture, labels: BAKED }),
    );
    const attestation = {
      ...staging.addImage('team/app', { architecture: 'x' }),
      platform: { os: 'unknown', architecture: 'unknown' },
    };
    const { digest } = index([...platforms, attestation]);
    expect((await promote()).digest).to.equal(digest);
    const manifests = written().filter((url) => url.includes('/manifests/'));
    expect(manifests).to.deep.equal(
      [...[...platforms, attestation].map((each) => each.digest), 'v2'].map((each) => `/v2/prod/app/manifests/${each}`),
    );
  });

  it('warns once of what all platforms have in common', async () => {
    const labels = { ...BAKED, 'io.kdeploy.tracking-uri': 'http://localhost:5000' };
    index(
      ['amd64', 'arm64'].map((architecture) => {
        const { digest } = staging.addImage('team/app', { architecture, labels });
        return { mediaType: MEDIA_TYPES.ociManifest, digest, size: 1, platform: { os: 'linux', architecture } };
      }),
    );
    await promote();
    expect(progress.said.filter((line) => line.startsWith('note warning'))).to.have.length(1);
  });

  it('leaves the tag as it was where something fails on the way', async () => {
    staging.addImage('team/app', { tag: 'v1', labels: BAKED });
    const before = Buffer.from('{}');
    production.manifests.set('prod/app@v2', { bytes: before, mediaType: MEDIA_TYPES.ociManifest });
    const fails: Fault = (request, response) => {
      if (request.method === 'PUT') sendError(response, 507, 'UNKNOWN');
      else production.play(request, response);
    };
    production.faults.push(...Array<Fault>(60).fill(fails));
    expect((await rejection(promote())).code).to.equal('push-failed');
    expect(production.manifests.get('prod/app@v2')?.bytes).to.equal(before);
  });

  it('takes no corrupted layer on', async () => {
    staging.addImage('team/app', { tag: 'v1', labels: BAKED });
    for (const [digest, bytes] of staging.blobs)
      if (bytes.toString().startsWith('layer')) staging.blobs.set(digest, Buffer.from('LAYER of amd64'));
    const error = await rejection(promote());
    expect(error.message).to.include('sent other bytes than');
    expect(production.manifests.has('prod/app@v2')).to.equal(false);
  });

  it('says that somebody else moved the tag meanwhile', async () => {
    staging.addImage('team/app', { tag: 'v1', labels: BAKED });
    const moves: Fault = (request, response) => {
      production.play(request, response);
      if (request.method === 'PUT' && request.url.endsWith('/manifests/v2'))
        production.addManifest('prod/app', { schemaVersion: 2, other: true }, MEDIA_TYPES.ociManifest, 'v2');
    };
    production.faults.push(...Array<Fault>(60).fill(moves));
    expect((await rejection(promote())).message).to.match(/was pushed as sha256:.*, but names sha256:.* afterwards/);
  });

  const refused: readonly (readonly [string, Readonly<Record<string, string>>, string])[] = [
    ['that kdeploy did not build', { own: '1' }, 'was not built by kdeploy'],
    [
      'whose runs would be lost',
      { ...BAKED, 'io.kdeploy.tracking-uri': 'http://localhost:5000' },
      'points at the container itself',
    ],
  ];
  for (const [what, labels, message] of refused) {
    it(`refuses an image ${what}, with nothing sent`, async () => {
      const platforms = [BAKED, labels].map((each, at) =>
        staging.addImage('team/app', { architecture: `a${at}`, labels: each }),
      );
      index(platforms);
      const target = 'registry.example.com/prod/app:v2';
      const error = await rejection(promote('team/app:v1', target));
      expect([error.code, error.message.includes(message)]).to.deep.equal(['push-refused', true]);
      expect(production.requests).to.deep.equal([]);
    });
  }

  it('refuses an artifact, unless that is allowed', async () => {
    const attestation = { ...staging.addImage('team/app'), platform: { os: 'unknown', architecture: 'unknown' } };
    const { digest } = index([attestation]);
    expect((await rejection(promote())).code).to.equal('push-refused');
    expect((await promote('team/app:v1', undefined, { allowUnbaked: true })).digest).to.equal(digest);
  });

  it('refuses an image that is not there', async () => {
    expect((await rejection(promote('team/app:v9'))).code).to.equal('image-not-found');
  });

  it('brings along what a layout lists for the image', async () => {
    const folder = await TemporaryFolder.create();
    try {
      const image = sampleImage(['layer']);
      const { mediaType, digest, bytes } = image.manifest;
      const layout = new LayoutSink(folder.file('dist'));
      await writeTree(treeOf(image), layout, ['v1']);
      const subject = { mediaType, digest, size: bytes.length };
      const { tree } = sbomReferrer(Buffer.from('{"bomFormat":"CycloneDX"}'), subject, '2026-11-02T03:04:05Z');
      await writeBelow(tree, layout);
      await layout.attach(tree.document);
      const target = ImageReference.parse(`${production.host}/prod/app:v2`);
      const client = new RegistryClient(production.host, { clock, random: () => 0 });
      const request = { ...STRICT, allowUnbaked: true, referrers: true, requireSbom: true };
      await promoteImage(
        {
          source: new LayoutSource(await FolderFiles.open(folder.file('dist')), 'oci:dist'),
          sink: new RegistrySink(client, target),
          secretsIn: () => Promise.resolve([]),
        },
        { ...request, target: target as ImageReference & { readonly tag: string } },
        progress,
      );
      const pinned = target.withDigest(digest);
      expect((await referrersOf(client, pinned)).map((entry) => entry.digest)).to.deep.equal([tree.document.digest]);
      expect(written().at(-1)).to.equal('/v2/prod/app/manifests/v2');
      expect(progress.said.join('\n')).to.include('1 referrer');
    } finally {
      await folder.remove();
    }
  });
});
