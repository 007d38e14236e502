import { createHash } from 'node:crypto';
import { mkdir, symlink } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import fc from 'fast-check';
import { KdeployError } from '../../../../src/errors.js';
import { MEDIA_TYPES } from '../../../../src/image/manifest.js';
import { imageIn, readTree } from '../../../../src/image/tree.js';
import { LayoutSource } from '../../../../src/places/layout/image-layout.js';
import { TarFiles } from '../../../../src/places/layout/tar-files.js';
import { rejection } from '../../../support/rejection.js';
import { TemporaryFolder } from '../../temporary-folder.js';
import { bytesOf, layoutFiles, layoutImage, pathOf, tarOf } from './sample-layout.js';

describe('a TAR file', () => {
  let folder: TemporaryFolder;
  beforeEach(async () => {
    folder = await TemporaryFolder.create();
  });
  afterEach(() => folder.remove());

  async function tar(content: Parameters<typeof tarOf>[0] | Buffer): Promise<TarFiles> {
    await folder.write({ 'app.tar': Buffer.isBuffer(content) ? content : await tarOf(content) });
    return TarFiles.open(folder.file('app.tar'));
  }
  const text = async (files: TarFiles, name: string) => {
    const file = await files.find(name);
    return file === undefined ? undefined : (await bytesOf(file.open())).toString();
  };
  const problem = async (content: Parameters<typeof tarOf>[0] | Buffer) => {
    const { code, message, hint } = await rejection(tar(content));
    expect(code).to.equal('image-not-found');
    return { message: message.replace(folder.file('app.tar'), 'app.tar'), hint };
  };

  it('has an image in a layout, whose blobs are read as often as they are wanted', async () => {
    const { image, entry, files } = layoutImage(['base', 'one']);
    const source = new LayoutSource(await tar(Object.entries(layoutFiles([entry], files))), 'oci:app.tar');
    const read = await imageIn(await readTree(source), source.name);
    expect(read.manifest.digest).to.equal(image.manifest.digest);
    for (let time = 0; time < 2; time++)
      expect((await Promise.all(read.layers.map((layer) => bytesOf(layer.open())))).map(String)).to.deep.equal([
        'base',
        'one',
      ]);
  });

  it('has files by their names, written with ./ or without', async () => {
    const files = await tar([
      ['./a', 'first'],
      ['b/', ''],
      ['b/./c', 'second'],
    ]);
    expect(await Promise.all(['a', 'b/c', 'b', 'c'].map((name) => text(files, name)))).to.deep.equal([
      ...['first', 'second'],
      ...[undefined, undefined],
    ]);
  });

  it('has files with the long names of sha512 and of pax', async () => {
    const long = pathOf(`sha512:${createHash('sha512').update('').digest('hex')}`);
    const pax = `ü${'a'.repeat(200)}`;
    const files = await tar([
      [long, 'long'],
      [pax, 'pax'],
      ['after', 'after'],
    ]);
    expect(await Promise.all([long, pax, 'after'].map((name) => text(files, name)))).to.deep.equal([
      'long',
      'pax',
      'after',
    ]);
  });

  it("has files with GNU's long names", async () => {
    const name = 'a'.repeat(150);
    const extension = await tarOf([['././@LongLink', `${name}\0`]]);
    // Its type, and the sum that fits.
    extension.write('L', 156);
    const sum = extension.subarray(0, 512).reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 32 : byte), 0);
    extension.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    const files = await tar(Buffer.concat([extension.subarray(0, 1024), await tarOf([['short', 'text']])]));
    expect([await text(files, name), await text(files, 'short')]).to.deep.equal(['text', undefined]);
  });

  it('has nothing outside of it: names that lead out are those of no file', async () => {
    const files = await tar([
      ['/oci-layout', 'absolute'],
      ['../oci-layout', 'above'],
      ['a/../../oci-layout', 'above'],
    ]);
    for (const name of ['oci-layout', '/oci-layout', '../oci-layout'])
      expect(await text(files, name)).to.equal(undefined);
  });

  it('does not say which of two files with one name is meant', async () => {
    const files = await tar([
      ['index.json', 'first'],
      ['./index.json', 'second'],
      ['a', 'a'],
    ]);
    expect((await rejection(files.find('index.json'))).message).to.include('index.json in');
    expect((await rejection(files.find('index.json'))).message).to.include('is there twice');
    expect(await text(files, 'a')).to.equal('a');
  });

  it('has links, which are followed only where they are expected, and only in it', async () => {
    const files = await tar([
      ['a/layer.tar', 'text'],
      ['b/layer.tar', '-> ../a/layer.tar'],
      ['c', '-> b/layer.tar'],
      ['out', '-> ../../etc/passwd'],
      ['absolute', '-> /etc/passwd'],
      ['circle', '-> circle'],
      ['dangling', '-> nothing'],
    ]);
    expect((await rejection(files.find('c'))).message).to.include('is a link, which kdeploy does not follow');
    const followed = await files.findThroughLinks('./c');
    expect(followed === undefined ? undefined : (await bytesOf(followed.open())).toString()).to.equal('text');
    for (const name of ['out', 'absolute'])
      expect((await rejection(files.findThroughLinks(name))).message).to.include('leads out of the file');
    expect((await rejection(files.findThroughLinks('circle'))).message).to.include('in a circle');
    for (const name of ['dangling', '../a', '/a/layer.tar'])
      expect(await files.findThroughLinks(name)).to.equal(undefined);
  });

  it('is refused where it is compressed, with how to uncompress it', async () => {
    const gzip = await problem(gzipSync(await tarOf([['a', 'text']])));
    expect(gzip.message).to.equal('app.tar is compressed with gzip, so no layer can be read by itself');
    expect(gzip.hint).to.match(/gunzip .*app\.tar$/);
    expect((await problem(Buffer.from('28b52ffd00', 'hex'))).message).to.include('zstd');
  });

  it('is refused where it is cut, wherever that is', async () => {
    const whole = await tarOf([
      ['a', 'x'.repeat(2000)],
      ['b', 'y'],
    ]);
    for (const length of [600, 512 + 1999, 3072 - 512 + 100, 3072])
      expect((await problem(whole.subarray(0, length))).message, String(length)).to.equal(
        'app.tar is damaged: it ends in the middle of a file',
      );
    // Between two files it cannot be seen; what is missing is.
    expect(await text(await tar(whole.subarray(0, 512 + 2048)), 'b')).to.equal(undefined);
  });

  it('is refused where it is none', async () => {
    expect((await problem(Buffer.from('<html>'))).message).to.equal('app.tar is not a TAR file');
    expect((await problem(Buffer.alloc(2048))).message).to.equal('app.tar is not a TAR file');
    const whole = await tarOf([
      ['a', 'x'],
      ['b', 'y'],
    ]);
    whole.write('z', 1024);
    expect((await problem(whole)).message).to.equal('app.tar is damaged: it has no header at byte 1024');
    await mkdir(folder.file('folder'));
    expect((await rejection(TarFiles.open(folder.file('folder')))).message).to.include('is not a file');
    expect((await rejection(TarFiles.open(folder.file('missing')))).message).to.include('there is no file');
  });

  it('may be named by a link', async () => {
    await tar([['a', 'text']]);
    await symlink('app.tar', folder.file('latest.tar'));
    expect(await text(await TarFiles.open(folder.file('latest.tar')), 'a')).to.equal('text');
  });

  it('is read, or refused with a sentence, whatever is changed in it', async () => {
    const { entry, files } = layoutImage(['base']);
    const whole = await tarOf(Object.entries(layoutFiles([entry], files)));
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: whole.length - 1 }), fc.nat({ max: 255 }), async (at, byte) => {
        const changed = Buffer.from(whole);
        changed[at] = byte;
        try {
          const source = new LayoutSource(await tar(changed), 'oci:app.tar');
          const image = await imageIn(await readTree(source), source.name);
          for (const layer of image.layers) await bytesOf(layer.open());
          expect(image.layers[0]?.descriptor.mediaType).to.equal(MEDIA_TYPES.ociLayerGzip);
          expect(image.manifest.digest).to.equal(entry.digest);
        } catch (error) {
          expect(error).to.be.instanceOf(KdeployError);
        }
      }),
    );
  });
});
