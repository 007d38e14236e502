import { mkdir, readdir, readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { execa } from 'execa';
import type { Image } from '../../../../src/image/image.js';
import { treeOf } from '../../../../src/image/tree.js';
import { writeOutput } from '../../../../src/places/layout/write-output.js';
import { rejection } from '../../../support/rejection.js';
import { sampleImage } from '../../../unit/image/sample-image.js';
import { textBlob } from '../../../unit/places/layout/sample-layout.js';
import { TemporaryFolder } from '../../../unit/temporary-folder.js';

describe('a layout in a TAR file, for other programs', () => {
  let folder: TemporaryFolder;
  beforeEach(async () => {
    folder = await TemporaryFolder.create();
  });
  afterEach(() => folder.remove());

  const image = sampleImage(['base', 'packages', 'project']);
  const app = () => folder.file('app.tar');
  const write = (path = app(), what: Image = image) =>
    writeOutput(
      treeOf(what),
      { transport: 'oci-archive', path },
      { tags: ['v1', 'latest'] },
      new AbortController().signal,
    );
  const run = async (file: string, ...args: readonly string[]) =>
    (await execa(file, args, { env: { TZ: 'UTC', LC_ALL: 'C' } })).stdout;

  it('is listed by tar, with folders that anybody may enter and the same time for all', async () => {
    await write();
    const lines = (await run('tar', '-tvf', app())).split('\n');
    expect(lines.slice(0, 3).map((line) => line.replaceAll(/ +/g, ' '))).to.deep.equal([
      '-rw-r--r-- 0/0 30 2020-01-01 00:00 oci-layout',
      'drwxr-xr-x 0/0 0 2020-01-01 00:00 blobs/',
      'drwxr-xr-x 0/0 0 2020-01-01 00:00 blobs/sha256/',
    ]);
    // Three layers, the configuration and the manifest.
    expect(lines).to.have.length(3 + 5 + 1);
    expect(lines.at(-1)).to.match(/ 2020-01-01 00:00 index\.json$/);
  });

  it('is unpacked by tar to what the builder writes into a folder', async () => {
    await write();
    await mkdir(folder.file('unpacked'));
    await run('tar', '-xf', app(), '-C', folder.file('unpacked'));
    const tags = ['v1', 'latest'];
    const dist = folder.file('dist');
    await writeOutput(treeOf(image), { transport: 'oci', path: dist }, { tags }, new AbortController().signal);
    const files = async (name: string) => {
      const names = await readdir(folder.file(name), { recursive: true, withFileTypes: true });
      const found = names
        .filter((entry) => entry.isFile())
        .map(async (entry) => {
          const path = `${entry.parentPath}/${entry.name}`;
          return [path.slice(folder.file(name).length), await readFile(path, 'latin1')] as const;
        });
      return (await Promise.all(found)).sort();
    };
    expect(await files('unpacked')).to.deep.equal(await files('dist'));
  });

  it('is copied by skopeo, by its tag, with the digest that it had', async function () {
    const isThere = await execa('skopeo', ['--version'], { reject: false });
    if (isThere.exitCode !== 0) this.skip();
    await write();
    const copy = `oci:${folder.file('copy')}:v1`;
    await run('skopeo', '--insecure-policy', 'copy', '--preserve-digests', `oci-archive:${app()}:latest`, copy);
    expect(JSON.parse(await run('skopeo', 'inspect', copy))).to.have.property('Digest', image.manifest.digest);
  });

  it('leaves nothing on a disk that is full', async function () {
    if (process.platform !== 'linux' || process.getuid?.() !== 0) this.skip();
    const disk = folder.file('disk');
    await mkdir(disk);
    const mounted = await execa('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk], { reject: false });
    if (mounted.exitCode !== 0) this.skip();
    try {
      await write(`${disk}/app.tar`);
      const before = await readFile(`${disk}/app.tar`);
      const large = textBlob(Buffer.alloc(4 * 1024 * 1024, 'x'));
      const [first, ...others] = image.layers;
      const layers = [{ ...first!, descriptor: large.descriptor, open: () => large.open() }, ...others];
      const { code, message } = await rejection(write(`${disk}/app.tar`, { ...image, layers }));
      expect([code, message]).to.deep.equal(['configuration', `${disk}/app.tar cannot be written: the disk is full`]);
      expect(await readdir(disk)).to.deep.equal(['app.tar']);
      expect((await readFile(`${disk}/app.tar`)).equals(before)).to.equal(true);
    } finally {
      await execa('umount', [disk]);
    }
  });
});
