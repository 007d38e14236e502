import { expect } from 'chai';
import { parseReference } from '../../../src/image/reference.js';
import { readTree, treeOf } from '../../../src/image/tree.js';
import { bakeImage, type BakeImageInput } from '../../../src/rebake/bake-image.js';
import { rejection } from '../../support/rejection.js';
import { bakedSample, TRACKING } from '../bake/baked-sample.js';
import { AMD64, ARM64, sampleIndex } from '../image/sample-index.js';
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
    const index = sampleIndex([AMD64, treeOf(bakedSample())], [ARM64, treeOf(bakedSample({ architecture: 'arm64' }))]);
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
