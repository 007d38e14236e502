import { expect } from 'chai';
import { refusedRepository } from '../../../src/git/refused-repository.js';

describe('a repository that git refuses', () => {
  const cases: [stderr: string, message: RegExp | undefined][] = [
    ["fatal: detected dubious ownership in repository at '/a b'\nTo add an exception…", /belongs to another user$/],
    [
      "fatal: cannot use bare repository '/a/b' (safe.bareRepository is 'explicit')\n",
      /^\/a\/b is a bare repository, /,
    ],
    ["fatal: cannot use bare repository '/it's' (safe.bareRepository is 'explicit')", /^\/it's is a bare repository, /],
    [
      "fatal: cannot use bare repository '/a/.git' (safe.bareRepository is 'explicit')",
      /^\/a\/\.git is inside the \.git/,
    ],
    [
      "fatal: cannot use bare repository '/a.git' (safe.bareRepository is 'explicit')",
      /^\/a\.git is a bare repository, /,
    ],
    ['fatal: not a git repository (or any of the parent directories): .git', undefined],
    ['', undefined],
  ];
  for (const [stderr, message] of cases) {
    it(`${JSON.stringify(stderr)} is ${message === undefined ? 'something else' : 'a refusal'}`, () => {
      const error = refusedRepository(stderr);
      if (message === undefined) expect(error).to.equal(undefined);
      else expect(error?.message).to.match(message);
    });
  }

  it('is told with the way out', () => {
    const bare = (path: string) => `fatal: cannot use bare repository '${path}' (safe.bareRepository is 'explicit')`;
    const told = [
      "fatal: detected dubious ownership in repository at '/a b'",
      bare('/a'),
      bare('/a/.git'),
      bare('C:\\a\\.git\\hooks'),
    ].map((stderr) => refusedRepository(stderr));
    expect(told.map((error) => [error?.code, error?.hint])).to.deep.equal([
      ['configuration', "if you trust it: git config --global --add safe.directory '/a b'"],
      ['usage', 'use a clone with a work tree; if it came with a commit, delete its files HEAD and config'],
      ['usage', "change to the repository's work tree, and try again"],
      ['usage', "change to the repository's work tree, and try again"],
    ]);
  });
});
