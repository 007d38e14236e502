import { expect } from 'chai';
import { contestNotes } from '../../../../src/builders/layers/contest-notes.js';
import type { Contest } from '../../../../src/builders/layers/omissions.js';

const contest = (path: string, winner: string | undefined, ...losers: readonly string[]): Contest => ({
  ...{ path, winner, losers },
});

describe('what is said of paths that packages have with different content', () => {
  const cases: readonly [what: string, contests: readonly Contest[], notes: readonly string[]][] = [
    ['nothing where there are none', [], []],
    ['whose is used', [contest('x', 'b', 'a')], ['/x is in a and b, with different content; that of b is used']],
    [
      'all that have it',
      [contest('x', 'c', 'a', 'b')],
      ['/x is in a and b and c, with different content; that of c is used'],
    ],
    [
      'that it is left to another, where it is not known to which',
      [contest('x', undefined, 'a')],
      ['/x is in a and in another package, with different content; that of the other package is used'],
    ],
    [
      'once what is so of several paths',
      ['x', 'y', 'z'].map((path) => contest(path, 'b', 'a')),
      ['/x, /y, /z are in a and b, with different content; that of b is used'],
    ],
    [
      'how many there are, where they are many',
      ['v', 'w', 'x', 'y', 'z'].map((path) => contest(path, undefined, 'a')),
      [
        '/v, /w, /x and 2 more are in a and in another package, with different content; that of the other package is used',
      ],
    ],
    [
      'each by itself where others win or lose',
      [contest('v', 'b', 'a'), contest('w', 'a', 'b'), contest('x', 'c', 'a', 'b'), contest('y', undefined, 'a')],
      [
        '/v is in a and b, with different content; that of b is used',
        '/w is in b and a, with different content; that of a is used',
        '/x is in a and b and c, with different content; that of c is used',
        '/y is in a and in another package, with different content; that of the other package is used',
      ],
    ],
  ];
  for (const [what, contests, notes] of cases)
    it(`is ${what}`, () => {
      expect(contestNotes(contests)).to.deep.equal(notes);
    });
});
