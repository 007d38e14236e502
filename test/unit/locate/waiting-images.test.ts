import { expect } from 'chai';
import { blobOf } from '../../../src/image/blob.js';
import { digestOf } from '../../../src/image/digest.js';
import { parseReference } from '../../../src/image/reference.js';
import { readTree, treeOf } from '../../../src/image/tree.js';
import { WaitingImages } from '../../../src/locate/waiting-images.js';
import { StateFolder } from '../../../src/state-folder.js';
import { sampleImage } from '../image/sample-image.js';
import { treeSource } from '../image/tree-source.js';
import { TemporaryFolder } from '../temporary-folder.js';

const NAME = parseReference('registry.example.com/team/app:prod');
const REPOSITORY = parseReference('registry.example.com/team/app');

describe('images that wait for a push', () => {
  let folder: TemporaryFolder;
  beforeEach(async () => {
    folder = await TemporaryFolder.create();
  });
  afterEach(() => folder.remove());

  const image = sampleImage(['base', 'kdeploy']);
  const FROM = REPOSITORY.withDigest(digestOf('before'));
  const [base, top] = image.layers;
  const tree = treeOf({ ...image, layers: [{ ...base!, from: REPOSITORY }, top!] });

  const waiting = () => {
    const asked: string[] = [];
    const images = new WaitingImages(new StateFolder(folder.path), (reference) => ({
      ...treeSource(image, reference.toString(), REPOSITORY),
      blob: (descriptor) => {
        asked.push(descriptor.digest);
        return base!.open();
      },
    }));
    return { images, asked };
  };

  const bytesOf = async (stream: AsyncIterable<Uint8Array>) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  };

  it('are found by their names, and have their other layers where they come from', async () => {
    const { images, asked } = waiting();
    await images.keep(tree, [NAME], FROM);
    const source = await images.find(NAME);
    if (source === undefined) throw new TypeError('it is not there');
    const read = await readTree(source);
    expect(read.document.bytes.equals(image.manifest.bytes)).to.equal(true);
    expect(await Promise.all(read.blobs.map((blob) => bytesOf(blob.open())))).to.deep.equal([
      await bytesOf(blobOf(image.config).open()),
      'base',
      'kdeploy',
    ]);
    expect(asked).to.deep.equal([base!.descriptor.digest]);
    expect([source.name, source.repository?.toString()]).to.deep.equal([NAME.toString(), REPOSITORY.toString()]);
  });

  it('are found by no other name, and no longer when they are forgotten', async () => {
    const { images } = waiting();
    await images.keep(tree, [NAME], FROM);
    expect(await images.find(NAME.withTag('staging'))).to.equal(undefined);
    await images.forget(NAME);
    expect(await images.find(NAME)).to.equal(undefined);
    await images.forget(NAME);
  });
});
