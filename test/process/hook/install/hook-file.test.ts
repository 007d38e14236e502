import { chmod, link, lstat, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { systemCodeOf } from '../../../../src/errors.js';
import { putHook, readHookFile, restoreHook } from '../../../../src/hook/install/hook-file.js';
import { TemporaryFolder } from '../../../unit/temporary-folder.js';
import { rejection } from '../../../support/rejection.js';
import { run } from '../../../support/push-sandbox.js';

describe('a hook’s file', () => {
  let folder: TemporaryFolder;
  beforeEach(async () => {
    folder = await TemporaryFolder.create();
  });
  afterEach(() => folder.remove());

  const hook = () => folder.file('pre-push');
  const kept = () => folder.file('kept');
  const codeOf = (writing: Promise<void>) => writing.then(() => 'written', systemCodeOf);

  it('has the new text and the old one under its other name', async () => {
    await folder.write({ 'pre-push': 'old' });
    const { ino } = await lstat(hook());
    await putHook(folder.path, hook(), 'new', kept());
    expect([await readFile(hook(), 'utf8'), await readFile(kept(), 'utf8')]).to.deep.equal(['new', 'old']);
    expect((await lstat(kept())).ino, 'the same file, not a copy of it').to.equal(ino);
    await restoreHook(folder.path, kept(), hook());
    expect([await readdir(folder.path), (await lstat(hook())).ino]).to.deep.equal([['pre-push'], ino]);
  });

  it('can be executed by everybody, whatever the umask: git passes over a hook that it may not execute', async () => {
    const umask = process.umask(0o177);
    try {
      await putHook(folder.path, hook(), 'new', undefined);
    } finally {
      process.umask(umask);
    }
    expect((await lstat(hook())).mode & 0o777).to.equal(0o755);
  });

  it('is left when its other name is taken, and nothing is lost of what has it', async () => {
    for (const taken of ['file', 'link']) {
      await folder.write({ 'pre-push': 'old', target: 'precious' });
      if (taken === 'file') await writeFile(kept(), 'precious');
      else await symlink('target', kept());
      expect(await codeOf(putHook(folder.path, hook(), 'new', kept()))).to.equal('EEXIST');
      expect([await readFile(hook(), 'utf8'), await readFile(kept(), 'utf8')]).to.deep.equal(['old', 'precious']);
      expect((await readdir(folder.path)).filter((name) => name.startsWith('.'))).to.deep.equal([]);
      await folder.remove();
      folder = await TemporaryFolder.create();
    }
  });

  it('is left as it was when the disk does not take the new one', async () => {
    await folder.write({ 'pre-push': 'old' });
    const source = fileURLToPath(new URL('../../../../src/hook/install/hook-file.ts', import.meta.url));
    const program = `const { putHook } = await import(${JSON.stringify(source)});
await putHook(${JSON.stringify(folder.path)}, ${JSON.stringify(hook())}, 'new', ${JSON.stringify(kept())}).catch((error) => console.log(error.cause.code));`;
    // No file may become longer than nothing.
    const limited = 'ulimit -f 0; exec "$0" --import tsx --input-type=module --eval "$1"';
    const env = { PATH: process.env.PATH ?? '', TSX_DISABLE_CACHE: '1' };
    const outcome = await run('sh', ['-c', limited, process.execPath, program], process.cwd(), env);
    expect(outcome.stdout, outcome.stderr).to.equal('EFBIG\n');
    expect([await readFile(hook(), 'utf8'), await readdir(folder.path)]).to.deep.equal(['old', ['pre-push']]);
  });

  it('never takes the place of a folder', async () => {
    await folder.write({ 'pre-push/inside': '' });
    expect(await codeOf(putHook(folder.path, hook(), 'new', undefined))).to.equal('EISDIR');
    expect([await readdir(folder.path), await readdir(hook())]).to.deep.equal([['pre-push'], ['inside']]);
  });

  it('that has two names already is given back under the one and loses the other', async () => {
    await folder.write({ 'pre-push': 'old' });
    await link(hook(), kept());
    await restoreHook(folder.path, kept(), hook());
    expect(await readdir(folder.path)).to.deep.equal(['pre-push']);
  });

  it('is read through a link, and a link that goes in a circle is an empty hook', async () => {
    await folder.write({ target: 'words' });
    await symlink('target', hook());
    expect(await readHookFile(hook())).to.include({ author: 'foreign', text: 'words' });
    await symlink('circle', folder.file('circle'));
    expect(await readHookFile(folder.file('circle'))).to.include({ author: 'foreign', text: '' });
  });

  it('is none where there is none, nor a folder for it', async () => {
    expect(await readHookFile(hook())).to.deep.equal({ kind: 'none' });
    await folder.write({ file: '' });
    expect(await readHookFile(folder.file('file/pre-push'))).to.deep.equal({ kind: 'none' });
  });

  it('is executable by anyone, by its owner alone, or not at all', async () => {
    await folder.write({ 'pre-push': 'words' });
    for (const [mode, executable] of [
      [0o755, true],
      [0o700, true],
      [0o601, true],
      [0o644, false],
    ] as const) {
      await chmod(hook(), mode);
      expect(await readHookFile(hook())).to.deep.equal({ kind: 'hook', author: 'foreign', text: 'words', executable });
    }
  });

  it('that is a link may be executed, and one that leads nowhere is an empty hook', async () => {
    await symlink('nowhere', hook());
    expect(await readHookFile(hook())).to.deep.equal({ kind: 'hook', author: 'foreign', text: '', executable: true });
  });

  it('is put into a folder that is not there yet', async () => {
    await putHook(folder.path, folder.file('a/b/pre-push'), 'new', undefined);
    expect(await readFile(folder.file('a/b/pre-push'), 'utf8')).to.equal('new');
  });

  it('that is a folder is refused', async () => {
    await mkdir(hook());
    const { code, message, hint } = await rejection(readHookFile(hook()));
    expect([code, message, hint]).to.deep.equal([
      'usage',
      `${hook()} is not a file`,
      'move it out of the way, and try again',
    ]);
  });

  it('that is a link to a folder is refused', async () => {
    await symlink('.', hook());
    const { code, message, hint, cause } = await rejection(readHookFile(hook()));
    expect([code, message, hint, systemCodeOf(cause)]).to.deep.equal([
      'usage',
      `${hook()} cannot be read`,
      'fix its permissions',
      'EISDIR',
    ]);
  });

  it('is not taken for none where the system cannot tell', async () => {
    const path = folder.file('x'.repeat(300));
    expect(await readHookFile(path).then(() => 'read', systemCodeOf)).to.equal('ENAMETOOLONG');
  });
});
