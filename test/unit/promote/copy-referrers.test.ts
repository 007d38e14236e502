import { expect } from 'chai';
import { digestOf, type Digest } from '../../../src/image/digest.js';
import { MEDIA_TYPES } from '../../../src/image/manifest.js';
import { ImageReference } from '../../../src/image/reference.js';
import { readTree } from '../../../src/image/tree.js';
import { RegistryClient } from '../../../src/places/registry/client.js';
import { RegistrySink } from '../../../src/places/registry/registry-sink.js';
import { RegistrySource } from '../../../src/places/registry/registry-source.js';
import { copyReferrers, referrersIn } from '../../../src/promote/copy-referrers.js';
import { rejection } from '../../support/rejection.js';
import { FakeClock } from '../places/registry/fake-clock.js';
import { FakeRegistry, sendError, type Fault } from '../places/registry/fake-registry.js';

const SBOM = 'application/spdx+json';
const SELF_TEST = 'application/vnd.kdeploy.self-test.v1+json';

describe('what belongs to an image', () => {
  let staging: FakeRegistry;
  let production: FakeRegistry;
  const clock = new FakeClock();

  beforeEach(async () => {
    [staging, production] = await Promise.all([FakeRegistry.start(clock), FakeRegistry.start(clock)]);
    for (const registry of [staging, production]) registry.listsReferrers = true;
  });
  afterEach(() => Promise.all([staging.stop(), production.stop()]));

  const client = ({ host }: FakeRegistry) => new RegistryClient(host, { clock, random: () => 0 });
  const source = (name: string) =>
    new RegistrySource(client(staging), ImageReference.parse(`${staging.host}/team/app${name}`));
  const copy = async ({ isRequired = false } = {}) => {
    const notes: string[] = [];
    const [from, sink] = [
      source(':v1'),
      new RegistrySink(client(production), ImageReference.parse(`${production.host}/prod/app`)),
    ];
    const tree = await readTree(from);
    const found = await referrersIn(tree, from);
    // A subject may come later than what says something of it (distribution spec, "Pushing Manifests with Subject").
    const count = await copyReferrers(found, from, sink, { isRequired, note: (text) => notes.push(text) });
    return { count, notes };
  };
  /** As `oras attach` writes one. */
  const attach = (
    subject: { digest: Digest; size: number },
    content: string,
    { tag, type = SBOM }: { readonly tag?: string; readonly type?: string } = {},
  ) => {
    const empty = { mediaType: 'application/vnd.oci.empty.v1+json', digest: staging.addBlob('{}'), size: 2 };
    const layer = { mediaType: type, digest: staging.addBlob(content), size: content.length };
    return staging.addManifest(
      'team/app',
      {
        schemaVersion: 2,
        mediaType: MEDIA_TYPES.ociManifest,
        artifactType: type,
        config: empty,
        layers: [layer],
        ...(tag === undefined && { subject: { mediaType: MEDIA_TYPES.ociManifest, ...subject } }),
      },
      MEDIA_TYPES.ociManifest,
      tag,
    );
  };
  const has = (digest: Digest) => production.manifests.has(`prod/app@${digest}`);

  it('comes along: an SBOM of the image, and the signature of the SBOM', async () => {
    const image = staging.addImage('team/app', { tag: 'v1' });
    const sbom = attach(image, 'packages');
    const signature = attach(sbom, 'signed');
    expect((await copy()).count).to.equal(2);
    expect([has(sbom.digest), has(signature.digest)]).to.deep.equal([true, true]);
    expect(production.blobs.has(digestOf('packages'))).to.equal(true);
  });

  it('comes along where it belongs to a platform of an index', async () => {
    const platform = { ...staging.addImage('team/app'), platform: { os: 'linux', architecture: 'amd64' } };
    const sbom = attach(platform, 'packages');
    const index = { schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests: [platform] };
    staging.addManifest('team/app', index, MEDIA_TYPES.ociIndex, 'v1');
    expect((await copy()).count).to.equal(1);
    expect(has(sbom.digest)).to.equal(true);
  });

  it('comes along under the tag that cosign gives a signature', async () => {
    const image = staging.addImage('team/app', { tag: 'v1' });
    const tag = `${image.digest.replace(':', '-')}.sig`;
    attach(image, 'signed', { tag });
    expect((await copy()).count).to.equal(1);
    expect(production.manifests.has(`prod/app@${tag}`)).to.equal(true);
  });

  it('is nothing where nothing belongs to it', async () => {
    staging.addImage('team/app', { tag: 'v1' });
    expect(await copy()).to.deep.equal({ count: 0, notes: [] });
  });

  for (const status of [400, 404, 415]) {
    const refuses = () => {
      const fault: Fault = (request, response) => {
        if (request.method === 'PUT' && request.body.includes(SBOM)) sendError(response, status, 'MANIFEST_INVALID');
        else production.play(request, response);
      };
      production.faults.push(...Array<Fault>(60).fill(fault));
    };

    it(`is left out, and told, where the registry does not take its type (${status}; ocx-sh/ocx#480)`, async () => {
      attach(staging.addImage('team/app', { tag: 'v1' }), 'packages');
      refuses();
      const { count, notes } = await copy();
      expect(count).to.equal(0);
      expect(notes.join('\n')).to.match(
        /^warning: application\/spdx\+json of .*v1 was not attached, for .* does not take it: /,
      );
    });

    it(`is a failure where it is required (${status})`, async () => {
      attach(staging.addImage('team/app', { tag: 'v1' }), 'packages');
      refuses();
      const error = await rejection(copy({ isRequired: true }));
      expect(error).to.include({ code: 'push-failed' });
      expect(error.message).to.include(`does not take ${SBOM}`);
    });
  }

  const refusesAll = (status: number) => {
    const fault: Fault = (request, response) => {
      if (request.method === 'PUT' && request.body.includes('"artifactType"')) sendError(response, status, 'UNKNOWN');
      else production.play(request, response);
    };
    production.faults.push(...Array<Fault>(120).fill(fault));
  };

  it('is listed at once where the registry keeps no list itself', async () => {
    const image = staging.addImage('team/app', { tag: 'v1' });
    const several = ['a', 'b', 'c'].map((content) => attach(image, content));
    production.listsReferrers = false;
    expect((await copy()).count).to.equal(3);
    const tag = image.digest.replace(':', '-');
    const writes = production.requests.filter(({ method, url }) => method === 'PUT' && url.endsWith(`/${tag}`));
    expect(writes).to.have.length(1);
    for (const { digest } of several) expect(writes[0]?.body).to.include(digest);
  });

  it('is told in one line where the registry takes nothing of it', async () => {
    const image = staging.addImage('team/app', { tag: 'v1' });
    attach(image, 'packages');
    attach(image, 'a report', { type: 'application/sarif+json' });
    attach(image, 'passed', { type: SELF_TEST });
    refusesAll(400);
    const { count, notes } = await copy();
    expect([count, notes.length]).to.deep.equal([0, 1]);
    expect(notes[0]).to.match(/were not attached, for .* does not take them: .*400/);
    for (const type of [SBOM, 'application/sarif+json']) expect(notes[0]).to.include(type);
    expect(notes[0]).not.to.include(SELF_TEST);
  });

  for (const status of [400, 403, 503])
    it(`may lack the verdict of a self-test, which nobody needs (${status})`, async () => {
      attach(staging.addImage('team/app', { tag: 'v1' }), 'passed', { type: SELF_TEST });
      refusesAll(status);
      for (const isRequired of [false, true]) expect(await copy({ isRequired })).to.deep.equal({ count: 0, notes: [] });
    });

  it('comes along with the verdict of its self-test', async () => {
    const verdict = attach(staging.addImage('team/app', { tag: 'v1' }), 'passed', { type: SELF_TEST });
    expect((await copy()).count).to.equal(1);
    expect(has(verdict.digest)).to.equal(true);
  });

  it('fails where it cannot be sent for now, rather than being left out', async () => {
    attach(staging.addImage('team/app', { tag: 'v1' }), 'packages');
    const fault: Fault = (request, response) => {
      if (request.method === 'PUT' && request.body.includes(SBOM)) sendError(response, 503, 'UNAVAILABLE');
      else production.play(request, response);
    };
    production.faults.push(...Array<Fault>(60).fill(fault));
    expect(await rejection(copy())).to.include({ code: 'push-failed' });
  });
});
