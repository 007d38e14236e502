import { expect } from 'chai';
import { Verdicts } from '../../../src/bake/verdicts.js';
import { StateFolder } from '../../../src/state-folder.js';
import { memorySource } from '../../support/memory-source.js';
import { TemporaryFolder } from '../temporary-folder.js';

const SETTINGS = 'src/flights/settings.py';
const HOOKS = 'src/flights/hooks.py';

describe('the verdicts of self-tests', () => {
  let folder: TemporaryFolder;
  let state: StateFolder;

  beforeEach(async () => {
    folder = await TemporaryFolder.create();
    state = new StateFolder(folder.path);
  });

  afterEach(async () => folder.remove());

  const verdicts = (files: Readonly<Record<string, string>> = { [SETTINGS]: 'a' }) =>
    new Verdicts(state, memorySource(files));

  it('are known for the same content, in a later command too, and for no other', async () => {
    expect(await verdicts().isKnown('key')).to.equal(false);
    await verdicts().remember('key', [SETTINGS]);
    expect(await verdicts().isKnown('key')).to.equal(true);
    expect(await verdicts().isKnown('other')).to.equal(false);
  });

  const changed: readonly [what: string, files: Readonly<Record<string, string>>][] = [
    ['was edited', { [SETTINGS]: 'b' }],
    ['is gone', {}],
    ['is empty', { [SETTINGS]: '' }],
  ];
  for (const [what, files] of changed) {
    it(`are not known when a file that they rest on ${what}`, async () => {
      await verdicts().remember('key', [SETTINGS]);
      expect(await verdicts(files).isKnown('key')).to.equal(false);
    });
  }

  it('do not rest on files that the self-test did not name', async () => {
    await verdicts({ [SETTINGS]: 'a', [HOOKS]: 'a' }).remember('key', [SETTINGS]);
    expect(await verdicts({ [SETTINGS]: 'a', [HOOKS]: 'b' }).isKnown('key')).to.equal(true);
  });

  it('rest on a file that was not there as long as it is not', async () => {
    await verdicts({}).remember('key', [HOOKS]);
    expect(await verdicts({}).isKnown('key')).to.equal(true);
    expect(await verdicts({ [HOOKS]: '' }).isKnown('key')).to.equal(false);
  });

  it('are known when they rest on no file at all', async () => {
    await verdicts().remember('key', []);
    expect(await verdicts({}).isKnown('key')).to.equal(true);
  });

  for (const note of [{}, { files: null }, { files: 'x' }, [true]]) {
    it(`are not known when the note is ${JSON.stringify(note)}`, async () => {
      await state.write('self-test', 'key', note);
      expect(await verdicts().isKnown('key')).to.equal(false);
    });
  }

  it('that cannot be kept fail nothing: they are found again next time', async () => {
    await folder.write({ file: '' });
    const nowhere = new Verdicts(new StateFolder(folder.file('file')), memorySource({}));
    await nowhere.remember('key', []);
    expect(await nowhere.isKnown('key')).to.equal(false);
  });
});
