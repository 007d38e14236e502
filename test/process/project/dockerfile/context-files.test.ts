import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { contextFiles } from '../../../../src/project/dockerfile/context-files.js';
import { TemporaryFolder } from '../../../unit/temporary-folder.js';

it('the files of a build context include pipes, which who packs them leaves out', async () => {
  const folder = await TemporaryFolder.create();
  try {
    await promisify(execFile)('mkfifo', [folder.file('pipe')]);
    const names: string[] = [];
    const options = { dockerfile: 'Dockerfile', usesBuildKit: true, kept: [] };
    for await (const { name, stat } of contextFiles(folder.path, options)) if (stat.isFIFO()) names.push(name);
    expect(names).to.deep.equal(['pipe']);
  } finally {
    await folder.remove();
  }
});
