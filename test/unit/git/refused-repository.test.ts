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
});
