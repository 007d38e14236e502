import { expect } from 'chai';
import { KdeployError } from '../../../../src/errors.js';
import { digestOf } from '../../../../src/image/digest.js';
import { MEDIA_TYPES, type IndexEntry } from '../../../../src/image/manifest.js';
import { ImageReference, type PinnedReference } from '../../../../src/image/reference.js';
import { RegistryClient } from '../../../../src/places/registry/client.js';
import { Listing } from '../../../../src/places/registry/listing.js';
import { referrersOf } from '../../../../src/places/registry/referrers.js';
import { rejection } from '../../../support/rejection.js';
import { FakeClock } from './fake-clock.js';
import { FakeRegistry, sendError, type Fault } from './fake-registry.js';

describe('the list of what belongs to an image, where the registry keeps none', () => {
  let registry: FakeRegistry;
  let image: PinnedReference;
  beforeEach(async () => {
    registry = await FakeRegistry.start(new FakeClock());
    image = imageOf('amd64');
  });
  afterEach(() => registry.stop());

  const imageOf = (architecture: string) =>
    ImageReference.parse(`${registry.host}/team/app`).withDigest(
      registry.addImage('team/app', { architecture }).digest,
    );
  const client = () => new RegistryClient(registry.host, { clock: new FakeClock(), random: () => 0 });
  const listing = () => new Listing(client(), true);
  /** A manifest that is there. */
  const put = (name: string, about = image): IndexEntry => {
    const mediaType = MEDIA_TYPES.ociManifest;
    const blob = { mediaType: 'a/b', digest: digestOf(name), size: name.length };
    const subject = { mediaType, digest: about.digest, size: 1 };
    const document = { schemaVersion: 2, mediaType, artifactType: 'a/b', config: blob, layers: [blob], subject };
    return { mediaType, ...registry.addManifest('team/app', document, mediaType), artifactType: 'a/b' };
  };
  const listed = async (about = image) => (await referrersOf(client(), about)).map(({ digest }) => digest);
  const writes = () => registry.requests.filter(({ method }) => method === 'PUT').length;
  const after = async <Value>(turns: number, value: Value): Promise<Value> => {
    for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
    return value;
  };

  it('is written once for all that is attached at the same time, in the order in which that was begun', async () => {
    const entries = ['a', 'b', 'c'].map((name) => put(name));
    const list = listing();
    await Promise.all(entries.map((entry, index) => list.add(image, after(3 - index, entry))));
    expect(await listed()).to.deep.equal(entries.map(({ digest }) => digest));
    expect(writes()).to.equal(1);
  });

  it('is not asked for where all is listed already', async () => {
    const list = listing();
    await Promise.all([1, 2].map(() => list.add(image, Promise.resolve(undefined))));
    expect(registry.requests).to.deep.equal([]);
  });

  it('has the others where one was not written', async () => {
    const [one, other] = [put('a'), put('b')];
    const list = listing();
    const failure = new KdeployError('push-failed', 'not taken');
    const outcomes = await Promise.allSettled([
      list.add(image, Promise.resolve(one)),
      list.add(image, Promise.reject(failure)),
      list.add(image, Promise.resolve(other)),
    ]);
    expect(outcomes.map(({ status }) => status)).to.deep.equal(['fulfilled', 'rejected', 'fulfilled']);
    expect(outcomes[1]).to.have.property('reason', failure);
    expect(await listed()).to.deep.equal([one.digest, other.digest]);
  });

  it('has what is attached later, and what belongs to another image in its own', async () => {
    const list = listing();
    const arm64 = imageOf('arm64');
    const [first, second, foreign] = [put('a'), put('b'), put('c', arm64)];
    await Promise.all([list.add(image, Promise.resolve(first)), list.add(arm64, Promise.resolve(foreign))]);
    await list.add(image, Promise.resolve(second));
    expect(await listed()).to.deep.equal([first.digest, second.digest]);
    expect(await listed(arm64)).to.deep.equal([foreign.digest]);
  });

  it('fails for all that it was to have, and for nothing else', async () => {
    const refuse: Fault = (_request, response) => sendError(response, 403, 'DENIED');
    registry.faults.push(...Array<Fault>(8).fill(refuse));
    const list = listing();
    const outcomes = await Promise.allSettled([
      list.add(image, Promise.resolve(put('a'))),
      list.add(image, Promise.resolve(undefined)),
      list.add(image, Promise.resolve(put('b'))),
    ]);
    expect(outcomes.map(({ status }) => status)).to.deep.equal(['rejected', 'fulfilled', 'rejected']);
    registry.faults.length = 0;
    const later = put('c');
    await list.add(image, Promise.resolve(later));
    expect(await listed()).to.deep.equal([later.digest]);
  });

  it('is awaited by nobody whose manifest was not written', async () => {
    const failure = new KdeployError('push-failed', 'not taken');
    expect(await rejection(listing().add(image, Promise.reject(failure)))).to.equal(failure);
    expect(registry.requests).to.deep.equal([]);
  });
});
