import { chown, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { gitFacts } from '../../../src/builders/git-facts.js';
import { rejection } from '../../support/rejection.js';
import { temporaryFolder, TemporaryRepository } from '../git/temporary-repository.js';

describe('what git says of a project that is built', () => {
  let repository: TemporaryRepository;

  beforeEach(async () => {
    repository = await TemporaryRepository.create();
  });
  afterEach(() => repository.remove());

  it('is its repository, and when its commit was made', async () => {
    const revision = await repository.commit('a');
    const facts = await gitFacts(repository.root);
    expect(facts.repository?.root).to.equal(repository.root);
    expect(facts.repository?.revision).to.equal(revision);
    expect(facts.committed?.getTime()).to.equal(Number(await repository.git('log', '-1', '--format=%ct')) * 1000);
  });

  it('is nothing where there is no repository', async () => {
    const folder = await temporaryFolder();
    try {
      expect(await gitFacts(folder)).to.deep.equal({ repository: undefined, committed: undefined });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('may fail before anybody waits for it, who is told then', async function () {
    if (process.getuid?.() !== 0) this.skip();
    await repository.commit('a');
    const unhandled: unknown[] = [];
    const listen = (error: unknown): void => void unhandled.push(error);
    process.on('unhandledRejection', listen);
    try {
      await chown(repository.root, 12_345, 12_345);
      await chown(join(repository.root, '.git'), 12_345, 12_345);
      const asked = gitFacts(repository.root);
      await setTimeout(1000);
      expect(unhandled).to.deep.equal([]);
      expect((await rejection(asked)).code).to.equal('configuration');
    } finally {
      process.off('unhandledRejection', listen);
    }
  });
});
