import { expect } from 'chai';
import { gitOfFolder } from '../../../src/git/git.js';
import { remoteNames, remotesWithUrl } from '../../../src/git/remote-names.js';
import { TemporaryRepository } from './temporary-repository.js';

describe('the remote that git names to its hook', () => {
  const configuration = [
    'remote.origin.url\nhttps://github.com/acme/app.git',
    'remote.fork/mine.url\ngit@github.com:me/app.git',
    'remote.fork/mine.pushurl\n/srv/git/app',
    'remote.second.url\nhttps://github.com/acme/app',
    '',
  ].join('\0');

  for (const [url, names] of [
    ['https://github.com/acme/app.git', ['origin', 'second']],
    ['https://github.com/acme/app/', ['origin', 'second']],
    ['git@github.com:me/app.git', ['fork/mine']],
    ['/srv/git/app', ['fork/mine']],
    ['https://github.com/acme/ap', []],
    ['https://github.com/acme/app.gitx', []],
  ] as const) {
    it(`${url} is the address of ${names.length === 0 ? 'none' : names.join(' and ')}`, () => {
      expect(remotesWithUrl(configuration, url)).to.deep.equal(names);
    });
  }

  describe('in a repository', () => {
    let repository: TemporaryRepository;
    beforeEach(async () => {
      repository = await TemporaryRepository.create();
      await repository.git('remote', 'add', 'origin', 'https://github.com/acme/app.git');
    });
    afterEach(() => repository.remove());

    for (const [given, names] of [
      ['origin', ['origin']],
      ['fork/mine', ['fork/mine']],
      ['https://github.com/acme/app.git', ['origin']],
      ['https://github.com/acme/other.git', []],
      ['../elsewhere', []],
      ['', []],
      ['--all', []],
    ] as const) {
      it(`called ${JSON.stringify(given)} has the tracking branches of ${names.join() || 'none'}`, async () => {
        expect(await remoteNames(gitOfFolder(repository.root), given)).to.deep.equal(names);
      });
    }
  });
});
