import { chmod, lstat, mkdir, readdir, readFile, rm, stat, symlink } from 'node:fs/promises';
import { expect } from 'chai';
import fc from 'fast-check';
import { extract, type Header } from 'tar-stream';
import { KdeployError } from '../../../../src/errors.js';
import { imageIn, readTree, treeOf } from '../../../../src/image/tree.js';
import { writeTree } from '../../../../src/image/write-tree.js';
import type { ArchiveSink } from '../../../../src/places/layout/archive-sink.js';
import { openLayout } from '../../../../src/places/layout/open-layout.js';
import { assertArchiveWritable, writeArchive } from '../../../../src/places/layout/write-archive.js';
import { sbomReferrer } from '../../../../src/supply-chain/referrer.js';
import { rejection } from '../../../support/rejection.js';
import { AMD64, ARM64, sampleIndex } from '../../image/sample-index.js';
import { sampleImage } from '../../image/sample-image.js';
import { TemporaryFolder } from '../../temporary-folder.js';
import { bytesOf, textBlob } from './sample-layout.js';

describe('writing a layout into a TAR file', () => {
  let folder: TemporaryFolder;
  beforeEach(async () => {
    folder = await TemporaryFolder.create();
  });
  afterEach(() => folder.remove());

  const { signal } = new AbortController();
  const app = () => folder.file('app.tar');
  const write = (work: (sink: ArchiveSink) => Promise<unknown>, path = app()) => writeArchive(path, work, signal);
  const writeImage = (layers: readonly string[], tags: readonly string[] = ['v1'], path = app()) =>
    write((sink) => writeTree(treeOf(sampleImage(layers)), sink, tags), path);
  const source = (name?: string) =>
    openLayout({ place: 'layout', path: app(), ...(name !== undefined && { name }) }, signal);
  const content = async () => (await readdir(folder.path)).sort();
  const headers = async (): Promise<Header[]> => {
    const [found, tar] = [[] as Header[], extract()];
    tar.on('entry', (header, stream, next) => {
      found.push(header);
      stream.on('end', next).resume();
    });
    const ended = new Promise<void>((resolve, reject) => tar.on('finish', resolve).on('error', reject));
    tar.end(await readFile(app()));
    await ended;
    return found;
  };

  it('makes one that is read back byte for byte', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string(), { maxLength: 4 }),
        fc.stringMatching(/^[a-z0-9_][a-z0-9._-]{0,20}$/),
        async (layers, tag) => {
          const image = sampleImage(layers.map((layer) => layer.replaceAll(/[^ -~]/g, 'x')));
          await write((sink) => writeTree(treeOf(image), sink, [tag]));
          const archive = await source(tag);
          const read = await imageIn(await readTree(archive), archive.name);
          expect(read.manifest.bytes.equals(image.manifest.bytes)).to.equal(true);
          expect(read.config.bytes.equals(image.config.bytes)).to.equal(true);
          for (const [at, layer] of read.layers.entries())
            expect(await bytesOf(layer.open())).to.deep.equal(
              await bytesOf(image.layers[at]?.open() ?? archive.blob(layer.descriptor)),
            );
        },
      ),
      { numRuns: 30 },
    );
    expect(await content()).to.deep.equal(['app.tar']);
  });

  it('takes large layers in pieces, and tells how many bytes have come', async () => {
    const piece = Buffer.alloc(300_000, 'abc');
    const whole = Buffer.concat(Array.from({ length: 10 }, () => piece));
    const heard: number[] = [];
    const large = {
      ...textBlob(whole),
      async *open() {
        for (let sent = 0; sent < 10; sent++) yield await Promise.resolve(piece);
      },
    };
    await write((sink) => sink.writeBlob(large, (count) => heard.push(count)));
    expect(heard.at(-1)).to.equal(whole.length);
    expect((await bytesOf((await source()).blob(large.descriptor))).equals(whole)).to.equal(true);
  });

  it('gives the same file for the same image, without a time, a user or a name of this machine', async () => {
    await writeImage(['a', 'bb', 'ccc', 'dddd', 'eeeee', 'ffffff']);
    const first = await readFile(app());
    await writeImage(['a', 'bb', 'ccc', 'dddd', 'eeeee', 'ffffff']);
    expect((await readFile(app())).equals(first)).to.equal(true);
    for (const { mtime, uid, gid, uname, gname, type, mode } of await headers())
      expect([mtime.toISOString(), uid, gid, uname, gname, mode]).to.deep.equal([
        '2020-01-01T00:00:00.000Z',
        ...[0, 0, '', '', type === 'directory' ? 0o755 : 0o644],
      ]);
  });

  it('has each blob once, folders before what is in them, and the index at the end', async () => {
    const [one, other] = ['amd64', 'arm64'].map((architecture) => sampleImage(['base', 'base'], { architecture }));
    const tree = sampleIndex([AMD64, treeOf(one!)], [ARM64, treeOf(other!)]);
    await write((sink) => writeTree(tree, sink, ['v1', 'v2']));
    const names = (await headers()).map(({ name }) => name);
    expect(names.slice(0, 3)).to.deep.equal(['oci-layout', 'blobs/', 'blobs/sha256/']);
    expect(names.at(-1)).to.equal('index.json');
    // Two manifests with their configurations, the one layer, the index.
    expect([names.length, new Set(names).size]).to.deep.equal([10, 10]);
    for (const tag of ['v1', 'v2'])
      expect((await readTree(await source(tag))).document.digest).to.equal(tree.document.digest);
  });

  it('opens no blob before its turn', async () => {
    const open = new Set<string>();
    const watched = (text: string) => ({
      ...textBlob(text),
      async *open() {
        open.add(text);
        expect([...open]).to.deep.equal([text]);
        yield await Promise.resolve(Buffer.from(text));
        open.delete(text);
      },
    });
    const fates = await write((sink) => Promise.all(['a', 'b', 'c', 'b'].map((text) => sink.writeBlob(watched(text)))));
    expect(fates).to.deep.equal(['sent', 'sent', 'sent', 'present']);
  });

  it('lists an image by its last tag of a name, or by its digest, once', async () => {
    const [one, other] = ['one', 'other'].map((text) => treeOf(sampleImage([text])));
    await write(async (sink) => {
      await writeTree(one!, sink, ['v1', 'v2']);
      await writeTree(other!, sink, ['v2']);
      await sink.list(other!.document);
    });
    expect((await (await source('v1')).root()).digest).to.equal(one!.document.digest);
    expect((await (await source('v2')).root()).digest).to.equal(other!.document.digest);
    await write(async (sink) => {
      await sink.list(other!.document);
      await sink.list(other!.document);
    });
    expect((await (await source()).root()).digest).to.equal(other!.document.digest);
  });

  it('lists what says something of an image in the order in which that was begun', async () => {
    const { manifest } = sampleImage(['base']);
    const subject = { mediaType: manifest.mediaType, digest: manifest.digest, size: manifest.bytes.length };
    const [one, other] = ['{"bomFormat":"CycloneDX"}', '{}'].map(
      (text) => sbomReferrer(Buffer.from(text), subject, '2026-01-02T03:04:05Z').tree,
    );
    await write(async (sink) => {
      await writeTree(treeOf(sampleImage(['base'])), sink, ['v1']);
      for (const { blobs } of [one!, other!]) for (const blob of blobs) await sink.writeBlob(blob);
      await sink.writeManifest(other!.document);
      await Promise.all([one!, other!, one!].map(({ document }) => sink.attach(document)));
    });
    const listed = await (await source('v1')).referrers?.(manifest.digest);
    expect(listed?.map(({ digest }) => digest)).to.deep.equal([one!.document.digest, other!.document.digest]);
    expect((await (await source()).root()).digest).to.equal(manifest.digest);
  });

  it('returns what the work does', async () => {
    expect(await write(() => Promise.resolve('done'))).to.equal('done');
    expect((await headers()).map(({ name }) => name)).to.deep.equal(['oci-layout', 'index.json']);
  });

  describe('that is there already', () => {
    it('replaces it, with the rights that it had, when all is there', async () => {
      await folder.write({ 'app.tar': 'before' });
      await chmod(app(), 0o600);
      await write(async (sink) => {
        await writeTree(treeOf(sampleImage(['base'])), sink, ['v1']);
        expect(await readFile(app(), 'utf8')).to.equal('before');
      });
      expect((await stat(app())).mode & 0o777).to.equal(0o600);
      expect((await (await source('v1')).root()).digest).to.equal(sampleImage(['base']).manifest.digest);
    });

    it('takes from it what goes into the new one', async () => {
      await writeImage(['base']);
      const tree = await readTree(await source('v1'));
      await write((sink) => writeTree(tree, sink, ['v2']));
      const again = await source('v2');
      for (const { descriptor } of (await readTree(again)).blobs) await bytesOf(again.blob(descriptor));
      expect((await rejection((await source('v1')).root())).code).to.equal('image-not-found');
    });

    it('replaces what a link leads to, and keeps the link', async () => {
      await folder.write({ 'there/app.tar': 'before' });
      await symlink('there/app.tar', app());
      await writeImage(['base']);
      expect((await lstat(app())).isSymbolicLink()).to.equal(true);
      expect((await (await source('v1')).root()).digest).to.equal(sampleImage(['base']).manifest.digest);
      expect(await readdir(folder.file('there'))).to.deep.equal(['app.tar']);
    });
  });

  describe('leaves everything as it was, and nothing beside it,', () => {
    beforeEach(() => folder.write({ 'app.tar': 'before' }));
    afterEach(async () => {
      expect(await content()).to.deep.equal(['app.tar']);
      expect(await readFile(app(), 'utf8')).to.equal('before');
    });

    it('where the work fails in the end', async () => {
      const failure = write(async (sink) => {
        await writeTree(treeOf(sampleImage(['base'])), sink, ['v1']);
        throw new KdeployError('self-test-failed', 'it logs nowhere');
      });
      expect((await rejection(failure)).message).to.equal('it logs nowhere');
    });

    it('where the work fails before it writes anything, for whatever reason', async () => {
      const reason = Object.assign(new Error('no such file'), { code: 'ENOENT', syscall: 'open', path: '/other' });
      const failure: unknown = await write(() => Promise.reject(reason)).catch((error: unknown) => error);
      expect(failure).to.equal(reason);
    });

    for (const [what, bytes] of [
      ['has other bytes', 'bAse'],
      ['is too short', 'bas'],
      ['is too long', 'bases'],
    ] as const)
      it(`where a blob ${what}`, async () => {
        expect((await rejection(write((sink) => sink.writeBlob(textBlob(bytes, 'base'))))).message).to.include(
          'is damaged',
        );
      });

    it('where a blob broke off, though nobody minded', async () => {
      const broken = {
        ...textBlob('base'),
        async *open() {
          yield await Promise.resolve(Buffer.from('ba'));
          throw new KdeployError('registry-unreachable', 'the registry has gone');
        },
      };
      const failure = write(async (sink) => {
        await Promise.allSettled([sink.writeBlob(broken), sink.writeBlob(textBlob('other'))]);
      });
      expect((await rejection(failure)).message).to.equal('the registry has gone');
    });

    for (const moment of ['before it begins', 'in the middle of a layer', 'while the image is tested', 'at the end'])
      it(`where it is interrupted ${moment}`, async () => {
        const stop = new AbortController();
        const reason = new KdeployError('interrupted', 'interrupted');
        const interrupt = (at: string): Promise<void> => {
          if (moment === at) stop.abort(reason);
          return Promise.resolve();
        };
        await interrupt('before it begins');
        const endless = {
          ...textBlob('base'),
          async *open() {
            yield await Promise.resolve(Buffer.from('ba'));
            if (moment === 'in the middle of a layer') {
              await interrupt(moment);
              await new Promise(() => undefined);
            }
            yield Buffer.from('se');
          },
        };
        const failure = writeArchive(
          app(),
          async (sink) => {
            await sink.writeBlob(endless);
            await interrupt('while the image is tested');
            await sink.list(sampleImage([]).manifest);
            await interrupt('at the end');
          },
          stop.signal,
        );
        expect(await failure.catch((error: unknown) => error)).to.equal(reason);
      });
  });

  it('says what the file system refuses, and not what came of that', async () => {
    await mkdir(folder.file('dist'));
    const path = folder.file('dist/app.tar');
    const lost = write(async (sink) => {
      await sink.writeBlob(textBlob('base'));
      await rm(folder.file('dist'), { recursive: true });
    }, path);
    const { code, message } = await rejection(lost);
    expect([code, message]).to.deep.equal([
      'configuration',
      `${path} cannot be written: it, or a folder on the way to it, does not exist`,
    ]);
    expect(await content()).to.deep.equal([]);
  });

  describe('has no place', () => {
    const refused = async (name: string) => {
      const path = folder.file(name);
      const early = await rejection(assertArchiveWritable(path));
      const late = await rejection(writeImage(['base'], ['v1'], path));
      expect(late.message).to.equal(early.message);
      return [early.code, early.message.replaceAll(`${folder.path}/`, ''), early.hint];
    };
    beforeEach(() => folder.write({ 'dist/notes.txt': 'mine', file: 'mine' }));
    afterEach(async () => {
      expect(await content()).to.include.members(['dist', 'file']);
      expect(await readdir(folder.file('dist'))).to.deep.equal(['notes.txt']);
    });

    it('where a folder is', async () => {
      const [code, message, hint] = await refused('dist');
      expect([code, message]).to.deep.equal(['usage', 'dist is a folder; kdeploy writes an archive into a file']);
      expect(hint).to.equal(`name a file: oci-archive:FILE; for a layout in a folder: oci:${folder.file('dist')}`);
    });

    for (const name of ['new/', 'missing/new/'])
      it(`under the name of a folder: ${name}`, async () => {
        expect((await refused(name))[1]).to.equal(`${name} is a folder; kdeploy writes an archive into a file`);
      });

    it('in a folder that does not exist', async () => {
      const [code, message, hint] = await refused('missing/app.tar');
      expect([code, message]).to.deep.equal(['usage', 'there is no folder missing to write app.tar into']);
      expect(hint).to.equal('create the folder, or correct the path');
    });

    it('below a file', async () => {
      expect((await refused('file/app.tar'))[0]).to.equal('usage');
    });
  });

  it('never takes the place of a device', async function () {
    if (process.platform === 'win32') this.skip();
    for (const refusal of [assertArchiveWritable('/dev/null'), writeImage(['base'], ['v1'], '/dev/null')])
      expect((await rejection(refusal)).message).to.equal(
        '/dev/null is not a file, so it cannot be replaced with an archive',
      );
    expect((await stat('/dev/null')).isCharacterDevice()).to.equal(true);
  });

  it('is found to have a place, without leaving anything there', async () => {
    await folder.write({ 'old.tar': 'before' });
    for (const name of ['app.tar', 'old.tar']) await assertArchiveWritable(folder.file(name));
    expect(await content()).to.deep.equal(['old.tar']);
    expect(await readFile(folder.file('old.tar'), 'utf8')).to.equal('before');
  });
});
