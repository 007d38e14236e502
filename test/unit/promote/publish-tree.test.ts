import { expect } from 'chai';
import { KdeployError } from '../../../src/errors.js';
import type { Finding } from '../../../src/finding.js';
import type { Blob } from '../../../src/image/blob.js';
import type { Image } from '../../../src/image/image.js';
import { parseReference } from '../../../src/image/reference.js';
import type { BlobFate, ImageSink } from '../../../src/image/sink.js';
import { treeOf, type ManifestTree } from '../../../src/image/tree.js';
import { publishTree, type PublishParts, type Target } from '../../../src/promote/publish-tree.js';
import type { Allowances } from '../../../src/publish/refusals.js';
import { rejection } from '../../support/rejection.js';
import { bakedSample, TRACKING } from '../bake/baked-sample.js';
import { sampleImage } from '../image/sample-image.js';
import { AMD64, ARM64, sampleIndex, UNKNOWN } from '../image/sample-index.js';
import { RecordingProgress } from '../recording-progress.js';

const WHAT = 'registry.example.com/team/app:v1';
const NAME = parseReference('registry.example.com/prod/app');
const [V2, LATEST] = ['v2', 'latest'].map((tag) => NAME.withTag(tag) as Target) as [Target, Target];
const STRICT: Allowances = { allowUnbaked: false, allowLostRuns: false, allowSecrets: false };

/** Writes down what it is given, in order. */
class Sink implements ImageSink {
  readonly name = 'registry.example.com/prod/app';
  readonly written: string[] = [];
  fate: BlobFate = 'sent';
  /** What it does not take: `blob`, or a tag. */
  refused: string | undefined;

  writeBlob({ descriptor }: Blob, onBytes?: (count: number) => void): Promise<BlobFate> {
    this.#write('blob');
    onBytes?.(descriptor.size);
    return Promise.resolve(this.fate);
  }

  writeManifest({ digest }: { readonly digest: string }, tag?: string): Promise<void> {
    this.#write(tag ?? digest);
    return Promise.resolve();
  }

  #write(what: string): void {
    if (what === this.refused) throw new KdeployError('push-failed', `${what} is not taken`);
    this.written.push(what);
  }
}

function secret(severity: Finding['severity'] = 'error'): Finding {
  return { rule: 'image-secret', severity, message: 'a private key is in key.pem', remedy: 'remove it' };
}

