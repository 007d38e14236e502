import { expect } from 'chai';
import { writtenFile } from '../../../src/fix/written-file.js';
import { memorySource } from '../../support/memory-source.js';
import { rejection } from '../../support/rejection.js';

const look = (files: Readonly<Record<string, string>>, text: string) =>
  writtenFile(memorySource(files), { file: 'a/x.py', text }, (found) => found.startsWith('# ours'));

describe('a file that is written as a whole', () => {
  it('is created where there is none', async () => {
    expect(await look({}, 'new\n')).to.deep.equal({
      file: 'a/x.py',
      state: 'created',
      change: { file: 'a/x.py', before: undefined, after: Buffer.from('new\n') },
    });
  });

  it('stays where it is as it would be written, line ends apart, whoever wrote it', async () => {
    for (const text of ['new\nline\n', 'new\r\nline\r\n']) {
      expect(await look({ 'a/x.py': text }, 'new\nline\n')).to.include({ state: 'unchanged', change: undefined });
    }
  });

  it('is changed where kdeploy wrote it', async () => {
    const { state, change } = await look({ 'a/x.py': '# ours\n' }, 'new\n');
    expect([state, change?.before?.toString()]).to.deep.equal(['changed', '# ours\n']);
  });

  it('is refused where somebody else did, also if it is empty', async () => {
    for (const text of ['# mine\n', '']) {
      const error = await rejection(look({ 'a/x.py': text }, 'new\n'));
      expect(error).to.deep.include({
        code: 'configuration',
        message: 'a/x.py was not written by kdeploy',
        place: { file: 'a/x.py' },
      });
    }
  });
});
