import { expect } from 'chai';
import { currentBranch } from '../../../src/git/branch.js';

describe('the branch that is built', () => {
  it('is the one checked out, whatever CI says', () => {
    expect(currentBranch('main', { GITHUB_HEAD_REF: 'other' })).to.equal('main');
  });

  for (const [service, variables, branch] of [
    ['GitHub, on a push', { GITHUB_REF_TYPE: 'branch', GITHUB_REF_NAME: 'main', GITHUB_HEAD_REF: '' }, 'main'],
    [
      'GitHub, on a pull request',
      { GITHUB_REF_TYPE: 'branch', GITHUB_REF_NAME: '7/merge', GITHUB_HEAD_REF: 'feature' },
      'feature',
    ],
    ['GitHub, on a tag', { GITHUB_REF_TYPE: 'tag', GITHUB_REF_NAME: 'v1' }, undefined],
    ['GitLab, on a push', { CI_COMMIT_BRANCH: 'main' }, 'main'],
    ['GitLab, on a merge request', { CI_MERGE_REQUEST_SOURCE_BRANCH_NAME: 'feature' }, 'feature'],
    ['Cloud Build', { BRANCH_NAME: 'main' }, 'main'],
    ['nobody', {}, undefined],
  ] as const) {
    it(`is told by ${service}`, () => {
      expect(currentBranch(undefined, variables)).to.equal(branch);
    });
  }
});
