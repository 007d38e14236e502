import { expect } from 'chai';
import { MEDIA_TYPES } from '../../../src/image/manifest.js';
import { parseReference } from '../../../src/image/reference.js';
import { readTree, treeOf, type ManifestTree } from '../../../src/image/tree.js';
import { digestOf } from '../../../src/image/digest.js';
import { parseManifest } from '../../../src/image/manifest-json.js';
import { bakeImage, type BakeImageInput } from '../../../src/rebake/bake-image.js';
import { rejection } from '../../support/rejection.js';
import { bakedSample, TRACKING } from '../bake/baked-sample.js';
import { treeSource } from '../image/tree-source.js';

const REPOSITORY = parseReference('registry.example.com/team/app');
const INPUT: BakeImageInput = {
  tracking: { ...TRACKING, uri: 'https://production.example.com' },
  env: 'prod',
  isDefaultEnv: false,
  confSource: 'conf',
  kdeployVersion: '1.2.3',
  allowUntested: false,
  imageName: () => 'registry.example.com/team/app:prod',
  origin: REPOSITORY,
};

/** An index of two platforms. */
function indexOf(...trees: readonly (readonly [architecture: string, tree: ManifestTree])[]): ManifestTree {
  const manifests = trees.map(([architecture, { document }]) => ({
    mediaType: document.mediaType,
    digest: document.digest,
    size: document.bytes.length,
    platform: { os: 'linux', architecture },
  }));
  const mediaType = MEDIA_TYPES.ociIndex;
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, manifests }));
  const value = parseManifest(bytes, mediaType, 'the index');
  if (value.kind !== 'index') throw new TypeError('not an index');
  return {
    document: { bytes, mediaType, digest: digestOf(bytes), value },
    blobs: [],
    children: value.index.manifests.map((entry, index) => ({ entry, tree: trees[index]![1] })),
  };
}

describe('an image that is baked again', () => {
  it('is read and not changed; what it becomes records what it was baked from', async () => {
    const source = treeSource(bakedSample());
    const { before, after, from, platforms } = await bakeImage(source, INPUT, () => undefined);
    expect((await readTree(source)).document.digest).to.equal(before.document.digest);
    expect(after.document.digest).not.to.equal(before.document.digest);
    expect(from?.toString()).to.equal(`${REPOSITORY.toString()}@${before.document.digest}`);
    const [only] = platforms;
    expect(only?.after.config.value.run.labels).to.include({ 'io.kdeploy.baked-from': from?.toString() });
  });

  it('is baked for each platform of an index', async () => {
    const index = indexOf(['amd64', treeOf(bakedSample())], ['arm64', treeOf(bakedSample({ architecture: 'arm64' }))]);
    const { after, platforms } = await bakeImage(treeSource(index), INPUT, () => undefined);
    expect(platforms.map(({ platform }) => platform)).to.deep.equal(['linux/amd64', 'linux/arm64']);
    expect(after.children.map(({ tree }) => tree.document.digest)).to.deep.equal(
      platforms.map(({ after: image }) => image.manifest.digest),
    );
  });

  it('is called by what its own labels say', async () => {
    const source = treeSource(bakedSample());
    const imageName: BakeImageInput['imageName'] = ({ config }) =>
      `app:${config.value.run.labels['org.opencontainers.image.revision'] ?? ''}`;
    const { platforms } = await bakeImage(source, { ...INPUT, imageName }, () => undefined);
    expect(platforms[0]?.after.config.value.run.env).to.include('KDEPLOY_IMAGE=app:abc');
  });

  it('is refused in the words of the bake', async () => {
    const source = treeSource(bakedSample({ labels: { 'io.kdeploy.self-test': undefined } }));
    expect((await rejection(bakeImage(source, INPUT, () => undefined))).message).to.include('was never self-tested');
  });
});
