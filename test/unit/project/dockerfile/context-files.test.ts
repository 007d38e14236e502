import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { expect } from 'chai';
import {
  contextFiles,
  linkTarget,
  permissions,
  type ContextOptions,
} from '../../../../src/project/dockerfile/context-files.js';
import { rejection } from '../../../support/rejection.js';
import { TemporaryFolder } from '../../temporary-folder.js';

describe('what a file of a build context may be used for', () => {
  it('is what its mode says, and on Windows, which has no right to execute, everything, as docker has it', () => {
    expect([0o100644, 0o100755, 0o104750].map((mode) => permissions(mode, 'linux'))).to.deep.equal([
      0o644, 0o755, 0o4750,
    ]);
    expect([0o100666, 0o100444].map((mode) => permissions(mode, 'win32'))).to.deep.equal([0o755, 0o755]);
  });
});

describe('the files of a build context', () => {
  let folder: TemporaryFolder;

  beforeEach(async () => {
    folder = await TemporaryFolder.create();
  });
  afterEach(() => folder.remove());

  async function named(options: Partial<ContextOptions> = {}): Promise<string[]> {
    const names: string[] = [];
    const given = { dockerfile: 'Dockerfile', usesBuildKit: true, kept: [], ...options };
    for await (const { name, stat } of contextFiles(folder.path, given))
      names.push(stat.isDirectory() ? `${name}/` : name);
    return names;
  }
  const write = (ignore: string | undefined, ...names: string[]) =>
    folder.write({
      ...Object.fromEntries(names.map((name) => [name, ''])),
      ...(ignore !== undefined && { '.dockerignore': ignore }),
    });

  // docs.docker.com, "dockerignore files"; `.dockerignore` itself is left out in each, so that lists are short.
  const TREE = ['README.md', 'a.md', 'src/a.py', 'src/a.pyc', 'src/deep/b.pyc', 'temp/x', 'src/temp1/y', 'tempo'];
  const cases: readonly (readonly [ignore: string, expected: string])[] = [
    ['', 'README.md a.md src/ src/a.py src/a.pyc src/deep/ src/deep/b.pyc src/temp1/ src/temp1/y temp/ temp/x tempo'],
    ['src\ntemp', 'README.md a.md tempo'],
    ['/src/\ntemp/', 'README.md a.md tempo'],
    ['./src\n./temp/.', 'README.md a.md tempo'],
    [
      '../src\nsrc/../temp',
      'README.md a.md src/ src/a.py src/a.pyc src/deep/ src/deep/b.pyc src/temp1/ src/temp1/y tempo',
    ],
    ['SRC\ntemp?\n*/temp*', 'README.md a.md src/ src/a.py src/a.pyc src/deep/ src/deep/b.pyc temp/ temp/x'],
    ['*.md\n!README.md\nsrc\ntemp*', 'README.md'],
    ['!README.md\n*.md\nsrc\ntemp*', ''],
    ['*\n!src/*.py', 'src/a.py'],
    ['*\n!src\nsrc/deep', 'src/ src/a.py src/a.pyc src/temp1/ src/temp1/y'],
    ['**/*.pyc\ntemp*\n*.md', 'src/ src/a.py src/deep/ src/temp1/ src/temp1/y'],
    ['*.pyc\n*.md\ntemp*\nsrc/deep\nsrc/temp1', 'src/ src/a.py src/a.pyc'],
    ['**\n!**/*.py', 'src/a.py'],
    ['**/temp1\nsrc/**/*.pyc\n*.md\ntemp*', 'src/ src/a.py src/deep/'],
    ['src/**\n*.md\ntemp*', 'src/'],
    ['src/*\n!src/deep\n*.md\ntemp*', 'src/ src/deep/ src/deep/b.pyc'],
    ['src\n!src/deep/b.pyc\n*.md\ntemp*', 'src/deep/b.pyc'],
    ['src\n!src/deep/\nsrc/deep/*.pyc\n*.md\ntemp*', 'src/deep/'],
    ['\uFEFFsrc\r\ntemp*\r\n# *.md\r\n\r\n', 'README.md a.md'],
    ['  src  \n\ttemp*', 'README.md a.md'],
    [' # src\nsrc\ntemp*', 'README.md a.md'],
    ['*\n! README.md', 'README.md'],
  ];
  for (const [ignore, expected] of cases)
    it(`are those that docker sends with ${JSON.stringify(ignore)}`, async () => {
      await write(`${ignore}\n.dockerignore`, ...TREE);
      expect((await named()).join(' ')).to.equal(expected);
    });

  it('are left out by the Dockerfile’s own list where BuildKit reads it, and by that alone', async () => {
    await write('b', 'a', 'b', 'Dockerfile', 'docker/app');
    await folder.write({ 'Dockerfile.dockerignore': '.dockerignore\na', 'docker/app.dockerignore': '*\n!b' });
    expect(await named()).to.deep.equal([
      ...['Dockerfile', 'Dockerfile.dockerignore', 'b', 'docker/', 'docker/app', 'docker/app.dockerignore'],
    ]);
    expect(await named({ usesBuildKit: false }))
      .to.include('a')
      .and.not.to.include('b');
    expect(await named({ dockerfile: 'docker/app' })).to.deep.equal(['b']);
  });

  it('are left out by kedro-docker’s list where the project has none', async () => {
    await write(undefined, 'Dockerfile', 'data/x', 'logs/.gitkeep', 'logs/a', 'conf/local/credentials.yml', 'src/a.py');
    expect(await named()).to.deep.equal(['conf/', 'logs/.gitkeep', 'src/', 'src/a.py']);
  });

  it('include those that are kept whatever the list says, but not what is beside them', async () => {
    await write('*', 'a/b/Dockerfile', 'a/b/c', 'a/d');
    expect(await named({ kept: ['a/b/Dockerfile'] })).to.deep.equal(['a/b/Dockerfile']);
  });

  it('have one order, whichever they were made in', async () => {
    const names = Array.from({ length: 200 }, (_, index) => `f${(index * 83) % 200}`);
    await write('.dockerignore', ...names, 'f1-/x', 'f1./x', 'F', 'é', 'z');
    const first = await named();
    expect(first).to.have.length(207);
    expect(first).to.deep.equal(
      first.toSorted((one, other) => (one.replace(/\/$/, '') < other.replace(/\/$/, '') ? -1 : 1)),
    );
  });

  it('include empty folders and sockets, but what is behind no link', async () => {
    await write('.dockerignore', 'real/x');
    await mkdir(folder.file('empty'));
    for (const [target, name] of [
      ['real', 'to-folder'],
      ['gone', 'dangling'],
      ['/etc', 'outside'],
      ['.', 'circle'],
    ] as const)
      await symlink(target, folder.file(name));
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(folder.file('socket'), resolve));
    expect(await named()).to.deep.equal([
      ...['circle', 'dangling', 'empty/', 'outside', 'real/', 'real/x', 'socket', 'to-folder'],
    ]);
    await new Promise((resolve) => server.close(resolve));
  });

  it('are left out without a word where they vanish meanwhile', async () => {
    await write('.dockerignore', 'a', 'b', 'c/d');
    const seen: string[] = [];
    const options = { dockerfile: 'Dockerfile', usesBuildKit: true, kept: [] };
    for await (const { name } of contextFiles(folder.path, options)) {
      seen.push(name);
      if (name !== 'a') continue;
      const { rm } = await import('node:fs/promises');
      await rm(folder.file('b'));
      await rm(folder.file('c'), { recursive: true });
    }
    expect(seen).to.deep.equal(['a']);
  });

  describe('with names that are not UTF-8', () => {
    const LATIN = Buffer.from('gr\xfcn.csv', 'latin1');
    const at = (name: Buffer) => Buffer.concat([Buffer.from(`${folder.path}/`), name]);

    beforeEach(async function () {
      // macOS has no such names.
      await folder.write({ '.dockerignore': '' });
      await writeFile(at(LATIN), '').catch(() => this.skip());
    });

    it('cannot be put into an image, and that is said', async () => {
      const error = await rejection(named());
      expect(error.code).to.equal('configuration');
      expect(error.message).to.match(/^the name of gr.n\.csv is not UTF-8/);
      expect(error.hint).to.contain('.dockerignore');
    });

    it('can be left out, alone or with their folder', async () => {
      await write('.dockerignore\n*.csv', 'a');
      expect(await named()).to.deep.equal(['a']);
    });

    it('are those of links, too: where one leads to is written as it is', async () => {
      await symlink('grün.csv', folder.file('good'));
      await symlink(LATIN, folder.file('bad'));
      const file = (name: string) => ({ name, file: folder.file(name) });
      expect(await linkTarget(file('good'))).to.equal('grün.csv');
      expect((await rejection(linkTarget(file('bad')))).message).to.match(/^what the link bad leads to is not UTF-8/);
    });
  });
});
