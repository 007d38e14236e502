import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { StateFolder } from '../../src/state-folder.js';
import { TemporaryFolder } from './temporary-folder.js';

describe('the state folder', () => {
  let folder: TemporaryFolder;

  beforeEach(async () => {
    folder = await TemporaryFolder.create();
  });

  afterEach(async () => folder.remove());

  const filesOf = async (): Promise<string[]> =>
    (await readdir(folder.path, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(folder.path, path.join(entry.parentPath, entry.name)));

  const places: readonly [what: string, environment: (root: string) => NodeJS.ProcessEnv, at: string][] = [
    [
      'is where KDEPLOY_STATE_FOLDER says',
      (root) => ({ KDEPLOY_STATE_FOLDER: `${root}/own`, XDG_STATE_HOME: root }),
      'own',
    ],
    ['is below XDG_STATE_HOME', (root) => ({ KDEPLOY_STATE_FOLDER: '', XDG_STATE_HOME: `${root}/xdg` }), 'xdg/kdeploy'],
    ['is in the home folder otherwise', () => ({}), 'home/.local/state/kdeploy'],
    [
      'passes over a relative XDG_STATE_HOME, as its standard says',
      () => ({ XDG_STATE_HOME: 'state' }),
      'home/.local/state/kdeploy',
    ],
  ];
  for (const [what, environment, at] of places) {
    it(what, async () => {
      await StateFolder.ofUser(environment(folder.path), folder.file('home')).write('kind', 'name', {});
      expect((await filesOf()).map((file) => path.dirname(path.dirname(file)))).to.deep.equal([at]);
    });
  }

  it('gives back what was written, whatever the name, and nothing of another', async () => {
    const state = new StateFolder(folder.path);
    await fc.assert(
      fc.asyncProperty(fc.string(), fc.string(), fc.dictionary(fc.string(), fc.string()), async (one, other, note) => {
        await state.write('a', one, { note, one });
        expect(await state.read('a', one)).to.deep.equal(JSON.parse(JSON.stringify({ note, one })));
        if (other !== one) expect(await new StateFolder(folder.file('x')).read('a', other)).to.equal(undefined);
        expect(await state.read('b', one)).to.equal(undefined);
      }),
      { numRuns: 30 },
    );
  });

  it('leaves nothing outside of itself for a name that leads out', async () => {
    await new StateFolder(folder.file('state')).write('kind', '../../../escape', { a: 1 });
    expect((await filesOf()).every((file) => file.startsWith(`state${path.sep}kind${path.sep}`))).to.equal(true);
  });

  it('knows nothing where a note is damaged', async () => {
    const state = new StateFolder(folder.path);
    await state.write('kind', 'name', { a: 1 });
    await writeFile(folder.file((await filesOf())[0] ?? ''), '{"a":');
    expect(await state.read('kind', 'name')).to.equal(undefined);
  });

  it('never shows half a note, although many are written at once', async () => {
    const state = new StateFolder(folder.path);
    const notes = Array.from({ length: 30 }, (_, at) => ({ at, text: 'x'.repeat(10_000) }));
    const [, read] = await Promise.all([
      Promise.all(notes.map((note) => state.write('kind', 'name', note))),
      Promise.all(notes.map(() => state.read('kind', 'name'))),
    ]);
    for (const note of read) if (note !== undefined) expect(note).to.have.property('text', 'x'.repeat(10_000));
    expect(await filesOf()).to.have.lengthOf(1);
  });

  it('says so when it cannot be written', async () => {
    await folder.write({ file: '' });
    const failure = await new StateFolder(folder.file('file'))
      .write('kind', 'name', {})
      .catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(Error);
  });
});
