import { expect } from 'chai';
import type { Verdict } from '../../../src/bake/verdict.js';
import { Verdicts } from '../../../src/bake/verdicts.js';
import { KdeployError } from '../../../src/errors.js';
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

  it('are found as they were remembered, to be given to others', async () => {
    const verdict = await verdicts().remember('key', [SETTINGS, HOOKS]);
    expect(verdict.files)
      .to.have.keys(SETTINGS, HOOKS)
      .and.to.include({ [HOOKS]: null });
    expect(await verdicts().find('key')).to.deep.equal(verdict);
    expect(await verdicts({ [SETTINGS]: 'b' }).find('key')).to.equal(undefined);
  });

  describe('of another machine', () => {
    let theirs: Verdict;
    beforeEach(async () => {
      const elsewhere = new Verdicts(new StateFolder(folder.file('elsewhere')), memorySource({ [SETTINGS]: 'a' }));
      theirs = await elsewhere.remember('key', [SETTINGS, HOOKS]);
    });

    it('are kept where they are about the same content', async () => {
      expect(await verdicts().isKnown('key')).to.equal(false);
      expect(await verdicts().adopt(theirs, 'key')).to.deep.equal(theirs);
      expect(await verdicts().find('key')).to.deep.equal(theirs);
    });

    it('are not where their key is another one', async () => {
      expect(await verdicts().adopt(theirs, 'other')).to.equal(undefined);
      for (const key of ['key', 'other']) expect(await verdicts().isKnown(key), key).to.equal(false);
    });

    for (const [what, files] of changed)
      it(`are not where a file that they rest on ${what}`, async () => {
        expect(await verdicts(files).adopt(theirs, 'key')).to.equal(undefined);
        expect(await verdicts().isKnown('key')).to.equal(false);
      });

    it('are not where a file that was not there has come', async () => {
      expect(await verdicts({ [SETTINGS]: 'a', [HOOKS]: '' }).adopt(theirs, 'key')).to.equal(undefined);
    });

    it('are not where a file that they name cannot be read', async () => {
      const unreadable = memorySource({});
      unreadable.read = () => Promise.reject(new KdeployError('configuration', 'points outside the project'));
      expect(await new Verdicts(state, unreadable).adopt(theirs, 'key')).to.equal(undefined);
    });
  });
});
