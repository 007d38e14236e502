import { expect } from 'chai';
import { formatVerdict, type Verdict } from '../../../../src/bake/verdict.js';
import { earlierVerdicts } from '../../../../src/builders/layers/earlier-verdicts.js';
import type { Digest } from '../../../../src/image/digest.js';
import { MEDIA_TYPES } from '../../../../src/image/manifest.js';
import { ImageReference } from '../../../../src/image/reference.js';
import { RegistryClient } from '../../../../src/places/registry/client.js';
import { RegistrySink } from '../../../../src/places/registry/registry-sink.js';
import { RegistrySource } from '../../../../src/places/registry/registry-source.js';
import { attachReferrers } from '../../../../src/supply-chain/attach.js';
import { sbomReferrer, selfTestReferrer } from '../../../../src/supply-chain/referrer.js';
import { rejection } from '../../../support/rejection.js';
import { sampleImage } from '../../image/sample-image.js';
import { treeSource } from '../../image/tree-source.js';
import { FakeClock } from '../../places/registry/fake-clock.js';
import { FakeRegistry, sendError, type Fault } from '../../places/registry/fake-registry.js';

const CREATED = '2026-11-02T03:04:05Z';
const PLATFORM = { os: 'linux', architecture: 'amd64' };
const VERDICT: Verdict = { key: 'a'.repeat(64), files: { 'src/flights/settings.py': 'b'.repeat(64) } };
const OTHER: Verdict = { key: 'c'.repeat(64), files: {} };

