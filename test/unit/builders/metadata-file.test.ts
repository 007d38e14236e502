import { readdir, readFile, symlink } from 'node:fs/promises';
import { expect } from 'chai';
import { assertMetadataWritable, writeMetadata } from '../../../src/builders/metadata-file.js';
import type { BuiltImage } from '../../../src/builders/build-image.js';
import { rejection } from '../../support/rejection.js';
import { TemporaryFolder } from '../temporary-folder.js';

const BUILT: BuiltImage = { id: 'sha256:1', tags: ['app:v1'], plan: 'sha256:p', size: 9, selfTest: 'passed' };

describe('the metadata file', () => {
  let folder: TemporaryFolder;

  beforeEach(async () => {
    folder = await TemporaryFolder.create();
  });

  afterEach(async () => folder.remove());

  it('holds what was built, as a contract with CI jobs', async () => {
    await writeMetadata(folder.file('image.json'), BUILT, undefined);
    expect(await readFile(folder.file('image.json'), 'utf8')).to.equal(`{
  "version": 1,
  "id": "sha256:1",
  "tags": [
    "app:v1"
  ],
  "digest": null,
  "references": [],
  "plan": "sha256:p"
}
`);
  });

  it('holds digest and references of what was pushed, and replaces an older file', async () => {
    await folder.write({ 'image.json': 'older' });
    const pushed = [
      { digest: 'sha256:d', reference: 'app@sha256:d', tag: 'app:v1' },
      { digest: 'sha256:d', reference: 'app@sha256:d', tag: 'app:v2' },
    ];
    await writeMetadata(folder.file('image.json'), BUILT, pushed);
    expect(JSON.parse(await readFile(folder.file('image.json'), 'utf8'))).to.deep.include({
      digest: 'sha256:d',
      references: ['app@sha256:d', 'app@sha256:d'],
    });
    expect(await readdir(folder.path)).to.deep.equal(['image.json']);
  });

  it('that cannot be written says that the image exists anyway', async () => {
    const file = folder.file('none/image.json');
    const error = await rejection(writeMetadata(file, BUILT, undefined));
    expect([error.code, error.message]).to.deep.equal([
      'usage',
      `the metadata file ${file} could not be written; the image is built and tagged`,
    ]);
  });

  it('is tried before the build, and nothing is left of that', async () => {
    await folder.write({ 'older.json': 'older', 'folder/x': '' });
    await symlink('older.json', folder.file('link.json'));
    for (const name of ['image.json', 'older.json', 'link.json']) await assertMetadataWritable(folder.file(name));
    for (const file of [
      folder.file('none/image.json'),
      folder.file('folder'),
      folder.file('older.json/x'),
      '/dev/null',
      '',
    ]) {
      const error = await rejection(assertMetadataWritable(file));
      expect([error.code, error.message]).to.deep.equal([
        'usage',
        `the metadata file ${file} cannot be written; nothing was built`,
      ]);
    }
    expect((await readdir(folder.path)).sort()).to.deep.equal(['folder', 'link.json', 'older.json']);
    expect(await readFile(folder.file('older.json'), 'utf8')).to.equal('older');
  });

  it('is written through a link, which stays', async () => {
    await symlink('real.json', folder.file('image.json'));
    await folder.write({ 'real.json': 'older' });
    await writeMetadata(folder.file('image.json'), BUILT, undefined);
    expect(await readFile(folder.file('real.json'), 'utf8')).to.contain('sha256:1');
    expect((await readdir(folder.path)).sort()).to.deep.equal(['image.json', 'real.json']);
  });

  it('leaves no half of itself behind when its name is a folder’s', async () => {
    await folder.write({ 'image.json/file': '' });
    await rejection(writeMetadata(folder.file('image.json'), BUILT, undefined));
    expect(await readdir(folder.path)).to.deep.equal(['image.json']);
  });
});
