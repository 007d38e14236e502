import { expect } from 'chai';
import { BackgroundWork } from '../../../src/builders/background-work.js';
import { EarlyBlobs } from '../../../src/builders/early-blobs.js';
import { blobOf, type Blob } from '../../../src/image/blob.js';
import { digestOf } from '../../../src/image/digest.js';
import type { BlobFate, ImageSink } from '../../../src/image/sink.js';

function blob(text: string): Blob {
  const bytes = Buffer.from(text);
  return blobOf({ bytes, digest: digestOf(bytes), mediaType: 'application/octet-stream' });
}

/** Ends each transfer when it is told to. */
class Sink implements ImageSink {
  readonly name = 'a sink';
  readonly begun: string[] = [];
  readonly #ends = new Map<string, (fate: BlobFate | Error) => void>();

  async writeBlob(blob: Blob, onBytes: (count: number) => void = () => undefined): Promise<BlobFate> {
    let text = '';
    for await (const chunk of blob.open()) text += Buffer.from(chunk).toString();
    this.begun.push(text);
    return new Promise((resolve, reject) => {
      this.#ends.set(text, (fate) => {
        onBytes(text.length);
        if (fate instanceof Error) reject(fate);
        else resolve(fate);
      });
    });
  }

  async end(text: string, fate: BlobFate | Error = 'sent'): Promise<void> {
    await settled();
    this.#ends.get(text)?.(fate);
    await settled();
  }

  writeManifest(_: unknown, tag = ''): Promise<void> {
    this.begun.push(`manifest ${tag}`);
    return Promise.resolve();
  }
}

/** As long as anything goes on by itself. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}

describe('blobs that travel before their image is made', () => {
  let sink: Sink;
  let background: BackgroundWork;
  let early: EarlyBlobs;

  beforeEach(() => {
    sink = new Sink();
    background = new BackgroundWork(new AbortController().signal);
    early = new EarlyBlobs(sink, background);
  });

  it('travel four at a time, in the order in which they were made', async () => {
    for (const text of ['one', 'two', 'three', 'four', 'five']) early.begin(blob(text));
    await settled();
    expect(sink.begun).to.deep.equal(['one', 'two', 'three', 'four']);
    await sink.end('two');
    expect(sink.begun).to.deep.equal(['one', 'two', 'three', 'four', 'five']);
  });

  it('are not sent again when the image is written, which hears how they travelled', async () => {
    early.begin(blob('one'));
    await settled();
    let count = 0;
    const fate = early.writeBlob(blob('one'), (bytes) => (count = bytes));
    await sink.end('one', 'mounted');
    expect([await fate, count, sink.begun]).to.deep.equal(['mounted', 3, ['one']]);
    expect(await early.writeBlob(blob('one')), 'asked once more').to.equal('mounted');
  });

  it('that wait are sent at once when the image is written, and only then', async () => {
    for (const text of ['one', 'two', 'three', 'four', 'five']) early.begin(blob(text));
    const fate = early.writeBlob(blob('five'));
    await sink.end('five');
    expect([await fate, sink.begun.at(-1)]).to.deep.equal(['sent', 'five']);
    for (const text of ['one', 'two', 'three', 'four']) await sink.end(text);
    expect(sink.begun).to.have.length(5);
  });

  it('fail when the image is written, and no other is begun after that', async () => {
    for (const text of ['one', 'two', 'three', 'four', 'five']) early.begin(blob(text));
    await sink.end('one', new Error('refused'));
    await sink.end('two');
    expect(sink.begun).to.have.length(4);
    expect(await early.writeBlob(blob('one')).catch((error: unknown) => String(error))).to.equal('Error: refused');
    expect(await early.writeBlob(blob('two'))).to.equal('sent');
  });

  it('are one sink with all others, and with the manifests', async () => {
    const other = early.writeBlob(blob('other'));
    await sink.end('other', 'present');
    expect(await other).to.equal('present');
    await early.writeManifest({ bytes: Buffer.from(''), digest: digestOf(''), mediaType: '' }, 'v1');
    expect([early.name, sink.begun]).to.deep.equal(['a sink', ['other', 'manifest v1']]);
  });
});
