import { expect } from 'chai';
import { directUrlOf } from '../../../../../src/builders/layers/wheels/direct-url.js';

const sha256 = 'a'.repeat(64);
const file = { filename: 'a-1.0-py3-none-any.whl', sha256, size: 1 };

describe('the origin of a package', () => {
  it('is recorded where it was named by a URL', () => {
    const url = 'https://example.com/a-1.0-py3-none-any.whl';
    expect(directUrlOf({ kind: 'wheel', ...file, url, isDirect: true }, sha256)).to.deep.equal({
      url,
      archive_info: { hashes: { sha256 } },
    });
    expect(directUrlOf({ kind: 'archive', ...file, url, isDirect: true, subdirectory: 'b' }, sha256)).to.deep.equal({
      url,
      archive_info: { hashes: { sha256 } },
      subdirectory: 'b',
    });
  });

  it('is recorded where it is a repository', () => {
    const git = { kind: 'git', url: 'https://example.com/a.git', commit: 'c'.repeat(40) } as const;
    expect(directUrlOf(git)).to.deep.equal({ url: git.url, vcs_info: { vcs: 'git', commit_id: git.commit } });
    expect(directUrlOf({ ...git, requestedRevision: 'main', subdirectory: 'b' })).to.deep.equal({
      url: git.url,
      vcs_info: { vcs: 'git', commit_id: git.commit, requested_revision: 'main' },
      subdirectory: 'b',
    });
  });

  for (const [what, url, isDirect] of [
    ['an index', 'https://example.com/a-1.0-py3-none-any.whl', false],
    ['a file of this machine', 'file:///home/ada/a-1.0-py3-none-any.whl', true],
  ] as const) {
    it(`is not recorded where it is ${what}`, () => {
      expect(directUrlOf({ kind: 'wheel', ...file, url, isDirect }, sha256)).to.equal(undefined);
    });
  }

  for (const url of ['file:///home/ada/a', '/home/ada/a']) {
    it(`is not recorded where it is the repository ${url}`, () => {
      expect(directUrlOf({ kind: 'git', url, commit: 'c'.repeat(40) })).to.equal(undefined);
    });
  }
});
