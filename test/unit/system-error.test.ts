import { mkdir, open, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { expect } from 'chai';
import { KdeployError, systemCodeOf } from '../../src/errors.js';
import { fileProblem } from '../../src/system-error.js';
import { TemporaryFolder } from './temporary-folder.js';

describe('what the file system refuses', () => {
  let folder: TemporaryFolder;
  before(async () => {
    folder = await (await TemporaryFolder.create()).write({ file: '', 'folder/file': '' });
    await symlink('circle', folder.file('circle'));
  });
  after(() => folder.remove());

  const thrown = (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => undefined,
      (error: unknown) => error,
    );
  const cases: [what: string, work: () => Promise<unknown>, message: RegExp][] = [
    ['no file', () => readFile(folder.file('none')), /none cannot be opened: .* does not exist$/],
    ['a folder', () => readFile(folder.file('folder')), /^a file cannot be read: it is a folder$/],
    ['a folder to write to', () => writeFile(folder.file('folder'), ''), /folder cannot be opened: it is a folder$/],
    ['a path below a file', () => open(folder.file('file/x')), /file\/x cannot be opened: a file is where a folder /],
    [
      'a circle of links',
      () => readFile(folder.file('circle')),
      /circle cannot be opened: its links lead in a circle$/,
    ],
    ['a long name', () => mkdir(folder.file('x'.repeat(300))), /x cannot be created: its name is too long$/],
    ['what exists', () => mkdir(folder.file('folder')), /folder cannot be created: it already exists$/],
    [
      'another kind',
      () => rename(folder.file('file'), folder.file('folder')),
      /folder cannot be replaced: it is a folder$/,
    ],
  ];
  for (const [what, work, message] of cases) {
    it(`is a sentence, with the path: ${what}`, async () => {
      const error = await thrown(work());
      const problem = fileProblem(error);
      expect(problem).to.be.instanceOf(KdeployError);
      expect(problem?.message).to.match(message);
      expect([problem?.exitCode, problem?.cause]).to.deep.equal([2, error]);
      expect(problem?.hint).to.match(/\w/);
      expect(systemCodeOf(problem)).to.equal((error as NodeJS.ErrnoException).code);
    });
  }

  for (const code of [
    'EACCES',
    'EPERM',
    'EROFS',
    'ENOSPC',
    'EDQUOT',
    'EMFILE',
    'ENFILE',
    'EIO',
    'ENOMEM',
    'EBUSY',
    'E2BIG',
  ]) {
    it(`${code} is a sentence about the file that the user knows`, () => {
      const error = Object.assign(new Error(`${code}: words, write`), { code, syscall: 'write' });
      const problem = fileProblem(error, 'conf/base/kdeploy.yml', 'written');
      expect(problem?.message).to.match(/^conf\/base\/kdeploy\.yml cannot be written: \S/);
    });
  }

  it('is nothing else: no defect, no error of our own, none of a socket or a process', async () => {
    const refused = await new Promise((resolve) => connect({ port: 1, host: '127.0.0.1' }).once('error', resolve));
    const spawned = Object.assign(new Error('spawn git ENOENT'), { code: 'ENOENT', syscall: 'spawn git' });
    const own = new KdeployError('usage', 'x');
    for (const error of [refused, spawned, own, new TypeError('x'), 'ENOENT', undefined])
      expect(fileProblem(error)).to.equal(undefined);
  });
});
