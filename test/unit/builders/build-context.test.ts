import { chmod, mkdir, symlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { expect } from 'chai';
import fc from 'fast-check';
import { extract, type Header } from 'tar-stream';
import { packBuildContext } from '../../../src/builders/engine/pack-context.js';
import { TemporaryFolder } from '../temporary-folder.js';

interface Entry {
  readonly header: Header;
  readonly content: Buffer;
}

describe('the build context', () => {
  let folder: TemporaryFolder;

  beforeEach(async () => {
    folder = await TemporaryFolder.create();
  });

  afterEach(async () => folder.remove());

  const pack = async (dockerfile = 'Dockerfile', usesBuildKit = false): Promise<Map<string, Entry>> => {
    const { stream } = await packBuildContext(folder.path, dockerfile, usesBuildKit);
    const entries = new Map<string, Entry>();
    const tar = extract();
    stream.pipe(tar);
    stream.once('error', (error: Error) => tar.destroy(error));
    for await (const entry of tar) {
      const chunks: Buffer[] = [];
      for await (const chunk of entry) chunks.push(chunk as Buffer);
      entries.set(entry.header.name.replace(/\/$/, ''), { header: entry.header, content: Buffer.concat(chunks) });
    }
    return entries;
  };
  /** Names of the files; folders come along by themselves. */
  const filesOf = async (dockerfile?: string, usesBuildKit?: boolean): Promise<string[]> =>
    [...(await pack(dockerfile, usesBuildKit))]
      .filter(([, { header }]) => header.type !== 'directory')
      .map(([name]) => name);
  const write = (...names: string[]) => folder.write(Object.fromEntries(names.map((name) => [name, name])));

  it('holds every file with its content, mode and time, owned by root', async () => {
    await folder.write({ '.dockerignore': '', Dockerfile: 'FROM x', 'bin/run me': 'ä', 'empty/none': '' });
    await chmod(folder.file('bin/run me'), 0o750);
    await mkdir(folder.file('hollow'));
    const entries = await pack();
    expect([...entries.keys()]).to.deep.equal([
      '.dockerignore',
      'Dockerfile',
      'bin',
      'bin/run me',
      'empty',
      'empty/none',
      'hollow',
    ]);
    expect(entries.get('bin/run me')?.header).to.include({ mode: 0o750, uid: 0, gid: 0, type: 'file', size: 2 });
    expect(entries.get('bin/run me')?.content.toString()).to.equal('ä');
    expect(entries.get('hollow')?.header.type).to.equal('directory');
    expect(Math.abs(Number(entries.get('bin/run me')?.header.mtime) - Date.now())).to.be.lessThan(60_000);
  });

  it('is in the same order every time, so that the engine’s cache is hit', async () => {
    await write('.dockerignore', 'b', 'a/z', 'a/b', 'B', 'ä');
    expect(await filesOf()).to.deep.equal(['.dockerignore', 'B', 'a/b', 'a/z', 'b', 'ä']);
  });

  it('keeps links as links, broken ones and those to folders too', async () => {
    await write('.dockerignore', 'real/file');
    await symlink('real', folder.file('to-folder'));
    await symlink('gone', folder.file('broken'));
    const entries = await pack();
    expect(entries.get('to-folder')?.header).to.include({ type: 'symlink', linkname: 'real' });
    expect(entries.get('broken')?.header).to.include({ type: 'symlink', linkname: 'gone' });
    expect([...entries.keys()]).not.to.include('to-folder/file');
  });

  it('leaves out what no image can hold, such as a socket', async () => {
    await write('.dockerignore', 'a');
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(folder.file('s.sock'), resolve));
    expect(await filesOf()).to.deep.equal(['.dockerignore', 'a']);
    await new Promise((resolve) => server.close(resolve));
  });

  it('holds names and files of any length, streamed', async () => {
    const name = `${'long/'.repeat(30)}${'n'.repeat(150)}`;
    const content = Buffer.alloc(3_000_000, 'x');
    await folder.write({ '.dockerignore': '', [name]: content });
    expect((await pack()).get(name)?.content.equals(content)).to.equal(true);
  });

  it('counts its files while it is read', async () => {
    await write('.dockerignore', 'a', 'b/c');
    const context = await packBuildContext(folder.path, 'Dockerfile', false);
    for await (const chunk of context.stream) expect(chunk).not.to.equal(undefined);
    expect(context.count()).to.equal(3);
  });

  it('fails when the project is not there', async () => {
    const context = await packBuildContext(folder.file('none'), 'Dockerfile', false);
    const failure = await new Promise<Error>((resolve) => context.stream.once('error', resolve).resume());
    expect(failure.message).to.contain('ENOENT');
  });

  it('can be given up half way', async () => {
    await folder.write({ '.dockerignore': '', big: Buffer.alloc(3_000_000) });
    const { stream } = await packBuildContext(folder.path, 'Dockerfile', false);
    for await (const chunk of stream) {
      expect(chunk).not.to.equal(undefined);
      break;
    }
    expect(stream.destroyed).to.equal(true);
  });

  describe('leaves out by .dockerignore', () => {
    // Docker's documented semantics (docs.docker.com, "dockerignore files"), on one tree of files.
    const TREE = [
      'README.md',
      'docs/README.md',
      'docs/deep/notes.md',
      'src/app.py',
      'src/app.pyc',
      'conf/base/keep.yml',
      'conf/local/credentials.yml',
      'conf/prod/keep.yml',
      'tempa',
      'tempab',
      '#odd',
    ];
    const everythingBut = (...names: string[]) => TREE.filter((name) => !names.includes(name));
    const cases: readonly [lines: string[], files: string[]][] = [
      [[], TREE],
      [['# README.md', '', '   '], TREE],
      [['README.md'], everythingBut('README.md')],
      [['/README.md'], everythingBut('README.md')],
      [['readme.md'], TREE],
      [['README'], TREE],
      [['**/README.md'], everythingBut('README.md', 'docs/README.md')],
      [['*.md'], everythingBut('README.md')],
      [['*/*.md'], everythingBut('docs/README.md')],
      [['**/*.md'], everythingBut('README.md', 'docs/README.md', 'docs/deep/notes.md')],
      [['temp?'], everythingBut('tempa')],
      [['docs'], everythingBut('docs/README.md', 'docs/deep/notes.md')],
      [['docs/'], everythingBut('docs/README.md', 'docs/deep/notes.md')],
      [['  docs  '], everythingBut('docs/README.md', 'docs/deep/notes.md')],
      [['doc'], TREE],
      [['docs/*', '!docs/README.md'], everythingBut('docs/deep/notes.md')],
      [['docs', '!docs/README.md'], everythingBut('docs/deep/notes.md')],
      [['docs', '  ! docs/README.md '], everythingBut('docs/deep/notes.md')],
      [['!docs/README.md', 'docs'], everythingBut('docs/README.md', 'docs/deep/notes.md')],
      [['conf', '!conf/*/keep.yml'], everythingBut('conf/local/credentials.yml')],
      [['conf', '!**/keep.yml'], everythingBut('conf/local/credentials.yml')],
      [['conf/**', '!conf/base', '!conf/prod/keep.yml'], everythingBut('conf/local/credentials.yml')],
      [['conf/local', '!conf/local/.gitkeep'], everythingBut('conf/local/credentials.yml')],
      [
        ['*', '!src'],
        ['src/app.py', 'src/app.pyc'],
      ],
      [['*', '!src', 'src/*.pyc'], ['src/app.py']],
      [['**', '!src/app.py'], ['src/app.py']],
      [['src/*.py[cod]'], everythingBut('src/app.pyc')],
    ];
    for (const [lines, files] of cases) {
      it(`of ${JSON.stringify(lines)}`, async () => {
        await write(...TREE);
        await folder.write({ '.dockerignore': lines.join('\n') });
        expect((await filesOf()).filter((name) => name !== '.dockerignore').toSorted()).to.deep.equal(files.toSorted());
      });
    }

    it('with line ends of Windows and a byte order mark', async () => {
      await folder.write({ '.dockerignore': '\uFEFFa\r\nb\r\n', a: '', b: '', c: '' });
      expect(await filesOf()).to.deep.equal(['.dockerignore', 'c']);
    });

    it('everything but the one file that is excepted, wherever it lies', async () => {
      const part = fc.constantFrom('a', 'b', 'c');
      const file = fc.tuple(part, part, part).map((parts) => parts.join('/'));
      await fc.assert(
        fc.asyncProperty(fc.uniqueArray(file, { minLength: 1, maxLength: 6 }), fc.nat(5), async (files, at) => {
          const kept = files[at % files.length] ?? '';
          const own = await TemporaryFolder.create();
          try {
            await own.write({ ...Object.fromEntries(files.map((name) => [name, ''])), '.dockerignore': `*\n!${kept}` });
            const { stream, count } = await packBuildContext(own.path, 'Dockerfile', false);
            await stream.resume().toArray();
            // The named file and .dockerignore.
            expect(count()).to.equal(2);
          } finally {
            await own.remove();
          }
        }),
        { numRuns: 30 },
      );
    });
  });

  describe('always holds', () => {
    it('the Dockerfile and .dockerignore, which the engine needs although they are ignored', async () => {
      await folder.write({ '.dockerignore': '*', Dockerfile: 'FROM x', other: '' });
      expect(await filesOf()).to.deep.equal(['.dockerignore', 'Dockerfile']);
    });

    for (const dockerfile of ['docker/prod/Dockerfile', './docker/prod/Dockerfile']) {
      it(`a Dockerfile in an ignored folder, named ${dockerfile}`, async () => {
        await folder.write({
          '.dockerignore': 'docker',
          'docker/prod/Dockerfile': '',
          'docker/prod/x': '',
          'docker/y': '',
        });
        expect(await filesOf(dockerfile)).to.deep.equal(['.dockerignore', 'docker/prod/Dockerfile']);
      });
    }
  });

  describe('is decided', () => {
    it('by <Dockerfile>.dockerignore for BuildKit, and not for the classic builder, which does not know it', async () => {
      await folder.write({ 'my.dockerignore': 'a', '.dockerignore': 'b', my: '', a: '', b: '' });
      expect(await filesOf('my', true))
        .to.include('b')
        .and.not.to.include('a');
      expect(await filesOf('my', false))
        .to.include('a')
        .and.not.to.include('b');
    });

    it('by .dockerignore for BuildKit too, where there is no other', async () => {
      await folder.write({ '.dockerignore': 'b', my: '', a: '', b: '' });
      expect(await filesOf('my', true)).to.deep.equal(['.dockerignore', 'a', 'my']);
    });

    it('by what kedro docker would write, where there is no .dockerignore: credentials do not get in', async () => {
      await write('Dockerfile', 'conf/local/mlflow.yml', 'conf/base/credentials.yml', 'data/01_raw/x.csv', 'src/a.py');
      expect(await filesOf()).to.deep.equal(['Dockerfile', 'src/a.py']);
    });
  });
});