describe('an image that is put into a repository', () => {
  const image = bakedSample();
  const tree = treeOf(image);
  const arm64 = bakedSample({ architecture: 'arm64' });
  const foreign = sampleImage(['base'], { config: { Labels: { own: '1' } } });
  const attestation = treeOf(sampleImage(['sbom']));
  let sink: Sink;
  let progress: RecordingProgress;

  beforeEach(() => {
    [sink, progress] = [new Sink(), new RecordingProgress()];
  });

  const publish = (
    of: ManifestTree = tree,
    {
      targets = [V2],
      allowances = {},
      ...parts
    }: Partial<PublishParts> & {
      readonly targets?: readonly [Target, ...Target[]];
      readonly allowances?: Partial<Allowances>;
    } = {},
  ) =>
    publishTree(
      of,
      WHAT,
      { sink, secretsIn: () => Promise.resolve([]), ...parts },
      targets,
      { ...STRICT, ...allowances },
      progress,
    );

  it('is known by its digest there, under each of its tags', async () => {
    const { digest } = tree.document;
    const reference = `registry.example.com/prod/app@${digest}`;
    expect(await publish(tree, { targets: [V2, LATEST] })).to.deep.equal([
      { tag: 'registry.example.com/prod/app:v2', digest, reference },
      { tag: 'registry.example.com/prod/app:latest', digest, reference },
    ]);
  });

  it('goes blobs first, and tags last', async () => {
    await publish(tree, { targets: [V2, LATEST] });
    expect(sink.written).to.deep.equal([...Array<string>(4).fill('blob'), 'v2', 'latest']);
  });

  it('goes with all its platforms and what describes them, before its tag', async () => {
    const index = sampleIndex([AMD64, tree], [ARM64, treeOf(arm64)], [UNKNOWN, attestation]);
    expect((await publish(index))[0]?.digest).to.equal(index.document.digest);
    expect(sink.written.filter((what) => what !== 'blob')).to.deep.equal([
      ...index.children.map(({ tree: child }) => child.document.digest),
      'v2',
    ]);
    expect(sink.written.lastIndexOf('blob')).to.be.lessThan(sink.written.indexOf(tree.document.digest));
  });

  describe('with what belongs to it', () => {
    it('has it before its tags, and after all else', async () => {
      const bringAlong = () => {
        sink.written.push('along');
        return Promise.resolve('2 referrers');
      };
      await publish(tree, { bringAlong, targets: [V2, LATEST] });
      const { digest } = tree.document;
      expect(sink.written).to.deep.equal([...Array<string>(4).fill('blob'), digest, 'along', 'v2', 'latest']);
      expect(progress.said.at(-1)).to.match(/^result sha256:.*, 2 referrers$/);
    });

    it('says nothing of it where there is none', async () => {
      await publish(tree, { bringAlong: () => Promise.resolve(undefined) });
      expect(progress.said.at(-1)).to.match(/ MB\)$/);
      expect(sink.written.at(-1)).to.equal('v2');
    });

    it('gets no tag where it does not come along', async () => {
      const missing = new KdeployError('push-failed', 'the SBOM is not taken');
      const error = await rejection(publish(tree, { bringAlong: () => Promise.reject(missing) }));
      expect(error).to.equal(missing);
      expect(sink.written.at(-1)).to.equal(tree.document.digest);
      expect(sink.written).not.to.include('v2');
    });
  });

  describe('is refused, and nothing of it sent,', () => {
    const secretsIn = () => Promise.resolve([secret()]);
    const secretInTheOther = ({ platform }: Image) =>
      Promise.resolve(platform.architecture === 'arm64' ? [secret()] : []);
    const both = sampleIndex([AMD64, tree], [ARM64, treeOf(arm64)]);
    const uri = 'http://localhost:5000';
    const env = bakedSample().config.value.run.env.map((each) => each.replace(TRACKING.uri, uri));
    const lost = bakedSample({ labels: { 'io.kdeploy.tracking-uri': uri }, env });
    const cases: readonly [
      what: string,
      of: ManifestTree,
      parts: Partial<PublishParts>,
      words: string,
      allowance: keyof Allowances,
    ][] = [
      ['with a secret in it', tree, { secretsIn }, 'contains a secret', 'allowSecrets'],
      ['with a secret in another platform', both, { secretsIn: secretInTheOther }, 'contains a secret', 'allowSecrets'],
      ['where kdeploy did not build it', treeOf(foreign), {}, 'was not built by kdeploy', 'allowUnbaked'],
      [
        'where kdeploy did not build one of its platforms',
        sampleIndex([AMD64, tree], [ARM64, treeOf(foreign)]),
        {},
        'was not built by kdeploy',
        'allowUnbaked',
      ],
      [
        'where kdeploy did not build one that lies in an inner index',
        sampleIndex([AMD64, tree], [ARM64, sampleIndex([ARM64, treeOf(foreign)])]),
        {},
        'was not built by kdeploy',
        'allowUnbaked',
      ],
      ['where its runs would be lost', treeOf(lost), {}, 'points at the container itself', 'allowLostRuns'],
      ['with nothing but attestations', sampleIndex([UNKNOWN, attestation]), {}, 'has no image', 'allowUnbaked'],
      ['with nothing at all', sampleIndex(), {}, 'has no image', 'allowUnbaked'],
    ];
    for (const [what, of, parts, words, allowance] of cases)
      it(`${what}, unless that is allowed`, async () => {
        const bringAlong = () => Promise.reject(new Error('something was brought along'));
        const error = await rejection(publish(of, { ...parts, bringAlong }));
        expect([error.code, error.message.includes(words)], error.message).to.deep.equal(['push-refused', true]);
        expect(sink.written).to.deep.equal([]);
        expect(progress.said).to.deep.equal([]);
        for (const other of ['allowUnbaked', 'allowLostRuns', 'allowSecrets'] as const)
          // What need not log may lose its runs.
          if (other !== allowance && !(other === 'allowUnbaked' && allowance === 'allowLostRuns'))
            expect((await rejection(publish(of, { ...parts, allowances: { [other]: true } }))).code).to.equal(
              'push-refused',
            );
        await publish(of, { ...parts, allowances: { [allowance]: true } });
        expect(sink.written.at(-1)).to.equal('v2');
      });

    it('where it could not be looked into', async () => {
      const broken = new KdeployError('registry-unreachable', 'the registry broke off');
      expect(await rejection(publish(tree, { secretsIn: () => Promise.reject(broken) }))).to.equal(broken);
      expect(sink.written).to.deep.equal([]);
    });
  });

  it('lists the secrets that were found, and only those', async () => {
    const found = [secret('warning'), secret('error')];
    const error = await rejection(publish(tree, { secretsIn: () => Promise.resolve(found) }));
    expect(error.findings).to.deep.equal([found[1]]);
  });

  it('goes with a warning where something only may be a secret', async () => {
    await publish(tree, { secretsIn: () => Promise.resolve([secret('warning')]) });
    expect(progress.said[0]).to.equal('note warning: registry.example.com/prod/app:v2: a private key is in key.pem');
    expect(sink.written.at(-1)).to.equal('v2');
  });

  it('has each platform looked into, and no attestation', async () => {
    const seen: string[] = [];
    const index = sampleIndex([AMD64, tree], [UNKNOWN, attestation], [ARM64, treeOf(arm64)]);
    const secretsIn = ({ manifest }: Image) => {
      seen.push(manifest.digest);
      return Promise.resolve([]);
    };
    await publish(index, { secretsIn });
    expect(seen).to.deep.equal([image.manifest.digest, arm64.manifest.digest]);
  });

  it('gets no tag where a blob is not taken', async () => {
    sink.refused = 'blob';
    expect((await rejection(publish())).code).to.equal('push-failed');
    expect(sink.written).to.deep.equal([]);
  });

  it('gets no further tag where one is not taken', async () => {
    sink.refused = 'v2';
    expect((await rejection(publish(tree, { targets: [V2, LATEST] }))).message).to.equal('v2 is not taken');
    expect(sink.written).not.to.include('latest');
  });

  it('is called a push where it stays under its name, and a copy where it gets others', async () => {
    await publish(tree, { targets: [parseReference(WHAT) as Target] });
    await publish(tree, { targets: [V2, LATEST] });
    expect(progress.said.filter((text) => text.startsWith('step'))).to.deep.equal([
      `step push ${WHAT}`,
      `step copy ${WHAT} to registry.example.com/prod/app:v2, registry.example.com/prod/app:latest`,
    ]);
  });

  for (const [fate, words] of [
    ['sent', 'blobs: 4 sent (0.0 MB)'],
    ['mounted', 'blobs: 4 mounted'],
    ['present', 'blobs: 4 already there'],
  ] as const)
    it(`says at the end that its blobs were ${fate}`, async () => {
      sink.fate = fate;
      await publish();
      expect(progress.said.at(-1)).to.equal(`result ${tree.document.digest}, ${words}`);
    });

  it('shows how far it is, and at the end nothing under way', async () => {
    const shown: string[][] = [];
    progress.recordingStep.bars = (bars) => void shown.push(bars.map(({ name }) => name));
    await publish();
    expect(shown.flat()).to.include(tree.blobs[1]?.descriptor.digest.slice('sha256:'.length).slice(0, 12));
    expect(shown.at(-1)).to.deep.equal([]);
    expect(progress.said.filter((text) => text.startsWith('update')).at(-1)).to.equal(
      'update 4 of 4 blobs, 0.0 of 0.0 MB',
    );
  });
});
