import { expect } from 'chai';
import { KdeployError } from '../../../src/errors.js';
import { selectImage } from '../../../src/image/select-image.js';
import { readTree, treeOf, type ManifestTree } from '../../../src/image/tree.js';
import { rejection } from '../../support/rejection.js';
import { sampleImage } from './sample-image.js';
import { AMD64, ARM64, sampleIndex, UNKNOWN } from './sample-index.js';
import { treeSource } from './tree-source.js';

describe('the image that is selected of what a name stands for', () => {
  const amd64 = sampleImage(['base']);
  const arm64 = sampleImage(['base'], { architecture: 'arm64' });
  const both = sampleIndex([AMD64, treeOf(amd64)], [ARM64, treeOf(arm64)]);
  const nested = (levels: number): ManifestTree =>
    levels === 0 ? treeOf(amd64) : sampleIndex([AMD64, nested(levels - 1)]);

  it('is the one that there is, whatever its platform', async () => {
    const { digest, image } = await selectImage(treeSource(arm64), AMD64);
    expect([digest, image.manifest.digest]).to.deep.equal([arm64.manifest.digest, arm64.manifest.digest]);
    expect(image.platform).to.deep.equal(ARM64);
  });

  it('is the platform’s of an index, and is named by the index', async () => {
    for (const [platform, wanted] of [
      [AMD64, amd64],
      [ARM64, arm64],
    ] as const) {
      const { digest, image } = await selectImage(treeSource(both), platform);
      expect([digest, image.manifest.digest]).to.deep.equal([both.document.digest, wanted.manifest.digest]);
    }
  });

  it('has its configuration read, and no layer', async () => {
    const asked: string[] = [];
    const source = treeSource(both);
    const blob: typeof source.blob = (descriptor) => {
      asked.push(descriptor.digest);
      return source.blob(descriptor);
    };
    await selectImage({ ...source, blob }, ARM64);
    expect(asked).to.deep.equal([arm64.config.digest]);
  });

  it('is found in an index of an index, by the name of the outer one', async () => {
    const outer = sampleIndex([ARM64, treeOf(arm64)], [AMD64, both]);
    const { digest, image } = await selectImage(treeSource(outer), AMD64);
    expect([digest, image.manifest.digest]).to.deep.equal([outer.document.digest, amd64.manifest.digest]);
  });

  it('is found as deep as an image may be that is copied and baked, and no deeper', async () => {
    for (const levels of [1, 2, 3]) {
      const source = treeSource(nested(levels));
      await readTree(source);
      expect((await selectImage(source, AMD64)).image.manifest.digest, `${levels}`).to.equal(amd64.manifest.digest);
    }
    const source = treeSource(nested(4));
    for (const read of [readTree(source), selectImage(source, AMD64)]) {
      const error = await rejection(read);
      expect([error.code, error.message]).to.deep.equal(['image-not-found', 'app:v1 nests image indexes too deeply']);
    }
  });

  it('is none where the index has none for the platform, and those that it has are named', async () => {
    const index = sampleIndex([AMD64, treeOf(amd64)], [UNKNOWN, treeOf(sampleImage(['sbom']))]);
    const error = await rejection(selectImage(treeSource(index), ARM64));
    expect([error.code, error.message, error.hint]).to.deep.equal([
      'image-not-found',
      'app:v1 has no image for linux/arm64',
      'it has linux/amd64; choose with --platform',
    ]);
  });

  it('is none where the index lists attestations alone, or nothing', async () => {
    for (const index of [sampleIndex([UNKNOWN, treeOf(amd64)]), sampleIndex()]) {
      const error = await rejection(selectImage(treeSource(index), AMD64));
      expect([error.code, error.hint]).to.deep.equal(['image-not-found', 'its index lists no images']);
    }
  });

  it('is none where the inner index lacks the platform that the outer one promises', async () => {
    const outer = sampleIndex([ARM64, sampleIndex([AMD64, treeOf(amd64)])]);
    expect((await rejection(selectImage(treeSource(outer), ARM64))).message).to.equal(
      'app:v1 has no image for linux/arm64',
    );
  });

  it('is refused where its configuration has other layers than its manifest', async () => {
    const source = treeSource(amd64);
    const { manifest } = amd64;
    const torn = { ...manifest, value: { kind: 'image', manifest: { ...manifest.value, layers: [] } } as const };
    const { message } = await rejection(selectImage({ ...source, root: () => Promise.resolve(torn) }, AMD64));
    expect(message).to.include('its manifest has 0 layers, its configuration 1');
  });

  it('fails as its source does', async () => {
    const gone = new KdeployError('registry-unreachable', 'the registry broke off');
    const source = treeSource(both);
    for (const part of ['root', 'manifest'] as const)
      expect(await rejection(selectImage({ ...source, [part]: () => Promise.reject(gone) }, AMD64)), part).to.equal(
        gone,
      );
  });
});
