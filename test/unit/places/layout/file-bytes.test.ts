import { expect } from 'chai';
import { fileBytes } from '../../../../src/places/layout/file-bytes.js';
import { inFolderOf } from '../../../../src/guarded-file.js';
import { rejection } from '../../../support/rejection.js';
import { TemporaryFolder } from '../../temporary-folder.js';
import { bytesOf } from './sample-layout.js';

describe('the bytes of a file', () => {
  let folder: TemporaryFolder;
  beforeEach(async () => {
    folder = await (await TemporaryFolder.create()).write({ 'from/blob': 'layer', 'to/x': '' });
  });
  afterEach(() => folder.remove());

  const read = (name: string, start = 0, size = 5) => fileBytes(folder.file(name), { start, size, signal: undefined });

  it('are read in part, each time anew', async () => {
    expect(String(await bytesOf(read('from/blob')))).to.equal('layer');
    expect(String(await bytesOf(read('from/blob', 1, 3)))).to.equal('aye');
    expect(String(await bytesOf(read('from/blob', 3, 100)))).to.equal('er');
  });

  it('that cannot be read are no fault of the file that they are written to', async () => {
    const error = await rejection(
      inFolderOf(folder.path, 'to/copy', (into, name) => into.replace(name, { content: read('from/gone') })),
    );
    expect([error.code, error.message]).to.deep.equal([
      'configuration',
      `${folder.file('from/gone')} cannot be read: it, or a folder on the way to it, does not exist`,
    ]);
  });
});
