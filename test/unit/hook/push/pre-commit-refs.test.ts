import { expect } from 'chai';
import { pushedRefsFromPreCommit } from '../../../../src/hook/push/pre-commit-refs.js';

const A = 'a'.repeat(40);
const B = 'b'.repeat(40);
const ZEROS = '0'.repeat(40);

const branch = {
  PRE_COMMIT_LOCAL_BRANCH: 'refs/heads/main',
  PRE_COMMIT_REMOTE_BRANCH: 'refs/heads/production',
  PRE_COMMIT_REMOTE_NAME: 'origin',
  PRE_COMMIT_REMOTE_URL: 'git@example.com:a/b.git',
};

describe('a push through the pre-commit framework', () => {
  const cases: readonly [name: string, variables: Record<string, string>, line: string][] = [
    [
      'of commits on top of what the remote has',
      { PRE_COMMIT_FROM_REF: B, PRE_COMMIT_TO_REF: A },
      `refs/heads/main ${A} refs/heads/production ${B}\n`,
    ],
    [
      'of a new branch, as older versions of the framework tell it,',
      { PRE_COMMIT_FROM_REF: `${B}^`, PRE_COMMIT_TO_REF: A },
      `refs/heads/main ${A} refs/heads/production ${ZEROS}\n`,
    ],
    [
      'that begins with the first commit: the framework gives no ids',
      {},
      `refs/heads/main refs/heads/main refs/heads/production ${ZEROS}\n`,
    ],
    [
      'in a repository with SHA-256',
      { PRE_COMMIT_FROM_REF: 'c'.repeat(64), PRE_COMMIT_TO_REF: 'd'.repeat(64) },
      `refs/heads/main ${'d'.repeat(64)} refs/heads/production ${'c'.repeat(64)}\n`,
    ],
  ];
  for (const [name, variables, line] of cases) {
    it(`${name} becomes a line as git writes it`, () => {
      expect(pushedRefsFromPreCommit({ ...branch, ...variables })).to.deep.equal({
        remoteName: 'origin',
        remoteUrl: 'git@example.com:a/b.git',
        lines: line,
      });
    });
  }

  it('has a remote without a name or an address where the framework gives none', () => {
    const { PRE_COMMIT_LOCAL_BRANCH, PRE_COMMIT_REMOTE_BRANCH } = branch;
    expect(pushedRefsFromPreCommit({ PRE_COMMIT_LOCAL_BRANCH, PRE_COMMIT_REMOTE_BRANCH })).to.include({
      remoteName: '',
      remoteUrl: '',
    });
  });

  const none: readonly [name: string, variables: Record<string, string>][] = [
    ['no variable', {}],
    ['only those of `pre-commit run --from-ref … --to-ref …`', { PRE_COMMIT_FROM_REF: B, PRE_COMMIT_TO_REF: A }],
    ['an empty branch', { ...branch, PRE_COMMIT_LOCAL_BRANCH: '' }],
    ['an empty branch of the remote', { ...branch, PRE_COMMIT_REMOTE_BRANCH: '' }],
    ['the local branch alone', { PRE_COMMIT_LOCAL_BRANCH: 'refs/heads/main' }],
    ['the branch of the remote alone', { PRE_COMMIT_REMOTE_BRANCH: 'refs/heads/main' }],
  ];
  for (const [name, variables] of none) {
    it(`is none with ${name}`, () => expect(pushedRefsFromPreCommit(variables)).to.equal(undefined));
  }
});
