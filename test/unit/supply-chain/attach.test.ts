import { expect } from 'chai';
import { KdeployError } from '../../../src/errors.js';
import { digestOf } from '../../../src/image/digest.js';
import { MEDIA_TYPES } from '../../../src/image/manifest.js';
import { ImageReference } from '../../../src/image/reference.js';
import type { ReferrerSink } from '../../../src/image/sink.js';
import { FolderFiles } from '../../../src/places/layout/folder-files.js';
import { LayoutSource } from '../../../src/places/layout/image-layout.js';
import { LayoutSink } from '../../../src/places/layout/layout-sink.js';
import { RegistryClient } from '../../../src/places/registry/client.js';
import { referrersOf } from '../../../src/places/registry/referrers.js';
import { RegistrySink } from '../../../src/places/registry/registry-sink.js';
import { attachReferrers } from '../../../src/supply-chain/attach.js';
import { provenanceReferrer, sbomReferrer, selfTestReferrer } from '../../../src/supply-chain/referrer.js';
import { rejection } from '../../support/rejection.js';
import { FakeClock } from '../places/registry/fake-clock.js';
import { FakeRegistry, sendError, type Fault, type SeenRequest } from '../places/registry/fake-registry.js';
import { TemporaryFolder } from '../temporary-folder.js';
import { CREATED } from './sample.js';

