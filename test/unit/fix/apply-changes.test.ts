import { chmod, lstat, mkdir, readdir, readFile, rename, stat, symlink } from 'node:fs/promises';
import { expect } from 'chai';
import { applyChanges, assertWritable } from '../../../src/fix/apply-changes.js';
import { rejection } from '../../support/rejection.js';
import { TemporaryFolder } from '../temporary-folder.js';

const change = (file: string, before: string | undefined, after: string) => ({
  file,
  before: before === undefined ? undefined : Buffer.from(before),
  after: Buffer.from(after),
});

describe('making changes', () => {
  let folder: TemporaryFolder;
  let outside: TemporaryFolder;
  beforeEach(async () => {
    folder = await (await TemporaryFolder.create()).write({ a: 'old', 'conf/base/x': '' });
    outside = await (await TemporaryFolder.create()).write({ a: 'outside' });
  });
  afterEach(() => Promise.all([folder.remove(), outside.remove()]));

  const text = (file: string) => readFile(folder.file(file), 'utf8');

  it('writes files anew and new ones, with their folders, and leaves nothing else behind', async () => {
    await applyChanges(folder.path, [change('a', 'old', 'new'), change('conf/local/mlflow.yml', undefined, 'server:')]);
    expect([await text('a'), await text('conf/local/mlflow.yml')]).to.deep.equal(['new', 'server:']);
    expect(await readdir(folder.path, { recursive: true })).to.have.members([
      'a',
      'conf',
      'conf/base',
      'conf/base/x',
      'conf/local',
      'conf/local/mlflow.yml',
    ]);
  });

  it('keeps the rights of a file', async () => {
    await chmod(folder.file('a'), 0o640);
    await applyChanges(folder.path, [change('a', 'old', 'new')]);
    expect((await stat(folder.file('a'))).mode & 0o777).to.equal(0o640);
  });

  it('changes nothing when one of the files is no longer what it was', async () => {
    await folder.write({ b: 'edited' });
    const error = await rejection(applyChanges(folder.path, [change('a', 'old', 'new'), change('b', 'old', 'new')]));
    expect(error.message).to.equal('b was changed in the meantime; nothing was written');
    expect(await text('a')).to.equal('old');
  });

  for (const [what, file, before] of [
    ['appeared', 'a', undefined],
    ['is gone', 'c', 'old'],
  ] as const) {
    it(`changes nothing when a file ${what} in the meantime`, async () => {
      const error = await rejection(applyChanges(folder.path, [change(file, before, 'new')]));
      expect(error.message).to.equal(`${file} was changed in the meantime; nothing was written`);
    });
  }

  it('puts everything back when one file cannot be written', async () => {
    // By then there is a file where this one wants a folder.
    const impossible = change('new/below', undefined, 'x');
    const changes = [change('a', 'old', 'new'), change('new', undefined, 'x'), impossible];
    const error = await rejection(applyChanges(folder.path, changes));
    expect(error.message).to.equal('new is not a folder; nothing was written');
    expect(await text('a')).to.equal('old');
    expect(await readdir(folder.path)).to.have.members(['a', 'conf']);
  });

  it('makes a change once, however many make it at the same time', async () => {
    const all = await Promise.allSettled(
      Array.from({ length: 8 }, () => applyChanges(folder.path, [change('a', 'old', 'old\nnew')])),
    );
    expect(all.filter(({ status }) => status === 'fulfilled')).to.have.length(1);
    for (const outcome of all)
      if (outcome.status === 'rejected')
        expect((outcome.reason as Error).message).to.match(
          /^(?:a was changed in the meantime|another kdeploy is changing a); nothing was written$/,
        );
    expect([await text('a'), await readdir(folder.path)]).to.deep.equal(['old\nnew', ['a', 'conf']]);
  });

  it('stops where one that was killed has left its file, and says which one', async () => {
    await folder.write({ '.a.kdeploy-lock': '' });
    const error = await rejection(applyChanges(folder.path, [change('a', 'old', 'new')]));
    expect([error.message, error.hint]).to.deep.equal([
      'another kdeploy is changing a; nothing was written',
      'wait until it has ended, and try again; if none is running, delete .a.kdeploy-lock next to the file',
    ]);
  });

  describe('never writes', () => {
    const refusal = async (file: string) => (await rejection(assertWritable(folder.path, file))).message;

    it('through a link to a file, which it would replace', async () => {
      await symlink(outside.file('a'), folder.file('link'));
      expect(await refusal('link')).to.equal('link is a symbolic link, and kdeploy does not write through links');
      const applied = applyChanges(folder.path, [change('link', 'outside', 'new')]);
      expect((await rejection(applied)).message).to.contain('is a symbolic link');
      expect((await lstat(folder.file('link'))).isSymbolicLink()).to.equal(true);
      expect(await readFile(outside.file('a'), 'utf8')).to.equal('outside');
    });

    it('through a folder that leads out of the project', async () => {
      await symlink(outside.path, folder.file('conf/local'));
      expect(await refusal('conf/local/mlflow.yml')).to.equal(
        'conf/local is a symbolic link, and kdeploy does not write through links',
      );
    });

    it('through a link that leads nowhere', async () => {
      await symlink('nowhere', folder.file('link'));
      expect(await refusal('link')).to.contain('is a symbolic link');
    });

    for (const file of ['../a', 'conf/../../a', '/etc/a', '', 'conf//a', './a']) {
      it(`to "${file}"`, async () => {
        expect(await refusal(file)).to.equal(`${file} is not a file in the project`);
      });
    }

    it('where a folder stands, or below a file', async () => {
      expect(await refusal('conf')).to.equal('conf is in the way of conf');
      expect(await refusal('a/b')).to.equal('a is in the way of a/b');
    });
  });

  it('writes in a project that is itself reached through a link', async () => {
    await mkdir(outside.file('real'));
    await rename(folder.file('a'), outside.file('real/a'));
    await symlink(outside.file('real'), folder.file('project'));
    await applyChanges(folder.file('project'), [change('a', 'old', 'new')]);
    expect(await readFile(outside.file('real/a'), 'utf8')).to.equal('new');
  });
});
