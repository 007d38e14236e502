import { expect } from 'chai';
import type { LayerContents } from '../../../src/scan/image-secrets.js';
import { LayerVerdicts } from '../../../src/scan/layer-verdicts.js';
import { StateFolder } from '../../../src/state-folder.js';
import { TemporaryFolder } from '../temporary-folder.js';

const DIFF_ID = `sha256:${'a'.repeat(64)}`;
const CONTENTS: LayerContents = {
  files: [{ path: 'app/key.pem', verdict: { why: 'contains a private key', isCertain: true } }],
  repositories: ['app/.git'],
  deleted: [],
  isUnread: false,
};

describe('what scans found in layers', () => {
  let folder: TemporaryFolder;
  let state: StateFolder;

  beforeEach(async () => {
    folder = await TemporaryFolder.create();
    state = new StateFolder(folder.path);
  });

  afterEach(async () => folder.remove());

  it('is kept by layer', async () => {
    await new LayerVerdicts(state).remember(DIFF_ID, CONTENTS);
    expect(await new LayerVerdicts(state).find(DIFF_ID)).to.deep.equal(CONTENTS);
    expect(await new LayerVerdicts(state).find(DIFF_ID.replace('a', 'b'))).to.equal(undefined);
  });

  it('is not kept of a layer that could not be read', async () => {
    await new LayerVerdicts(state).remember(DIFF_ID, { ...CONTENTS, isUnread: true });
    expect(await new LayerVerdicts(state).find(DIFF_ID)).to.equal(undefined);
  });

  for (const note of ['clean', { files: [] }, { files: {}, repositories: [], deleted: [] }, null])
    it(`is unknown where its note is ${JSON.stringify(note)}`, async () => {
      const read = (): Promise<unknown> => Promise.resolve(note);
      expect(await new LayerVerdicts({ read, write: () => Promise.resolve() }).find(DIFF_ID)).to.equal(undefined);
    });

  it('fails nothing where it cannot be written', async () => {
    const write = (): Promise<void> => Promise.reject(new Error('disk full'));
    await new LayerVerdicts({ read: () => Promise.resolve(undefined), write }).remember(DIFF_ID, CONTENTS);
  });
});
