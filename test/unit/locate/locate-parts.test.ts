import { expect } from 'chai';
import { KdeployError } from '../../../src/errors.js';
import type { FileAddress } from '../../../src/image/address.js';
import { parseReference } from '../../../src/image/reference.js';
import { treeOf } from '../../../src/image/tree.js';
import { writeTree } from '../../../src/image/write-tree.js';
import { locateParts, waitingImages, type LocateOptions } from '../../../src/locate/locate-parts.js';
import { LayoutSink } from '../../../src/places/layout/layout-sink.js';
import { StateFolder } from '../../../src/state-folder.js';
import { rejection } from '../../support/rejection.js';
import { restoreEnvironment } from '../../support/restore-environment.js';
import { sampleImage } from '../image/sample-image.js';
import { FakeClock } from '../places/registry/fake-clock.js';
import { FakeRegistry } from '../places/registry/fake-registry.js';
import { bytesOf } from '../places/layout/sample-layout.js';
import { TemporaryFolder } from '../temporary-folder.js';

describe('where this machine looks for an image', () => {
  let folder: TemporaryFolder;
  let registry: FakeRegistry;
  const environment = { ...process.env };

  beforeEach(async () => {
    [folder, registry] = [await TemporaryFolder.create(), await FakeRegistry.start(new FakeClock())];
    process.env.DOCKER_CONFIG = folder.path;
    process.env.DOCKER_HOST = `unix://${folder.file('no-engine.sock')}`;
  });
  afterEach(async () => {
    restoreEnvironment(environment);
    await Promise.all([folder.remove(), registry.stop()]);
  });

  const image = sampleImage(['base']);
  const options = (changes: Partial<LocateOptions> = {}): LocateOptions => ({
    state: new StateFolder(folder.file('state')),
    signal: undefined,
    ...changes,
  });
  const named = (tag = 'v1') => parseReference(`${registry.host}/team/app:${tag}`);

  it('is an engine, which need not be there', async () => {
    const { images, unreachable } = await locateParts(options()).local();
    expect([images, unreachable?.code]).to.deep.equal([undefined, 'engine-unreachable']);
  });

  it('is a registry, with the credentials that docker would use', async () => {
    registry.login = { kind: 'basic', username: 'ada', password: 'hunter2' };
    const { digest } = registry.addImage('team/app', { tag: 'v1' });
    const source = locateParts(options()).registry(named());
    expect([source.name, source.repository?.toString()]).to.deep.equal([
      named().toString(),
      named().withoutTag().toString(),
    ]);
    expect((await rejection(source.root())).code).to.equal('credentials');
    const auth = Buffer.from('ada:hunter2').toString('base64');
    await folder.write({ 'config.json': JSON.stringify({ auths: { [registry.host]: { auth } } }) });
    expect((await locateParts(options()).registry(named()).root()).digest).to.equal(digest);
  });

  it('is asked for nothing before something is read', () => {
    const { registry: find } = locateParts(options());
    find(named());
    expect(registry.requests).to.deep.equal([]);
  });

  it('is a file or a folder', async () => {
    await writeTree(treeOf(image), new LayoutSink(folder.file('dist')), ['v1']);
    const address: FileAddress = { place: 'layout', path: folder.file('dist'), name: 'v1' };
    const { file } = locateParts(options());
    expect((await (await file(address)).root()).digest).to.equal(image.manifest.digest);
    expect((await rejection(file({ ...address, path: folder.file('lost') }))).code).to.equal('image-not-found');
  });

  describe('is among those that wait for a push', () => {
    const keep = async () => {
      const { digest } = registry.addImage('team/app', { tag: 'v1' });
      const from = named().withoutTag().withDigest(digest);
      const repository = named().withoutTag();
      const [base] = image.layers;
      const tree = treeOf({ ...image, layers: [{ ...base!, from: repository }] });
      await waitingImages(options()).keep(tree, [named('prod')], from);
    };

    it('by the names that they were kept under, with the rest of them in their registry', async () => {
      await keep();
      const { waiting } = locateParts(options());
      expect(await waiting(named('v1'))).to.equal(undefined);
      const source = await waiting(named('prod'));
      if (source === undefined) throw new TypeError('it is not there');
      expect((await source.root()).digest).to.equal(image.manifest.digest);
      expect(registry.requests).to.deep.equal([]);
      registry.addBlob('base');
      const [base] = image.manifest.value.layers;
      expect((await bytesOf(source.blob(base!))).toString()).to.equal('base');
      expect(registry.asked.length).to.be.greaterThan(0);
    });

    it('of this user alone', async () => {
      await keep();
      const { waiting } = locateParts(options({ state: new StateFolder(folder.file('another')) }));
      expect(await waiting(named('prod'))).to.equal(undefined);
    });
  });

  it('is looked into no longer once the user stops it', async () => {
    registry.addImage('team/app', { tag: 'v1' });
    await writeTree(treeOf(image), new LayoutSink(folder.file('dist')), ['v1']);
    const stop = new AbortController();
    const parts = locateParts(options({ signal: stop.signal }));
    const file = await parts.file({ place: 'layout', path: folder.file('dist') });
    const reason = new KdeployError('interrupted', 'interrupted (SIGINT)');
    stop.abort(reason);
    expect(await rejection(parts.local())).to.equal(reason);
    expect((await rejection(parts.registry(named()).root())).code).to.equal('interrupted');
    const [base] = image.manifest.value.layers;
    expect(await rejection(bytesOf(file.blob(base!)))).to.equal(reason);
    expect(registry.requests).to.deep.equal([]);
  });
});
