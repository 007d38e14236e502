import { lstat, readdir, readFile, readlink, symlink } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { pack, type Header } from 'tar-stream';
import { ScratchFolder } from '../../../../../src/builders/layers/self-test/scratch-folder.js';
import { unpackLayers } from '../../../../../src/builders/layers/self-test/unpack-layers.js';
import { digestOf } from '../../../../../src/image/digest.js';
import type { Layer } from '../../../../../src/image/layer.js';
import { MEDIA_TYPES } from '../../../../../src/image/manifest.js';
import { rejection } from '../../../../support/rejection.js';
import { layerBytes } from '../../../image/layer-bytes.js';
import { TemporaryFolder } from '../../../temporary-folder.js';

type Entries = Readonly<Record<string, string | Partial<Header>>>;

describe('layers that are unpacked', () => {
  let folder: TemporaryFolder;
  let scratch: ScratchFolder;

  beforeEach(async () => {
    folder = await TemporaryFolder.create();
    await folder.write({ 'outside/secret': 'old', 'scratch/.keep': '' });
    scratch = await ScratchFolder.at(folder.file('scratch'));
    await scratch.remove('.keep');
  });

  afterEach(async () => folder.remove());

  const layer = (bytes: Buffer): Layer => ({
    descriptor: { mediaType: MEDIA_TYPES.ociLayerGzip, digest: digestOf(bytes), size: bytes.length },
    diffId: digestOf(bytes),
    open: async function* () {
      yield await Promise.resolve(bytes);
    },
  });
  const unpack = async (...all: readonly Entries[]): Promise<void> => {
    const layers = await Promise.all(all.map(async (entries) => layer(gzipSync(await layerBytes(entries)))));
    await unpackLayers(layers, scratch);
  };
  const laidOut = () => filesIn(scratch.root);
  const link = (linkname: string): Partial<Header> => ({ type: 'symlink', linkname });
  const FOLDER: Partial<Header> = { type: 'directory' };

  it('lie one over the other', async () => {
    await unpack(
      { 'app/': FOLDER, 'app/a.py': 'old', 'app/b.py': 'b', 'app/c': 'file', 'app/d/x': 'x' },
      { './app/a.py': 'new', '/app/c/': FOLDER, 'app/c/y': 'y', 'app/d': 'now a file' },
    );
    expect(await laidOut()).to.deep.equal({
      'app/a.py': 'new',
      'app/b.py': 'b',
      'app/c/y': 'y',
      'app/d': 'now a file',
    });
  });

  it('have their modes, whatever the umask; their owner may always write into a folder', async () => {
    const tar = pack();
    tar.entry({ name: 'bin/', type: 'directory', mode: 0o555 });
    tar.entry({ name: 'bin/run', mode: 0o4755 }, 'x');
    tar.entry({ name: 'new/file', mode: 0o644 }, 'x');
    tar.finalize();
    const chunks: Buffer[] = [];
    for await (const chunk of tar) chunks.push(chunk as Buffer);
    const before = process.umask(0o077);
    try {
      await unpackLayers([layer(Buffer.concat(chunks))], scratch);
    } finally {
      process.umask(before);
    }
    const mode = async (name: string): Promise<string> =>
      ((await lstat(scratch.locate(name))).mode & 0o7777).toString(8);
    expect([await mode('bin'), await mode('bin/run'), await mode('new/file')]).to.deep.equal(['755', '755', '644']);
  });

  it('take away what they delete below, and nothing of their own', async () => {
    await unpack(
      { 'a/one': '1', 'a/two': '2', 'b/one': '1', 'b/deep/two': '2', c: '3' },
      { 'b/own': 'kept', 'b/.wh..wh..opq': '', 'a/.wh.one': '', '.wh.c': '', 'a/.wh.missing': '' },
    );
    expect(await laidOut()).to.deep.equal({ 'a/two': '2', 'b/own': 'kept' });
  });

  it('keep their links, those with an absolute target too', async () => {
    await unpack({
      'app/current': link('releases/1'),
      'app/releases/1/x': 'x',
      'opt/deep/absolute': link('/app/releases'),
      'opt/self': link('.'),
      'app/second': { type: 'link', linkname: 'app/releases/1/x' },
    });
    expect(await readFile(scratch.locate('app/current/x'), 'utf8')).to.equal('x');
    expect(await readFile(scratch.locate('opt/deep/absolute/1/x'), 'utf8')).to.equal('x');
    expect(await readlink(scratch.locate('opt/deep/absolute'))).to.equal('../../app/releases');
    expect(await readFile(scratch.locate('app/second'), 'utf8')).to.equal('x');
  });

  const escapes: readonly [string, Entries][] = [
    ['a path with dots', { '../outside/secret': 'new', 'app/../../outside/secret': 'new', '..': link('/') }],
    ['a link that leads out', { 'app/out': link('../../outside'), 'app/out/secret': 'new' }],
    [
      'a link that climbs through another',
      {
        'x/': FOLDER,
        'q/r/a': link('../../x'),
        'q/r/s': link('a/../../outside'),
        'q/r/s/secret': 'new',
      },
    ],
    ['a hard link from outside', { 'app/secret': { type: 'link', linkname: '../outside/secret' } }],
    ['a file over a link', { 'app/out': link('../../outside/secret'), 'app/./out': 'new' }],
  ];
  for (const [what, entries] of escapes)
    it(`write nothing elsewhere by ${what}`, async () => {
      await unpack(entries);
      expect(await filesIn(folder.file('outside'))).to.deep.equal({ secret: 'old' });
    });

  it('write nothing through a link that was there before', async () => {
    await symlink(folder.file('outside'), path.join(scratch.root, 'app'));
    await unpack({ 'app/secret': 'new', 'app/.wh.secret': '' });
    await unpack({ 'app/.wh..wh..opq': '' });
    expect(await filesIn(folder.file('outside'))).to.deep.equal({ secret: 'old' });
  });

  it('leave out what is neither a file nor a folder nor a link', async () => {
    await unpack({ 'dev/null': { type: 'character-device' }, 'run/pipe': { type: 'fifo' }, a: 'a' });
    expect(await laidOut()).to.deep.equal({ a: 'a' });
  });

  it('are refused where they cannot be read', async () => {
    const damaged = Buffer.concat([gzipSync(Buffer.alloc(1024)).subarray(0, 12), Buffer.from('x'.repeat(20))]);
    expect((await rejection(unpackLayers([layer(damaged)], scratch))).code).to.equal('image-not-found');
  });
});

/** The contents of the files in a folder, by their paths; links are not followed. */
async function filesIn(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  return Object.fromEntries(
    await Promise.all(files.map(async (file) => [path.relative(folder, file), await readFile(file, 'utf8')] as const)),
  );
}
