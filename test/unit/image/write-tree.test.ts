import { expect } from 'chai';
import type { Blob } from '../../../src/image/blob.js';
import { digestOf } from '../../../src/image/digest.js';
import { MEDIA_TYPES } from '../../../src/image/manifest.js';
import type { ImageSink } from '../../../src/image/sink.js';
import { treeOf, type ManifestTree } from '../../../src/image/tree.js';
import { writeBelow, writeTree, type WriteProgress } from '../../../src/image/write-tree.js';
import { sampleImage } from '../image/sample-image.js';

/** Writes down what it is given, and how much of it at once. */
class Sink implements ImageSink {
  readonly name = 'a sink';
  readonly written: string[] = [];
  underWay = 0;
  most = 0;
  refused: string | undefined;

  async writeBlob({ descriptor }: Blob, onBytes?: (count: number) => void) {
    this.most = Math.max(this.most, ++this.underWay);
    await Promise.resolve();
    onBytes?.(descriptor.size);
    this.underWay -= 1;
    if (descriptor.digest === this.refused) throw new Error('refused');
    this.written.push(`blob ${descriptor.size}`);
    return 'sent' as const;
  }

  writeManifest({ digest }: { readonly digest: string }, tag?: string) {
    this.written.push(`manifest ${tag ?? digest}`);
    return Promise.resolve();
  }
}

const layers = Array.from({ length: 9 }, (_, index) => 'x'.repeat(1000 * (index + 1)));
const tree = treeOf(sampleImage(layers));

describe('a manifest that is written with all below it', () => {
  it('goes blobs first, the largest of them at the beginning, and tags last', async () => {
    const sink = new Sink();
    const { blobs, bytes } = await writeTree(tree, sink, ['v1', 'latest']);
    expect(sink.written[0]).to.equal('blob 9000');
    expect(sink.written.slice(-2)).to.deep.equal(['manifest v1', 'manifest latest']);
    expect(blobs).to.deep.equal({ present: 0, mounted: 0, sent: 10 });
    expect(bytes).to.equal(45_000 + (tree.blobs[0]?.descriptor.size ?? 0));
  });

  it('is put under its digest where no tag is wanted', async () => {
    const sink = new Sink();
    await writeTree(tree, sink, []);
    expect(sink.written.at(-1)).to.equal(`manifest ${tree.document.digest}`);
  });

  it('is written a few blobs at once, each once, and says how far it is', async () => {
    const sink = new Sink();
    const said: WriteProgress[] = [];
    const entry = { mediaType: MEDIA_TYPES.ociManifest, digest: tree.document.digest, size: 1 };
    const twice: ManifestTree = {
      ...tree,
      blobs: [],
      children: [
        { entry, tree },
        { entry, tree },
      ],
    };
    await writeTree(twice, sink, ['v1'], { onProgress: (progress) => said.push(progress) });
    expect(sink.most).to.equal(4);
    expect(sink.written.filter((each) => each.startsWith('blob'))).to.have.length(10);
    const last = said.at(-1);
    expect([last?.blobsDone, last?.bytes]).to.deep.equal([10, last?.totalBytes]);
    for (const { bytes, totalBytes } of said) expect(bytes).to.be.at.most(totalBytes);
  });

  it('gets no manifest where a blob fails, and no more blobs are begun', async () => {
    const sink = new Sink();
    sink.refused = digestOf(layers[8] ?? '');
    const failure = await writeTree(tree, sink, ['v1']).catch((error: unknown) => error);
    expect(failure).to.have.property('message', 'refused');
    expect(sink.written.some((each) => each.startsWith('manifest'))).to.equal(false);
    expect(sink.written.length).to.be.lessThan(9);
  });

  it('leaves out layers that may not be given on', async () => {
    const sink = new Sink();
    const foreign = {
      ...tree.blobs[1]!,
      descriptor: {
        ...tree.blobs[1]!.descriptor,
        mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
      },
    };
    await writeTree({ ...tree, blobs: [foreign] }, sink, ['v1']);
    expect(sink.written).to.deep.equal(['manifest v1']);
  });
});

describe('what a manifest names, written without it', () => {
  it('is its blobs', async () => {
    const sink = new Sink();
    await writeBelow(treeOf(sampleImage(['a'])), sink);
    expect(sink.written.map((each) => each.split(' ')[0])).to.deep.equal(['blob', 'blob']);
  });

  it('is the manifests of an index, with all below them', async () => {
    const sink = new Sink();
    const child = treeOf(sampleImage(['a']));
    const entry = { mediaType: MEDIA_TYPES.ociManifest, digest: child.document.digest, size: 1 };
    const document = { ...child.document, digest: digestOf('index') };
    await writeBelow({ document, blobs: [], children: [{ entry, tree: child }] }, sink);
    expect(sink.written.map((each) => each.split(' ')[0])).to.deep.equal(['blob', 'blob', 'manifest']);
    expect(sink.written.at(-1)).to.equal(`manifest ${child.document.digest}`);
  });
});