describe('the verdicts that travel with earlier images', () => {
  let registry: FakeRegistry;
  beforeEach(async () => {
    registry = await FakeRegistry.start(new FakeClock());
    registry.listsReferrers = true;
  });
  afterEach(() => registry.stop());

  const repository = () => ImageReference.parse(`${registry.host}/team/app`);
  const client = (signal?: AbortSignal) =>
    new RegistryClient(registry.host, { clock: new FakeClock(), random: () => 0, ...(signal && { signal }) });
  const sources = (tags: readonly string[], signal?: AbortSignal) =>
    tags.map((tag) => new RegistrySource(client(signal), repository().withTag(tag)));
  const found = (...tags: string[]) => earlierVerdicts(sources(tags), PLATFORM);
  const attach = async (
    image: { readonly digest: Digest; readonly size: number },
    ...documents: (Verdict | Buffer)[]
  ): Promise<void> => {
    const subject = { mediaType: MEDIA_TYPES.ociManifest, ...image };
    const referrers = documents.map((each) =>
      selfTestReferrer(Buffer.isBuffer(each) ? each : formatVerdict(each), subject, CREATED),
    );
    const sbom = sbomReferrer(Buffer.from('{"bomFormat":"CycloneDX"}'), subject, CREATED);
    const sink = new RegistrySink(client(), repository());
    const note = (text: string) => expect.fail(text);
    await attachReferrers([sbom, ...referrers], { sink, note, isRequired: false });
  };

  for (const listsReferrers of [true, false])
    it(`are read where ${listsReferrers ? 'the registry lists them' : 'a tag lists them'}`, async () => {
      registry.listsReferrers = listsReferrers;
      await attach(registry.addImage('team/app', { tag: 'v1' }), VERDICT);
      expect(await found('v1')).to.deep.equal({ image: `${registry.host}/team/app:v1`, verdicts: [VERDICT] });
    });

  it('take four requests: the image, its list, and the verdict', async () => {
    await attach(registry.addImage('team/app', { tag: 'v1' }), VERDICT);
    registry.requests.length = 0;
    await found('v1');
    expect(registry.requests.map(({ method }) => method)).to.deep.equal(['GET', 'GET', 'GET', 'GET']);
  });

  it('are those of the first image that has any, and no more are asked', async () => {
    await attach(registry.addImage('team/app', { tag: 'untested', labels: { a: '1' } }));
    await attach(registry.addImage('team/app', { tag: 'v2', labels: { a: '2' } }), OTHER);
    await attach(registry.addImage('team/app', { tag: 'v1', labels: { a: '3' } }), VERDICT);
    registry.requests.length = 0;
    expect(await found('missing', 'untested', 'v2', 'v1')).to.deep.equal({
      image: `${registry.host}/team/app:v2`,
      verdicts: [OTHER],
    });
    expect(registry.requests.some(({ url }) => url.endsWith('/v1'))).to.equal(false);
  });

  it('may be several of one image', async () => {
    await attach(registry.addImage('team/app', { tag: 'v1' }), VERDICT, OTHER);
    expect((await found('v1'))?.verdicts).to.have.deep.members([VERDICT, OTHER]);
  });

  it('of an index are those of the platform', async () => {
    const platforms = ['amd64', 'arm64'].map((architecture) => registry.addImage('team/app', { architecture }));
    const mediaType = MEDIA_TYPES.ociIndex;
    registry.addManifest('team/app', { schemaVersion: 2, mediaType, manifests: platforms }, mediaType, 'v1');
    for (const [index, image] of platforms.entries()) await attach(image, index === 0 ? VERDICT : OTHER);
    expect((await found('v1'))?.verdicts).to.deep.equal([VERDICT]);
    const s390x = { os: 'linux', architecture: 's390x' };
    expect(await earlierVerdicts(sources(['v1']), s390x)).to.equal(undefined);
  });

  for (const [what, text] of [
    ['is none', '{"ok":true}'],
    ['is no JSON', '<html>'],
    ['is about files elsewhere', `{"key":"${VERDICT.key}","files":{"/etc/passwd":null}}`],
    ['is larger than any project', `{"key":"${' '.repeat(1024 * 1024)}","files":{}}`],
  ] as const)
    it(`are none where what has their type ${what}`, async () => {
      await attach(registry.addImage('team/app', { tag: 'v1' }), Buffer.from(text));
      expect(await found('v1')).to.equal(undefined);
    });

  it('are the others where one cannot be read', async () => {
    await attach(registry.addImage('team/app', { tag: 'v1' }), VERDICT, OTHER);
    const { digest } = selfTestBlob(VERDICT);
    registry.blobs.delete(digest);
    expect((await found('v1'))?.verdicts).to.deep.equal([OTHER]);
  });
  const selfTestBlob = (verdict: Verdict) => {
    const { tree } = selfTestReferrer(
      formatVerdict(verdict),
      { mediaType: 'a/b', digest: `sha256:${'0'.repeat(64)}`, size: 1 },
      CREATED,
    );
    const [, layer] = tree.blobs;
    if (layer === undefined) throw new TypeError('it has no document');
    return layer.descriptor;
  };

  for (const status of [401, 403, 404, 500])
    it(`are none where the registry answers ${status}`, async () => {
      const refuse: Fault = (_request, response) => sendError(response, status, 'UNKNOWN');
      registry.faults.push(...Array<Fault>(40).fill(refuse));
      expect(await found('v1')).to.equal(undefined);
    });

  it('are none where there is no registry', async () => {
    const [host, asked] = [registry.host, sources(['v1'])];
    await registry.stop();
    expect(await earlierVerdicts(asked, PLATFORM)).to.equal(undefined);
    registry = await FakeRegistry.start(new FakeClock());
    expect(registry.host).not.to.equal(host);
  });

  it('are none in a place that lists nothing', async () => {
    expect(await earlierVerdicts([treeSource(sampleImage(['layer']))], PLATFORM)).to.equal(undefined);
  });

  it('are asked no longer than the user wants to', async () => {
    const stop = new AbortController();
    stop.abort();
    const error = await rejection(earlierVerdicts(sources(['v1'], stop.signal), PLATFORM));
    expect(error.code).to.equal('interrupted');
  });
});
