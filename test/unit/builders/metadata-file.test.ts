import { readdir, readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { writeMetadata } from '../../../src/builders/metadata-file.js';
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

  it('leaves no half of itself behind when its name is a folder’s', async () => {
    await folder.write({ 'image.json/file': '' });
    await rejection(writeMetadata(folder.file('image.json'), BUILT, undefined));
    expect(await readdir(folder.path)).to.deep.equal(['image.json']);
  });
});
