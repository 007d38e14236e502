import { execFileSync } from 'node:child_process';
import { chmod, chown, lstat, mkdir, readdir, rm, stat, symlink } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import { mayWrite, openDataFolder } from '../../../src/run/data-folder.js';
import type { Owner } from '../../../src/image/passwd.js';
import { TemporaryFolder } from '../../unit/temporary-folder.js';

describe('a data folder for the container’s user', () => {
  let folder: TemporaryFolder;
  let data: string;
  let me: Owner;
  /** Neither the owner of the files nor in their group. */
  let stranger: Owner;

  beforeEach(async () => {
    folder = await TemporaryFolder.create();
    await folder.write({ 'data/raw/planes.csv': 'planes', 'data/.gitkeep': '', 'outside/secret': 'hunter2' });
    data = folder.file('data');
    const { uid, gid } = await lstat(data);
    [me, stranger] = [
      { uid, gid },
      { uid: uid + 4242, gid: gid + 4242 },
    ];
    await setModes({ '': 0o750, raw: 0o700, 'raw/planes.csv': 0o640, '.gitkeep': 0o600 });
  });

  afterEach(async () => folder.remove());

  const setModes = async (modes: Readonly<Record<string, number>>): Promise<void> => {
    for (const [name, mode] of Object.entries(modes)) await chmod(path.join(data, name), mode);
  };
  /** `{raw: '750'}`: of everything in the folder and the folder itself. */
  const modes = async (): Promise<Record<string, string>> => {
    const names = ['', ...(await readdir(data, { recursive: true }))].sort();
    const entries = names.map(async (name) => {
      const { mode } = await lstat(path.join(data, name));
      return [name, (mode & 0o7777).toString(8)] as const;
    });
    return Object.fromEntries(await Promise.all(entries));
  };
  const BEFORE = { '': '750', raw: '700', 'raw/planes.csv': '640', '.gitkeep': '600' };
  const open = (user: Owner) => openDataFolder(data, user, 'linux');

  it('is opened to others all the way down, as far as needed, and closed again', async () => {
    const opened = await open(stranger);
    expect(await modes()).to.deep.equal({ '': '757', raw: '707', 'raw/planes.csv': '646', '.gitkeep': '606' });
    await opened?.close();
    expect(await modes()).to.deep.equal(BEFORE);
  });

  it('is opened to the group where the user is in it: what others may do does not count then', async () => {
    const opened = await open({ uid: stranger.uid, gid: me.gid });
    expect(await modes()).to.deep.equal({ '': '770', raw: '770', 'raw/planes.csv': '660', '.gitkeep': '660' });
    await opened?.close();
    expect(await modes()).to.deep.equal(BEFORE);
  });

  it('is left alone where it can be written to as it is', async () => {
    await setModes({ '': 0o757, raw: 0o703, 'raw/planes.csv': 0o602, '.gitkeep': 0o666 });
    const before = await modes();
    expect(await open(stranger)).to.equal(undefined);
    expect(await modes()).to.deep.equal(before);
  });

  it('is opened only where it cannot be written to, and keeps its other bits', async () => {
    await setModes({ '': 0o2757, raw: 0o1705, 'raw/planes.csv': 0o646, '.gitkeep': 0o755 });
    const before = await modes();
    const opened = await open(stranger);
    expect(await modes()).to.deep.equal({ '': '2757', raw: '1707', 'raw/planes.csv': '646', '.gitkeep': '757' });
    await opened?.close();
    expect(await modes()).to.deep.equal(before);
  });

  it('never opens what a link leads to: that lies outside of what is mounted', async () => {
    await chmod(folder.file('outside/secret'), 0o600);
    await chmod(folder.file('outside'), 0o700);
    await symlink(folder.file('outside/secret'), path.join(data, 'file'));
    await symlink(folder.file('outside'), path.join(data, 'folder'));
    await symlink(folder.file('none'), path.join(data, 'nothing'));
    await open(stranger);
    expect((await stat(folder.file('outside/secret'))).mode & 0o777).to.equal(0o600);
    expect((await stat(folder.file('outside'))).mode & 0o777).to.equal(0o700);
  });

  it('is closed after a run that deleted and added files', async () => {
    const opened = await open(stranger);
    await rm(path.join(data, 'raw'), { recursive: true });
    await mkdir(path.join(data, 'new'), { mode: 0o755 });
    await opened?.close();
    expect(await modes()).to.deep.equal({ '': '750', '.gitkeep': '600', new: '755' });
  });

  it('is closed again when it cannot be opened all the way', async () => {
    // Asked for twice a file: the first file is open by now.
    const failure = new Error('the disk is gone');
    const others = Object.defineProperty({ uid: stranger.uid }, 'gid', {
      get: breakAfter(3, () => stranger.gid, failure),
    }) as Owner;
    expect(await open(others).catch((error: unknown) => error)).to.equal(failure);
    expect(await modes()).to.deep.equal(BEFORE);
  });

  it('is left alone where nothing is to be done: for root, and where the engine maps owners', async () => {
    expect(await open({ uid: 0, gid: 0 })).to.equal(undefined);
    for (const platform of ['darwin', 'win32'] as const) {
      expect(await openDataFolder(data, stranger, platform)).to.equal(undefined);
    }
    expect(await modes()).to.deep.equal(BEFORE);
  });

  it('that is not there is told, and not made', async () => {
    const error: unknown = await openDataFolder(folder.file('none'), stranger, 'linux').catch(
      (thrown: unknown) => thrown,
    );
    expect(error).to.have.property('code', 'ENOENT');
  });

  // Only root may give files away and take on another user.
  if (process.getuid?.() === 0) {
    const owners: readonly [what: string, file: Owner, user: Owner][] = [
      ['is somebody else', { uid: 1000, gid: 1000 }, { uid: 999, gid: 999 }],
      ['is in the group of its files, such as root’s', { uid: 0, gid: 0 }, { uid: 999, gid: 0 }],
      ['owns it, but may not write', { uid: 999, gid: 999 }, { uid: 999, gid: 999 }],
    ];
    for (const [what, owner, user] of owners) {
      it(`can be written to by a process whose user ${what}, and only while it is open`, async () => {
        for (const name of ['', 'raw', 'raw/planes.csv', '.gitkeep']) {
          await chown(path.join(data, name), owner.uid, owner.gid);
        }
        await setModes({ '': 0o555, raw: 0o555, 'raw/planes.csv': 0o444, '.gitkeep': 0o444 });
        await chmod(folder.path, 0o755);
        const write = () =>
          execFileSync('/bin/sh', ['-c', 'cat raw/planes.csv && echo more >> raw/planes.csv && echo new > raw/new'], {
            cwd: data,
            ...user,
            stdio: ['ignore', 'pipe', 'ignore'],
          }).toString();
        expect(write).to.throw('Command failed');
        const opened = await open(user);
        expect(write()).to.equal('planes');
        await opened?.close();
        expect(write).to.throw('Command failed');
      });
    }
  }

  const kernel: readonly [mode: number, file: Owner, user: Owner, isAllowed: boolean][] = [
    [0o200, { uid: 1, gid: 1 }, { uid: 1, gid: 2 }, true],
    [0o577, { uid: 1, gid: 1 }, { uid: 1, gid: 1 }, false],
    [0o020, { uid: 1, gid: 1 }, { uid: 2, gid: 1 }, true],
    [0o757, { uid: 1, gid: 1 }, { uid: 2, gid: 1 }, false],
    [0o002, { uid: 1, gid: 1 }, { uid: 2, gid: 2 }, true],
    [0o775, { uid: 1, gid: 1 }, { uid: 2, gid: 2 }, false],
    // A uid is no gid.
    [0o200, { uid: 1, gid: 2 }, { uid: 2, gid: 1 }, false],
  ];
  for (const [mode, file, user, isAllowed] of kernel) {
    it(`${isAllowed ? 'lets' : 'does not let'} ${user.uid}:${user.gid} write to a file of ${file.uid}:${file.gid} with mode ${mode.toString(8)}`, () => {
      expect(mayWrite({ ...file, mode }, user)).to.equal(isAllowed);
    });
  }
});

/** Answers so many times, then throws. */
function breakAfter<T>(times: number, answer: () => T, failure: Error): () => T {
  let left = times;
  return () => {
    if (left-- === 0) throw failure;
    return answer();
  };
}
