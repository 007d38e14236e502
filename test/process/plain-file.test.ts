import { execFile } from 'node:child_process';
import { appendFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { readPlainFile } from '../../src/plain-file.js';
import { failure } from '../support/failure.js';
import { TemporaryFolder } from '../unit/temporary-folder.js';

describe('a file outside the project', () => {
  it('is not waited for where it is a pipe that nobody writes to', async () => {
    const folder = await TemporaryFolder.create();
    const pipe = folder.file('pipe');
    await promisify(execFile)('mkfifo', [pipe]);
    try {
      expect(await failure(readPlainFile(pipe))).to.have.property('code', 'ENXIO');
      // Nobody is left behind who reads it: a writer would find a reader.
      const writing = appendFile(pipe, 'x', { flag: 0o4000 | 1 });
      expect(await failure(writing)).to.have.property('code', 'ENXIO');
    } finally {
      await folder.remove();
    }
  });
});
