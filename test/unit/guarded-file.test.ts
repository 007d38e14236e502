import { chmod, lstat, mkdir, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { expect } from 'chai';
import { KdeployError } from '../../src/errors.js';
import { createFile, inFolderOf, replaceFile } from '../../src/guarded-file.js';
import { GuardedFolder } from '../../src/guarded-folder.js';
import { rejection } from '../support/rejection.js';
import { TemporaryFolder } from './temporary-folder.js';

describe('writing into a project', () => {
  let folder: TemporaryFolder;
  beforeEach(async () => {
    folder = await (await TemporaryFolder.create()).write({ 'project/a': 'old', 'outside/a': 'outside' });
  });
  afterEach(() => folder.remove());

  const root = () => folder.file('project');
  const text = (file: string) => readFile(folder.file(file), 'utf8');
  // Not through links.
  const everything = async () =>
    (await readdir(folder.path, { recursive: true, withFileTypes: true }))
      .map((entry) => relative(folder.path, join(entry.parentPath, entry.name)))
      .sort();

  it('creates a file with its folders, and nothing else', async () => {
    expect(await createFile(root(), 'conf/base/kdeploy.yml', 'new')).to.equal(true);
    expect(await text('project/conf/base/kdeploy.yml')).to.equal('new');
    expect(await readdir(folder.file('project/conf/base'))).to.deep.equal(['kdeploy.yml']);
  });

  it('creates nothing where something is: a file, a folder, a link that leads nowhere', async () => {
    await mkdir(folder.file('project/folder'));
    await symlink('nowhere', folder.file('project/link'));
    for (const name of ['a', 'folder', 'link']) expect(await createFile(root(), name, 'new'), name).to.equal(false);
    expect([await text('project/a'), await everything()]).to.deep.equal([
      'old',
      ['outside', 'outside/a', 'project', 'project/a', 'project/folder', 'project/link'],
    ]);
  });

  it('is done by one of many who create the same file at the same time', async () => {
    const all = await Promise.all(Array.from({ length: 10 }, (_, at) => createFile(root(), 'conf/x', String(at))));
    expect(all.filter(Boolean)).to.have.length(1);
    expect(await text('project/conf/x')).to.equal(String(all.indexOf(true)));
  });

  it('replaces a file with its rights, and a new one has those of the umask', async () => {
    await chmod(folder.file('project/a'), 0o664);
    const umask = process.umask(0o027);
    try {
      await replaceFile(root(), 'a', 'new');
      await replaceFile(root(), 'b', 'new');
    } finally {
      process.umask(umask);
    }
    const modes = await Promise.all(['a', 'b'].map(async (name) => (await stat(folder.file(`project/${name}`))).mode));
    expect(modes.map((mode) => mode & 0o777)).to.deep.equal([0o664, 0o640]);
    expect(await text('project/a')).to.equal('new');
  });

  it('writes a stream, and nothing where that ends with an error', async () => {
    const content = (failure?: Error) => ({
      async *[Symbol.asyncIterator]() {
        for (const part of ['a', 'b']) yield await Promise.resolve(Buffer.from(part));
        if (failure !== undefined) throw failure;
      },
    });
    await replaceFile(root(), 'a', content());
    const broken = replaceFile(root(), 'a', content(new KdeployError('image-not-found', 'broken')));
    expect((await rejection(broken)).message).to.equal('broken');
    expect([await text('project/a'), await readdir(root())]).to.deep.equal(['ab', ['a']]);
  });

  it('takes the place of a link, and leaves what that leads to', async () => {
    await symlink('../outside/a', folder.file('project/link'));
    await replaceFile(root(), 'link', 'new');
    expect([await text('project/link'), await text('outside/a')]).to.deep.equal(['new', 'outside']);
    expect((await lstat(folder.file('project/link'))).isSymbolicLink()).to.equal(false);
  });

  const ways: [what: string, link: string, target: string, file: string][] = [
    ['a folder that is a link out of it', 'conf', '../outside', 'conf/kdeploy.yml'],
    ['an absolute link', 'conf', '/usr', 'conf/share/kdeploy.yml'],
    ['a link to a folder that does not exist yet', 'conf', '../elsewhere', 'conf/base/kdeploy.yml'],
    ['a link behind a link', 'conf', 'second', 'conf/kdeploy.yml'],
    ['a link that leads to itself', 'conf', 'conf', 'conf/kdeploy.yml'],
    ['its own path', 'unused', 'a', '../outside/new'],
    ['its own path, by a way around', 'unused', 'a', 'conf/../../outside/new'],
  ];
  for (const [what, link, target, file] of ways) {
    it(`never leaves it through ${what}`, async () => {
      await symlink(target, folder.file(`project/${link}`));
      await symlink('../outside', folder.file('project/second'));
      const before = await everything();
      for (const write of [createFile, replaceFile]) {
        const error = await rejection(write(root(), file, 'new'));
        expect([error.code, error.message]).to.deep.equal([
          'configuration',
          `${file.replace(/\/[^/]+$/, '')} leads out of the project through a link; nothing was written`,
        ]);
      }
      expect([await everything(), await text('outside/a')]).to.deep.equal([before, 'outside']);
    });
  }

  it('may go through a link that stays in it, and to a project that is a link itself', async () => {
    await mkdir(folder.file('project/configuration'));
    await symlink('configuration', folder.file('project/conf'));
    await symlink('project', folder.file('alias'));
    await createFile(folder.file('alias'), 'conf/base/x', 'new');
    expect(await text('project/configuration/base/x')).to.equal('new');
  });

  it('says which part of the path is not a folder', async () => {
    expect((await rejection(createFile(root(), 'a/b/c', 'new'))).message).to.equal(
      'a is not a folder; nothing was written',
    );
  });

  it('goes where was looked, whatever is moved in between', async function () {
    // Only there a path starts from a folder that is open.
    if (process.platform !== 'linux') this.skip();
    await mkdir(folder.file('project/conf'));
    const open = await GuardedFolder.open(root(), 'conf');
    try {
      await rename(folder.file('project/conf'), folder.file('project/moved'));
      await symlink('../outside', folder.file('project/conf'));
      await open.create('x', { content: 'new' });
      await open.replace('y', { content: 'new' });
      expect(await readdir(folder.file('project/moved'))).to.deep.equal(['x', 'y']);
      expect(await readdir(folder.file('outside'))).to.deep.equal(['a']);
    } finally {
      await open.close();
    }
  });

  it('leaves nothing behind when it fails, and says what the file was and why', async () => {
    await mkdir(folder.file('project/conf/kdeploy.yml/inside'), { recursive: true });
    const error = await rejection(replaceFile(root(), 'conf/kdeploy.yml', 'new'));
    expect([error.code, error.message]).to.deep.equal([
      'configuration',
      'conf/kdeploy.yml cannot be written: it is a folder',
    ]);
    expect((error.cause as Error).message).not.to.contain('/proc/');
    expect(await readdir(folder.file('project/conf'))).to.deep.equal(['kdeploy.yml']);
  });

  it('needs no more than a moment of each folder that it opens', async () => {
    await Promise.all(Array.from({ length: 20 }, (_, at) => replaceFile(root(), `x/y/z/${at}`, 'new')));
    if (process.platform !== 'linux') return;
    const targets = await Promise.all(
      (await readdir('/proc/self/fd')).map((fd) =>
        import('node:fs/promises').then(({ readlink }) => readlink(`/proc/self/fd/${fd}`).catch(() => '')),
      ),
    );
    expect(targets.filter((target) => target.startsWith(folder.path))).to.deep.equal([]);
  });

  it('exchanges only what is still there', async () => {
    const exchange = (before: string | undefined, after: string) =>
      inFolderOf(root(), 'a', (open, name) =>
        open.exchange(name, before === undefined ? undefined : Buffer.from(before), { content: after }),
      );
    for (const before of [undefined, 'other', 'old '])
      expect((await rejection(exchange(before, 'new'))).message).to.equal(
        'a was changed in the meantime; nothing was written',
      );
    await exchange('old', 'new');
    expect([await text('project/a'), await readdir(root())]).to.deep.equal(['new', ['a']]);
    await rm(folder.file('project/a'));
    await symlink('../outside/a', folder.file('project/a'));
    await rejection(exchange('outside', 'new'));
    expect([await text('outside/a'), await readdir(root())]).to.deep.equal(['outside', ['a']]);
  });
});
