import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { expect } from 'chai';

import { projectEntries } from '../../../../src/builders/layers/project-layer.js';

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
});
