import { expect } from 'chai';
import { KdeployError } from '../../../src/errors.js';
import type { Digest } from '../../../src/image/digest.js';
import { parseReference } from '../../../src/image/reference.js';
import type { ImageSource } from '../../../src/image/source.js';
import { WaitingSource } from '../../../src/locate/waiting-source.js';
import type { LayoutFiles } from '../../../src/places/layout/layout-files.js';
import { rejection } from '../../support/rejection.js';
import { descriptorOf, sampleImage } from '../image/sample-image.js';
import { treeSource } from '../image/tree-source.js';
import { bytesOf, pathOf } from '../places/layout/sample-layout.js';

const NAME = 'registry.example.com/team/app:prod';
const REPOSITORY = parseReference('registry.example.com/team/app');

describe('an image that waits for its push, read', () => {
  const image = sampleImage(['base', 'kdeploy']);
  const { digest } = image.manifest;
  const layout = treeSource(image, NAME);
  const [base, ours] = [descriptorOf('base'), descriptorOf('kdeploy')];

  /** A layout that has these files; `asked` are the blobs that came from where the image was baked from. */
  const waiting = (present: readonly string[], changes: Partial<ImageSource> = {}) => {
    const asked: string[] = [];
    const files: LayoutFiles = {
      path: 'waiting-images',
      find: (name) => Promise.resolve(present.includes(name) ? { size: 1, open: () => nothing() } : undefined),
    };
    const before = treeSource(image, 'registry.example.com/team/app:v1', REPOSITORY);
    const origin: ImageSource = {
      ...before,
      root: () => Promise.reject(new Error('another image was asked for')),
      manifest: () => Promise.reject(new Error('another image was asked for')),
      blob: (descriptor) => {
        asked.push(descriptor.digest);
        return before.blob(descriptor);
      },
      ...changes,
    };
    return { source: new WaitingSource(layout, files, digest, origin), asked };
  };

  it('is the one with its digest, though the layout has others', async () => {
    const root = () => Promise.reject(new Error('the layout was asked which image it has'));
    const files: LayoutFiles = { path: 'waiting-images', find: () => Promise.resolve(undefined) };
    const source = new WaitingSource({ ...layout, root }, files, digest, treeSource(image));
    expect((await source.root()).digest).to.equal(digest);
    expect((await source.manifest({ digest })).digest).to.equal(digest);
  });

  it('has from the layout what is in it, and the rest from where it was baked from', async () => {
    const { source, asked } = waiting([pathOf(ours.digest)]);
    expect((await bytesOf(source.blob(ours))).toString()).to.equal('kdeploy');
    expect(asked).to.deep.equal([]);
    expect((await bytesOf(source.blob(base))).toString()).to.equal('base');
    expect(asked).to.deep.equal([base.digest]);
  });

  it('is asked for nothing before somebody reads', async () => {
    const { source, asked } = waiting([]);
    const stream = source.blob(base);
    expect(asked).to.deep.equal([]);
    await bytesOf(stream);
    expect(asked).to.deep.equal([base.digest]);
  });

  it('has its own name, and says that its layers can be mounted from where they are', () => {
    const { source } = waiting([]);
    expect([source.name, source.repository?.toString()]).to.deep.equal([NAME, REPOSITORY.toString()]);
  });

  it('is in no repository where it was baked from none', () => {
    const files: LayoutFiles = { path: 'waiting-images', find: () => Promise.resolve(undefined) };
    expect(new WaitingSource(layout, files, digest, treeSource(image)).repository).to.equal(undefined);
  });

  it('has what its layout lists for it, and nothing of what belongs to the image that it was baked from', async () => {
    const entry = { mediaType: 'a/b', digest: descriptorOf('sbom').digest, size: 1 };
    const asked: Digest[] = [];
    const files: LayoutFiles = { path: 'waiting-images', find: () => Promise.resolve(undefined) };
    const referrers = (of: Digest) => {
      asked.push(of);
      return Promise.resolve([entry]);
    };
    const origin = { ...treeSource(image), referrers: () => Promise.reject(new Error('another image was asked for')) };
    expect(await new WaitingSource({ ...layout, referrers }, files, digest, origin).referrers(digest)).to.deep.equal([
      entry,
    ]);
    expect(asked).to.deep.equal([digest]);
    expect(await new WaitingSource(layout, files, digest, origin).referrers(digest)).to.deep.equal([]);
  });

  it('cannot be read without where it was baked from, and says what is wrong there', async () => {
    const gone = new KdeployError('image-not-found', 'registry.example.com/team/app:v1 is not there any more');
    const { source } = waiting([pathOf(ours.digest)], {
      blob: () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(gone) }) }),
    });
    expect(await rejection(bytesOf(source.blob(base)))).to.equal(gone);
    expect((await bytesOf(source.blob(ours))).toString()).to.equal('kdeploy');
  });

  it('is not taken from elsewhere where the layout has something by its name that is no file', async () => {
    const link = new KdeployError('image-not-found', 'it is a link');
    const files: LayoutFiles = { path: 'waiting-images', find: () => Promise.reject(link) };
    const source = new WaitingSource(layout, files, digest, treeSource(image));
    expect(await rejection(bytesOf(source.blob(base)))).to.equal(link);
  });

  it('has no path of anything but a digest', async () => {
    const { source, asked } = waiting([]);
    const elsewhere = '../../etc/passwd' as Digest;
    expect((await rejection(bytesOf(source.blob({ ...base, digest: elsewhere })))).code).to.equal('usage');
    expect(asked).to.deep.equal([]);
  });
});

async function* nothing(): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Buffer.alloc(0));
}
