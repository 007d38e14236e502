import { expect } from 'chai';
import { digestOf } from '../../../src/image/digest.js';
import { KeptPackages } from '../../../src/inspect/kept-packages.js';
import type { LayerPackages } from '../../../src/inspect/layer-packages.js';
import { StateFolder } from '../../../src/state-folder.js';
import { TemporaryFolder } from '../temporary-folder.js';

const DIGEST = digestOf('layer');
const PACKAGES: LayerPackages = { packages: ['site-packages/a-1.dist-info'], deleted: ['opt/venv'], isUnread: false };

describe('the packages of layers that were read', () => {
  let folder: TemporaryFolder;
  let state: StateFolder;

  beforeEach(async () => {
    folder = await TemporaryFolder.create();
    state = new StateFolder(folder.path);
  });

  afterEach(async () => folder.remove());

  it('are kept by layer', async () => {
    await new KeptPackages(state).remember(DIGEST, PACKAGES);
    expect(await new KeptPackages(state).find(DIGEST)).to.deep.equal(PACKAGES);
    expect(await new KeptPackages(state).find(digestOf('other'))).to.equal(undefined);
  });

  it('are not kept of a layer that could not be read', async () => {
    await new KeptPackages(state).remember(DIGEST, { ...PACKAGES, isUnread: true });
    expect(await new KeptPackages(state).find(DIGEST)).to.equal(undefined);
  });

  for (const note of [
    'none',
    null,
    { packages: [] },
    { packages: [], deleted: [1], isUnread: false },
    { packages: {}, deleted: [], isUnread: false },
    { packages: [], deleted: [], isUnread: true },
  ])
    it(`are unknown where the note is ${JSON.stringify(note)}`, async () => {
      const read = (): Promise<unknown> => Promise.resolve(note);
      expect(await new KeptPackages({ read, write: () => Promise.resolve() }).find(DIGEST)).to.equal(undefined);
    });

  it('fail nothing where they cannot be kept', async () => {
    const write = (): Promise<void> => Promise.reject(new Error('disk full'));
    await new KeptPackages({ read: () => Promise.resolve(undefined), write }).remember(DIGEST, PACKAGES);
  });
});
