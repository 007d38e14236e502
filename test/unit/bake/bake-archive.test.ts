import { expect } from 'chai';
import fc from 'fast-check';
import { bakeArchive, ContainerFolders, type RestatedFolder } from '../../../src/bake/bake-archive.js';
import type { PathKind } from '../../../src/places/engine/containers.js';
import { tarEntries } from './tar-entries.js';

const OWNER = { uid: 999, gid: 7 };
const OLD_TIME = new Date('2024-05-06T07:08:09Z');
const BAKE_TIME = new Date('2020-01-01T00:00:00Z');

const file = (path: string, content = path) => ({ path, content: Buffer.from(content) });
const nothingExists = () => false;
const read = async (...input: Parameters<typeof bakeArchive>) => tarEntries(await bakeArchive(...input));
const namesOf = (entries: Awaited<ReturnType<typeof tarEntries>>) => entries.map(({ header }) => header.name);

describe('the archive of what is baked', () => {
  it('holds the files with the folders on their way, owned by the image’s user, at a fixed time', async () => {
    const files = [file('/opt/lib/a.py', 'ä'), file('/opt/lib/sub/b.py', '')];
    const entries = await read([], nothingExists, files, OWNER);
    expect(entries.map(({ header: { name, type, mode }, content }) => [name, type, mode, content])).to.deep.equal([
      ['opt/', 'directory', 0o755, ''],
      ['opt/lib/', 'directory', 0o755, ''],
      ['opt/lib/a.py', 'file', 0o644, 'ä'],
      ['opt/lib/sub/', 'directory', 0o755, ''],
      ['opt/lib/sub/b.py', 'file', 0o644, ''],
    ]);
    for (const { header } of entries) expect(header).to.deep.include({ uid: 999, gid: 7, mtime: BAKE_TIME });
  });

  it('does not name a folder that exists: it may be a link, and would be replaced', async () => {
    const isExisting = (folder: string) => ['/home', '/home/kedro', '/home/kedro/conf'].includes(folder);
    const entries = await read([], isExisting, [file('/home/kedro/conf/prod/mlflow.yml')], OWNER);
    expect(namesOf(entries)).to.deep.equal(['home/kedro/conf/prod/', 'home/kedro/conf/prod/mlflow.yml']);
  });

  it('restates a folder that it writes into as it was, for writing into it changes its time', async () => {
    const header = { uid: 5, gid: 6, mode: 0o41_777, mtime: OLD_TIME };
    const restated: RestatedFolder[] = [{ path: '/home/kedro/conf', header }];
    const entries = await read(
      restated,
      (folder) => '/home/kedro/conf'.startsWith(folder),
      [file('/home/kedro/conf/a')],
      OWNER,
    );
    expect(namesOf(entries)).to.deep.equal(['home/kedro/conf/', 'home/kedro/conf/a']);
    expect(entries[0]?.header).to.deep.include({ type: 'directory', uid: 5, gid: 6, mode: 0o1777, mtime: OLD_TIME });
  });

  it('holds names of any length', async () => {
    const long = `/opt/${'n'.repeat(120)}/${'m'.repeat(200)}.py`;
    expect(namesOf(await read([], nothingExists, [file(long)], OWNER)).at(-1)).to.equal(long.slice(1));
  });

  it('is the same bytes for the same files, each folder once and before what lies in it', async () => {
    const part = fc.constantFrom('a', 'b', 'conf', 'opt');
    const path = fc.array(part, { minLength: 2, maxLength: 5 }).map((parts) => `/opt/${parts.join('/')}.py`);
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(path, { minLength: 1 }), async (paths) => {
        const files = paths.map((each) => file(each));
        const tar = await bakeArchive([], nothingExists, files, OWNER);
        expect((await bakeArchive([], nothingExists, files, OWNER)).equals(tar)).to.equal(true);
        const names = namesOf(await tarEntries(tar));
        expect(new Set(names)).to.have.lengthOf(names.length);
        for (const [at, name] of names.entries()) {
          const above = name.replace(/\/$/, '').split('/').slice(0, -1).join('/');
          if (above !== '') expect(names.slice(0, at)).to.include(`${above}/`);
        }
        expect(names.filter((name) => !name.endsWith('/')).map((name) => `/${name}`)).to.have.members(paths);
      }),
      { numRuns: 50 },
    );
  });
});

describe('the folders of a container', () => {
  const container = (existing: Readonly<Record<string, PathKind>>) => {
    const asked: string[] = [];
    const kindOf = (path: string): Promise<PathKind | undefined> => {
      asked.push(path);
      return Promise.resolve(existing[path]);
    };
    return { asked, folders: new ContainerFolders({ kindOf }) };
  };

  const cases: readonly [existing: Readonly<Record<string, PathKind>>, path: string, found: string, kind: PathKind][] =
    [
      [{ '/opt': 'folder', '/opt/kdeploy': 'folder' }, '/opt/kdeploy/lib/x', '/opt/kdeploy', 'folder'],
      [{ '/opt': 'link' }, '/opt', '/opt', 'link'],
      [{ '/opt': 'other' }, '/opt/kdeploy', '/opt', 'other'],
      [{}, '/opt/kdeploy', '/', 'folder'],
      [{}, '/', '/', 'folder'],
      [{}, '', '/', 'folder'],
      [{ '/opt': 'folder', '/opt/a/b': 'folder' }, '/opt/a/b', '/opt', 'folder'],
    ];
  for (const [existing, path, found, kind] of cases) {
    it(`hold ${found} as the deepest on the way to ${JSON.stringify(path)} when there is ${JSON.stringify(existing)}`, async () => {
      expect(await container(existing).folders.existing(path)).to.deep.equal({ path: found, kind });
    });
  }

  it('are asked for from the top, each once, and nothing below what is not there', async () => {
    const { asked, folders } = container({ '/opt': 'folder' });
    const found = await Promise.all(['/opt/a/b', '/opt/a/c', '/opt'].map((path) => folders.existing(path)));
    expect(asked).to.deep.equal(['/opt', '/opt/a']);
    expect(found.map(({ path }) => path)).to.deep.equal(['/opt', '/opt', '/opt']);
  });
});
