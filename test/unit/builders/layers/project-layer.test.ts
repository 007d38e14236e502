import { chmod, mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { expect } from 'chai';

import { packLayer } from '../../../../src/builders/layers/pack/pack-layer.js';
import { projectEntries } from '../../../../src/builders/layers/project-layer.js';
import { readLayer } from '../../../../src/image/read-layer.js';

const OWNER = { uid: 999, gid: 0 };

describe("the layer with the project's files", () => {
  let project: string;
  beforeEach(async () => {
    project = await mkdtemp(path.join(tmpdir(), 'kdeploy-project-layer-'));
  });
  afterEach(() => rm(project, { recursive: true, force: true }));

  async function entriesOf(files: Readonly<Record<string, string>>): Promise<string[]> {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(project, name)), { recursive: true });
      await writeFile(path.join(project, name), text);
    }
    return listed();
  }
  async function listed(): Promise<string[]> {
    const lines: string[] = [];
    const options = { project, dockerfile: 'Dockerfile', folders: [], target: 'home/app', owner: OWNER };
    for await (const entry of projectEntries(options)) {
      const mode = entry.type === 'link' ? `-> ${entry.target}` : entry.mode.toString(8);
      lines.push(`${entry.path} ${entry.type} ${mode} ${entry.uid}:${entry.gid}`);
    }
    return lines;
  }

  it('has the modes that git knows, whatever the umask of the checkout was', async () => {
    await entriesOf({ '.dockerignore': '', 'run.sh': '', 'src/a.py': '' });
    await chmod(path.join(project, 'run.sh'), 0o700);
    await chmod(path.join(project, 'src/a.py'), 0o600);
    await chmod(path.join(project, 'src'), 0o700);
    await symlink('src/a.py', path.join(project, 'link'));
    expect(await listed()).to.deep.equal([
      'home/app/.dockerignore file 644 999:0',
      'home/app/link link -> src/a.py 999:0',
      'home/app/run.sh file 755 999:0',
      'home/app/src folder 755 999:0',
      'home/app/src/a.py file 644 999:0',
    ]);
  });

  it('gives a folder that is left out but for one file to the same owner', async () => {
    const files = {
      '.dockerignore': '.dockerignore\na\n!a/b/keep\n',
      'a/b/keep': '',
      'a/b/other': '',
      'a/c/other': '',
    };
    expect(await entriesOf(files)).to.deep.equal([
      'home/app/a folder 755 999:0',
      'home/app/a/b folder 755 999:0',
      'home/app/a/b/keep file 644 999:0',
    ]);
  });

  it('has no bytecode that Python keeps beside its source, but any other', async () => {
    const files = {
      '.dockerignore': '.dockerignore\n',
      'src/__pycache__/a.cpython-311.pyc': '',
      'src/a.pyc': '',
      'src/__pycache__.py': '',
    };
    expect(await entriesOf(files)).to.deep.equal([
      'home/app/src folder 755 999:0',
      'home/app/src/__pycache__.py file 644 999:0',
      'home/app/src/a.pyc file 644 999:0',
    ]);
  });

  it('keeps links as they are written: inside, dangling, out of the project and in a circle', async () => {
    await entriesOf({ '.dockerignore': '.dockerignore\nleft-out', 'src/a': '' });
    for (const [name, target] of [
      ['inside', './src/../src/a'],
      ['dangling', 'gone'],
      ['outside', '/etc/passwd'],
      ['above', '../../x'],
      ['folder', 'src'],
      ['circle', 'circle'],
      ['left-out', 'src'],
    ] as const)
      await symlink(target, path.join(project, name));
    expect((await listed()).filter((line) => line.includes('->'))).to.deep.equal([
      ...['home/app/above link -> ../../x 999:0', 'home/app/circle link -> circle 999:0'],
      ...['home/app/dangling link -> gone 999:0', 'home/app/folder link -> src 999:0'],
      ...['home/app/inside link -> ./src/../src/a 999:0', 'home/app/outside link -> /etc/passwd 999:0'],
    ]);
  });

  it('is the same layer whatever the times, the umask and the order in which the files were made', async () => {
    const names = ['b', 'a/y', 'a/x', 'a-b', 'a.b', 'é', 'run.sh', 'empty/'];
    const digests = new Set<string>();
    for (const [order, umask, year] of [
      [names, 0o022, 1970],
      [names.toReversed(), 0o077, 2026],
      [names.toSorted(), 0o002, 1979],
    ] as const) {
      await rm(project, { recursive: true });
      const before = process.umask(umask);
      try {
        await mkdir(project);
        for (const name of ['.dockerignore', ...order]) {
          const file = path.join(project, name);
          await mkdir(name.endsWith('/') ? file : path.dirname(file), { recursive: true });
          if (name.endsWith('/')) continue;
          await writeFile(file, name === '.dockerignore' ? '' : name);
          if (name === 'run.sh') await chmod(file, 0o777 & ~umask);
          await utimes(file, new Date(Date.UTC(year, 0, 1)), new Date(Date.UTC(year, 0, 1)));
        }
      } finally {
        process.umask(before);
      }
      const options = { project, dockerfile: 'Dockerfile', folders: [], target: 'home/app', owner: OWNER };
      const { bytes, facts } = packLayer(projectEntries(options), 'members');
      for await (const chunk of bytes) expect(chunk.length).to.be.greaterThan(0);
      digests.add(facts().digest);
    }
    expect(digests.size).to.equal(1);
    expect(await listed())
      .to.include('home/app/empty folder 755 999:0')
      .and.include('home/app/run.sh file 755 999:0');
  });

  it('has one time for every entry, which zip can store in every time zone', async () => {
    await entriesOf({ '.dockerignore': '', 'src/a.py': 'x' });
    await symlink('src', path.join(project, 'link'));
    await utimes(path.join(project, 'src/a.py'), new Date(0), new Date(0));
    const options = { project, dockerfile: 'Dockerfile', folders: [], target: 'home/app', owner: OWNER };
    const times: (number | undefined)[] = [];
    await readLayer(packLayer(projectEntries(options), 'members').bytes, ({ modified }) => {
      times.push(modified?.getTime());
    });
    expect(times).to.deep.equal(Array<number>(4).fill(Date.UTC(2020, 0, 1)));
  });

  it('is executable where its owner may execute it, as git has it, with no other bit', async () => {
    const modes = { a: 0o100, b: 0o677, c: 0o4755, d: 0o6644, e: 0o600, f: 0o444 };
    await entriesOf({
      '.dockerignore': '.dockerignore',
      ...Object.fromEntries(Object.keys(modes).map((each) => [each, ''])),
    });
    for (const [name, mode] of Object.entries(modes)) await chmod(path.join(project, name), mode);
    expect((await listed()).map((line) => line.split(' ')[2])).to.deep.equal([
      '755',
      '644',
      '755',
      '644',
      '644',
      '644',
    ]);
  });
});