describe('attaching what describes an image', () => {
  const subject = { mediaType: MEDIA_TYPES.ociManifest, digest: digestOf('image'), size: 5 };
  const referrers = (about = subject) => [
    sbomReferrer(Buffer.from('{"bomFormat":"CycloneDX"}'), about, CREATED),
    provenanceReferrer(Buffer.from('{"_type":"x"}'), about, CREATED),
  ];
  const verdict = (about = subject) => selfTestReferrer(Buffer.from('{"key":"a","files":{}}'), about, CREATED);
  const attachTo = async (
    sink: ReferrerSink,
    { isRequired = false, about = subject, some = referrers(about) } = {},
  ) => {
    const notes: string[] = [];
    const attached = await attachReferrers(some, { sink, note: (text) => notes.push(text), isRequired });
    return { attached: attached.map(({ title }) => title), notes };
  };

  describe('to one in a registry', () => {
    let registry: FakeRegistry;
    let image: typeof subject;
    beforeEach(async () => {
      registry = await FakeRegistry.start(new FakeClock());
      image = { ...subject, ...registry.addImage('team/app', { tag: 'v1' }) };
    });
    afterEach(() => registry.stop());

    const client = () => new RegistryClient(registry.host, { clock: new FakeClock(), random: () => 0 });
    const repository = () => ImageReference.parse(`${registry.host}/team/app`);
    const attach = (isRequired = false) =>
      attachTo(new RegistrySink(client(), repository()), { isRequired, about: image });
    const listed = async () => {
      const entries = await referrersOf(client(), repository().withDigest(image.digest));
      return entries.map(({ artifactType }) => artifactType);
    };
    const TYPES = ['application/vnd.cyclonedx+json', 'application/vnd.in-toto+json'];
    /** Answers whatever fits with this status. */
    const refuse = (fits: (request: SeenRequest) => boolean, status: number, code: string) => {
      const fault: Fault = (request, response) => {
        if (fits(request)) sendError(response, status, code);
        else {
          registry.requests.pop();
          registry.play(request, response);
        }
      };
      registry.faults.push(...Array<Fault>(200).fill(fault));
    };
    const isArtifact = ({ method, url, body }: SeenRequest) =>
      method === 'PUT' && url.includes('/manifests/') && body.includes('"artifactType"') && body.includes('"subject"');

    for (const listsReferrers of [true, false])
      it(`lists them ${listsReferrers ? 'with it' : 'under a tag where the registry lists nothing'}`, async () => {
        registry.listsReferrers = listsReferrers;
        expect(await attach()).to.deep.equal({ attached: ['the SBOM', 'the provenance'], notes: [] });
        expect(await listed()).to.deep.equal(TYPES);
      });

    describe('with the verdict of its self-test', () => {
      const all = () => [...referrers(image), verdict(image)];
      const attachAll = (some = all(), isRequired = false) =>
        attachTo(new RegistrySink(client(), repository(), true), { some, isRequired });
      const methods = () => registry.requests.map(({ method }) => method).sort();

      it('asks a registry that lists them no more than it must, and nothing twice', async () => {
        registry.listsReferrers = true;
        expect((await attachAll()).attached).to.have.length(3);
        // Four blobs, the empty configuration among them, and three manifests.
        expect(methods()).to.deep.equal([
          ...[...Array<string>(4).fill('HEAD'), ...Array<string>(3).fill('HEAD')],
          ...Array<string>(4).fill('POST'),
          ...[...Array<string>(4).fill('PUT'), ...Array<string>(3).fill('PUT')],
        ]);
        expect(await listed()).to.have.members([...TYPES, 'application/vnd.kdeploy.self-test.v1+json']);
      });

      it('writes the list of another registry once', async () => {
        await attachAll();
        const ofList = registry.requests.filter(({ url }) =>
          url.endsWith(`/manifests/${image.digest.replace(':', '-')}`),
        );
        expect(ofList.map(({ method }) => method)).to.deep.equal(['GET', 'PUT', 'GET']);
        expect(await listed()).to.deep.equal([...TYPES, 'application/vnd.kdeploy.self-test.v1+json']);
      });

      it('sends no bytes of a verdict that an earlier image has', async () => {
        registry.listsReferrers = true;
        const other = { ...subject, ...registry.addImage('team/app', { tag: 'v0', architecture: 'arm64' }) };
        await attachAll([verdict(other)]);
        registry.requests.length = 0;
        await attachAll([verdict(image)]);
        expect(methods()).to.deep.equal(['HEAD', 'HEAD', 'HEAD', 'PUT']);
      });

      for (const isRequired of [false, true])
        it(`says nothing where a registry takes all but that${isRequired ? ', not even where the SBOM is required' : ''}`, async () => {
          registry.listsReferrers = true;
          refuse((request) => isArtifact(request) && request.body.includes('kdeploy'), 400, 'MANIFEST_INVALID');
          const { attached, notes } = await attachAll(all(), isRequired);
          expect([attached, notes]).to.deep.equal([['the SBOM', 'the provenance'], []]);
        });

      it('says one line where a registry takes none of them, and none where it is the verdict alone', async () => {
        refuse(isArtifact, 400, 'MANIFEST_INVALID');
        expect((await attachAll()).notes).to.have.length(1);
        expect(await attachAll([verdict(image)])).to.deep.equal({ attached: [], notes: [] });
      });
    });

    it('changes nothing the second time', async () => {
      await attach();
      const before = [...registry.manifests.keys()];
      expect((await attach()).notes).to.deep.equal([]);
      expect([...registry.manifests.keys()]).to.deep.equal(before);
    });

    for (const [status, code] of [
      [400, 'MANIFEST_INVALID'],
      [404, 'NOT_FOUND'],
      [405, 'UNSUPPORTED'],
      [415, 'UNSUPPORTED'],
    ] as const) {
      it(`says in one line that a registry does not take them (${status}; ocx-sh/ocx#480)`, async () => {
        refuse(isArtifact, status, code);
        const { attached, notes } = await attach();
        expect(attached).to.deep.equal([]);
        expect(notes).to.have.length(1);
        expect(notes[0]).to.match(
          /^warning: the SBOM and the provenance were not attached: 127\.0\.0\.1:\d+\/team\/app does not take them: /,
        );
        expect(notes[0]).to.include(`: ${status} `).and.to.include(code);
        expect(notes[0]).to.match(/; to push without: image\.sbom: false$/);
        expect(await listed()).to.deep.equal([]);
      });

      it(`fails where they are required (${status})`, async () => {
        refuse(isArtifact, status, code);
        const error = await rejection(attach(true));
        expect([error.code, error.hint]).to.deep.equal([
          'push-failed',
          'push without --require-sbom, or to a registry that takes it',
        ]);
        expect(error.message).to.match(/does not take the SBOM$/);
        expect(error.cause).to.include({ status });
      });
    }

    it('attaches what is taken where only one of the types is known', async () => {
      refuse((request) => isArtifact(request) && request.body.includes('cyclonedx'), 400, 'MANIFEST_INVALID');
      const { attached, notes } = await attach();
      expect(attached).to.deep.equal(['the provenance']);
      expect(notes[0]).to.match(/^warning: the SBOM was not attached: .* does not take it: /);
      expect(await listed()).to.deep.equal(['application/vnd.in-toto+json']);
    });

    it('says that the empty configuration is not taken (oras-project/oras#260)', async () => {
      refuse(({ method, bytes }) => method !== 'GET' && bytes.toString() === '{}', 400, 'BLOB_UPLOAD_INVALID');
      const { attached, notes } = await attach();
      expect([attached, notes.length]).to.deep.equal([[], 1]);
      expect(notes[0]).to.include('does not take them: ').and.to.include('BLOB_UPLOAD_INVALID');
    });

    it('says that their list has no place, and leaves what is there', async () => {
      const tag = image.digest.replace(':', '-');
      registry.addImage('team/app', { tag, architecture: 'arm64' });
      const before = registry.manifests.get(`team/app@${tag}`);
      const { attached, notes } = await attach();
      expect([attached, notes.length]).to.deep.equal([[], 1]);
      expect(notes[0]).to.include('in their place names an image');
      expect(registry.manifests.get(`team/app@${tag}`)).to.equal(before);
    });

    for (const [status, code, what] of [
      [403, 'DENIED', 'have no access to it|none were found'],
      [503, 'UNAVAILABLE', 'refused the manifest|returned status 503'],
    ] as const) {
      it(`goes on without them, and says so, where the registry answers ${status}`, async () => {
        refuse(isArtifact, status, code);
        const { attached, notes } = await attach();
        expect([attached, notes.length]).to.deep.equal([[], 1]);
        expect(notes[0]).to.match(/^warning: the SBOM and the provenance were not attached to /);
        expect(notes[0])
          .to.match(new RegExp(what))
          .and.to.match(/; push again to attach them$/);
      });

      it(`fails where they are required and the registry answers ${status}`, async () => {
        refuse(isArtifact, status, code);
        const error = await rejection(attach(true));
        expect(error.code).to.equal('push-failed');
        expect(error.message).to.match(/^the SBOM could not be attached to /);
        expect(error.hint).to.be.a('string');
      });
    }

    it('goes on without them where the registry is gone', async () => {
      const sink = new RegistrySink(client(), repository());
      await registry.stop();
      const { attached, notes } = await attachTo(sink, { about: image });
      expect([attached, notes.length]).to.deep.equal([[], 1]);
      registry = await FakeRegistry.start(new FakeClock());
    });
  });

  it('to one in a layout lists them there, where it is still the only image', async () => {
    const folder = await TemporaryFolder.create();
    try {
      const bytes = Buffer.from(
        JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPES.ociManifest, config: subject, layers: [] }),
      );
      const image = { mediaType: MEDIA_TYPES.ociManifest, bytes, digest: digestOf(bytes) };
      const sink = new LayoutSink(folder.file('dist'));
      await sink.writeManifest(image, 'v1');
      const about = { ...subject, digest: image.digest, size: bytes.length };
      expect(await attachTo(sink, { about })).to.deep.equal({
        attached: ['the SBOM', 'the provenance'],
        notes: [],
      });
      const source = new LayoutSource(await FolderFiles.open(folder.file('dist')), 'oci:dist');
      expect((await source.root()).digest).to.equal(image.digest);
      expect((await source.referrers(image.digest)).map(({ digest }) => digest)).to.deep.equal(
        referrers(about).map(({ tree }) => tree.document.digest),
      );
    } finally {
      await folder.remove();
    }
  });

  const failing = (error: Error): ReferrerSink => ({
    name: 'registry.example.com/team/app',
    writeBlob: () => Promise.resolve('sent' as const),
    writeManifest: () => Promise.reject(new Error('a referrer is attached')),
    attach: () => Promise.reject(error),
    reasonNotTaken: () => undefined,
  });

  it('stops where it is interrupted', async () => {
    const error = await rejection(attachTo(failing(new KdeployError('interrupted', 'interrupted'))));
    expect(error.code).to.equal('interrupted');
  });

  it('hides no defect', async () => {
    const failure = await attachTo(failing(new TypeError('a defect'))).catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(TypeError);
  });
});
