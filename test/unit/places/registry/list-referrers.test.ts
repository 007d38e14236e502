import { expect } from 'chai';
import { digestOf, type Digest } from '../../../../src/image/digest.js';
import { MEDIA_TYPES } from '../../../../src/image/manifest.js';
import { parseReference, type PinnedReference } from '../../../../src/image/reference.js';
import { referrerIn } from '../../../../src/image/referrer.js';
import { RegistryClient } from '../../../../src/places/registry/client.js';
import { systemClock } from '../../../../src/places/registry/clock.js';
import { notTaken } from '../../../../src/places/registry/not-taken.js';
import { referrersOf } from '../../../../src/places/registry/referrers.js';
import { RegistrySink } from '../../../../src/places/registry/registry-sink.js';
import { FakeClock } from './fake-clock.js';
import { FakeRegistry, send, sendError, type Fault } from './fake-registry.js';
import { refusal } from './refusal.js';

const SBOM = 'application/spdx+json';
const EMPTY = { mediaType: 'application/vnd.oci.empty.v1+json', digest: digestOf('{}'), size: 2 };

describe('a manifest that says something of an image', () => {
  let registry: FakeRegistry;
  let image: { digest: Digest; size: number };
  let subject: PinnedReference;
  beforeEach(async () => {
    registry = await FakeRegistry.start(new FakeClock());
    image = registry.addImage('team/app', { tag: 'v1' });
    subject = parseReference(`${registry.host}/team/app`).withDigest(image.digest);
  });
  afterEach(() => registry.stop());

  const client = () => new RegistryClient(registry.host, { clock: new FakeClock(), random: () => 0 });
  const sink = () => new RegistrySink(client(), subject);
  const tag = () => subject.digest.replace(':', '-');
  const documentOf = (changes: object, mediaType: string = MEDIA_TYPES.ociManifest) => {
    const about = { mediaType: MEDIA_TYPES.ociManifest, digest: subject.digest, size: image.size };
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, subject: about, ...changes }));
    return { bytes, mediaType, digest: digestOf(bytes) };
  };
  const sbom = (name = 'one') =>
    documentOf({ artifactType: SBOM, config: EMPTY, layers: [EMPTY], annotations: { name } });
  const listed = async () => (await referrersOf(client(), subject)).map(({ digest }) => digest);
  const listAt = (name = tag()) => registry.manifests.get(`team/app@${name}`);
  const putsOfList = () => registry.requests.filter(({ method, url }) => method === 'PUT' && url.endsWith(tag()));

  describe('is listed', () => {
    it('by a registry that says so, and nothing is done about it', async () => {
      registry.listsReferrers = true;
      const document = sbom();
      await sink().attach(document);
      expect(registry.requests.map(({ method }) => method)).to.deep.equal(['PUT', 'HEAD']);
      expect(await listed()).to.deep.equal([document.digest]);
    });

    it('by a registry that does not say so, and nothing is done about it', async () => {
      registry.listsReferrers = true;
      registry.faults.push((request, response) => {
        registry.manifests.set(`team/app@${digestOf(request.bytes)}`, {
          bytes: request.bytes,
          mediaType: MEDIA_TYPES.ociManifest,
        });
        send(response, 201);
      });
      await sink().attach(sbom());
      expect(putsOfList()).to.deep.equal([]);
    });

    it('under a tag where the registry lists nothing', async () => {
      const document = sbom();
      await sink().attach(document);
      expect(listAt()?.mediaType).to.equal(MEDIA_TYPES.ociIndex);
      expect(JSON.parse(String(listAt()?.bytes))).to.deep.equal({
        schemaVersion: 2,
        mediaType: MEDIA_TYPES.ociIndex,
        manifests: [referrerIn(document)?.entry],
      });
    });

    it('beside others, of which every byte stays', async () => {
      await sink().attach(sbom('one'));
      const before = String(listAt()?.bytes).replace(
        '{"schemaVersion"',
        '{ "odd": 12345678901234567890, "schemaVersion"',
      );
      registry.manifests.set(`team/app@${tag()}`, { bytes: Buffer.from(before), mediaType: MEDIA_TYPES.ociIndex });
      await sink().attach(sbom('two'));
      expect(String(listAt()?.bytes).startsWith(before.slice(0, -2))).to.equal(true);
      expect(await listed()).to.deep.equal([sbom('one').digest, sbom('two').digest]);
    });

    it('once, however often it is pushed', async () => {
      await sink().attach(sbom());
      await sink().attach(sbom());
      expect(putsOfList()).to.have.length(1);
    });
  });

  describe('stands beside one that another process attaches at the same time (google/go-containerregistry#2205)', () => {
    it('that has read the list before, and writes it when ours was read back', async () => {
      const [ours, theirs] = [sbom('ours'), sbom('theirs')];
      registry.manifests.set(`team/app@${theirs.digest}`, theirs);
      const entry = referrerIn(theirs)?.entry;
      const clock = new FakeClock();
      let isLost = true;
      const meanwhile = Object.assign(new FakeClock(), {
        sleep: (ms: number) => {
          const bytes = JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests: [entry] });
          if (isLost)
            registry.manifests.set(`team/app@${tag()}`, { bytes: Buffer.from(bytes), mediaType: MEDIA_TYPES.ociIndex });
          isLost = false;
          return clock.sleep(ms);
        },
      });
      await new RegistrySink(new RegistryClient(registry.host, { clock: meanwhile }), subject).attach(ours);
      expect(await listed()).to.have.members([ours.digest, theirs.digest]);
      expect(clock.sleeps.some((ms) => ms >= 1000)).to.equal(true);
    });

    it('in whatever order they read and write', async function () {
      this.timeout(60_000);
      const quick = {
        now: () => Date.now(),
        sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(ms / 5, signal),
      };
      for (let round = 0; round < 3; round++) {
        registry.manifests.delete(`team/app@${tag()}`);
        const documents = ['a', 'b', 'c'].map((name) => sbom(`${name}${round}`));
        await Promise.all(
          documents.map((document) =>
            new RegistrySink(new RegistryClient(registry.host, { clock: quick }), subject).attach(document),
          ),
        );
        expect(await listed()).to.have.members(documents.map(({ digest }) => digest));
      }
    });

    it('unless others never cease to overwrite it, which is given up', async () => {
      const swallowed: Fault = (request, response) => {
        if (request.method === 'PUT' && request.url.endsWith(tag())) send(response, 201);
        else {
          registry.requests.pop();
          registry.play(request, response);
        }
      };
      registry.faults.push(...Array<Fault>(60).fill(swallowed));
      const error = await refusal(sink().attach(sbom()));
      expect([error.code, notTaken(error)]).to.deep.equal(['push-failed', undefined]);
      expect(error.message).to.include('others keep writing the list');
      expect(putsOfList()).to.have.length(4);
    });
  });

  describe('overwrites nothing under that tag that is no such list (oras-project/oras-go#1396)', () => {
    const refused = async () => {
      const before = listAt();
      const error = await refusal(sink().attach(sbom()));
      expect([error.code, notTaken(error)?.status]).to.deep.equal(['push-failed', undefined]);
      expect(listAt()).to.equal(before);
      expect(putsOfList()).to.deep.equal([]);
      return notTaken(error)?.message;
    };

    it('neither the image itself', async () => {
      const itself = registry.manifests.get('team/app@v1');
      if (itself !== undefined) registry.manifests.set(`team/app@${tag()}`, itself);
      expect(await refused()).to.equal(
        `it lists no referrers, and the tag ${tag()} in their place names the image itself`,
      );
    });

    it('nor another image', async () => {
      registry.addImage('team/app', { tag: tag(), architecture: 'arm64' });
      expect(await refused()).to.include('names an image');
    });

    it('nor an index of images', async () => {
      const mediaType = MEDIA_TYPES.ociIndex;
      const manifests = [registry.addImage('team/app', { architecture: 'arm64' })];
      registry.addManifest('team/app', { schemaVersion: 2, mediaType, manifests }, mediaType, tag());
      expect(await refused()).to.include('names another index');
    });

    it('nor a web page', async () => {
      registry.manifests.set(`team/app@${tag()}`, { bytes: Buffer.from('<html>'), mediaType: 'text/html' });
      expect(await refused()).to.include('names something that is no manifest');
    });
  });

  it('is not attached where the registry takes no such list, which whoever pushes can tell (ocx-sh/ocx#480)', async () => {
    const refuse: Fault = (request, response) => {
      if (request.method === 'PUT' && request.url.endsWith(tag())) sendError(response, 400, 'TAG_INVALID');
      else {
        registry.requests.pop();
        registry.play(request, response);
      }
    };
    registry.faults.push(...Array<Fault>(20).fill(refuse));
    const error = await refusal(sink().attach(sbom()));
    expect([error.code, notTaken(error)?.status]).to.deep.equal(['push-failed', 400]);
  });
});
