import { mkdir, symlink, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { expect } from 'chai';
import { readPlainFile } from '../../src/plain-file.js';
import { fileProblem } from '../../src/system-error.js';
import { failure } from '../support/failure.js';
import { TemporaryFolder } from './temporary-folder.js';

describe('a file outside the project', () => {
  let folder: TemporaryFolder;
  beforeEach(async () => {
    folder = await TemporaryFolder.create();
  });
  afterEach(() => folder.remove());

  const problemWith = async (name: string): Promise<string | undefined> =>
    fileProblem(await failure(readPlainFile(folder.file(name))))?.message;

  it('is read, also through links, as Kubernetes mounts a secret', async () => {
    await writeFile(folder.file('token'), 'abc\n');
    await symlink('token', folder.file('link'));
    await symlink('link', folder.file('link of a link'));
    for (const name of ['token', 'link', 'link of a link'])
      expect((await readPlainFile(folder.file(name))).toString()).to.equal('abc\n');
  });

  it('is refused where reading it would never end', async () => {
    await symlink('/dev/zero', folder.file('device'));
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(folder.file('socket'), resolve));
    try {
      for (const name of ['device', 'socket']) expect(await problemWith(name)).to.contain('it is not an ordinary file');
    } finally {
      server.close();
    }
  });

  it('is refused where it is a folder, a circle of links, too large or not there', async () => {
    await mkdir(folder.file('folder'));
    await symlink('circle', folder.file('circle'));
    await writeFile(folder.file('large'), '');
    await truncate(folder.file('large'), 3_000_000_000);
    await writeFile(folder.file('largest'), '');
    await truncate(folder.file('largest'), 64 * 1024 * 1024);
    expect(await readPlainFile(folder.file('largest'))).to.have.length(64 * 1024 * 1024);
    for (const [name, reason] of [
      ['folder', 'it is a folder'],
      ['circle', 'its links lead in a circle'],
      ['large', 'it is too large'],
      ['nothing', 'it, or a folder on the way to it, does not exist'],
    ] as const)
      expect(await problemWith(name), name).to.contain(reason);
  });
});
