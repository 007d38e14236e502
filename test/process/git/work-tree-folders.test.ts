import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { gitOfFolder, gitOfHook } from '../../../src/git/git.js';
import { workTreeFolders } from '../../../src/git/work-tree-folders.js';
import { rejection } from '../../support/rejection.js';
import { TemporaryRepository, temporaryFolder } from './temporary-repository.js';

describe('the folders of a work tree', () => {
  it('are its top and the way from there', async () => {
    const repository = await TemporaryRepository.create();
    try {
      await repository.write('services/churn model/a', '');
      const { root } = repository;
      expect(await workTreeFolders(gitOfFolder(root))).to.deep.equal({ top: root, prefix: '' });
      const below = gitOfFolder(join(root, 'services/churn model'));
      expect(await workTreeFolders(below)).to.deep.equal({ top: root, prefix: 'services/churn model' });
    } finally {
      await repository.remove();
    }
  });

  it('are none in a bare repository, whose hook names it', async () => {
    const repository = await TemporaryRepository.create('--bare');
    try {
      const git = gitOfHook(repository.root, { ...process.env, GIT_DIR: repository.root });
      expect(await workTreeFolders(git)).to.deep.equal({ top: undefined, prefix: '' });
    } finally {
      await repository.remove();
    }
  });

  it('are an error outside of any repository', async () => {
    const folder = await temporaryFolder();
    try {
      const error = await rejection(workTreeFolders(gitOfFolder(folder)));
      expect([error.code, error.message]).to.deep.equal(['usage', `${folder} is not in a git repository`]);
      expect(error.output, 'git’s words say no more than that').to.deep.equal([]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
