import { satisfies } from '@renovatebot/pep440';
import { expect } from 'chai';
import fc from 'fast-check';
import { overlap, rangeOf } from '../../../../src/project/python/version-range.js';

describe('version ranges', () => {
  const cases: [a: string, b: string, expected: boolean][] = [
    ['', '', true],
    ['>=1', '<1', false],
    ['>=1', '<=1', true],
    ['>1', '<=1', false],
    ['==1.0', '>=1', true],
    ['==1.0', '>1', false],
    ['==1.0.*', '<1.0', true],
    ['==1.4.*', '>=1.5', false],
    ['==1.4.*', '>=1.4.99', true],
    ['~=1.4.2', '>=1.5', false],
    ['~=1.4', '>=1.5,<1.6', true],
    ['~=1.4', '>=2', false],
    ['==1!1.0', '<2', false],
    ['==2.1+cpu', '==2.1', true],
    ['!=1.0', '==1.0', true],
    ['===nonsense', '>=1', true],
    ['>=1.0.0', '==1.0.0rc1', false],
    ['==3.9.*', '>=3.10', false],
    ['==3.11.*', '>=3.10,<3.12', true],
  ];
  for (const [a, b, expected] of cases) {
    it(`${a || 'anything'} and ${b || 'anything'} ${expected ? 'can' : 'cannot'} both be met`, () => {
      expect(overlap(rangeOf(a), rangeOf(b))).to.equal(expected);
      expect(overlap(rangeOf(b), rangeOf(a))).to.equal(expected);
    });
  }

  it('never rules out a version that meets both', () => {
    const number = fc.integer({ min: 0, max: 3 });
    const version = fc.oneof(
      fc.tuple(number, number).map((parts) => parts.join('.')),
      fc.tuple(number, number, number).map((parts) => parts.join('.')),
      fc.tuple(number, number, fc.constantFrom('rc1', '.dev0', '.post1', '+cpu')).map(([a, b, c]) => `${a}.${b}${c}`),
    );
    const plain = fc.tuple(number, number).map((parts) => parts.join('.'));
    const clause = fc.oneof(
      fc.tuple(fc.constantFrom('>=', '<=', '>', '<', '==', '!=', '~='), plain).map((parts) => parts.join('')),
      plain.map((text) => `==${text}.*`),
    );
    const specifier = fc.array(clause, { maxLength: 3 }).map((clauses) => clauses.join(','));
    fc.assert(
      fc.property(specifier, specifier, version, (a, b, each) => {
        const meetsBoth = [a, b].every((text) => text === '' || satisfies(each, text, { prereleases: true }));
        if (meetsBoth) expect(overlap(rangeOf(a), rangeOf(b)), `${each} meets ${a} and ${b}`).to.equal(true);
      }),
      { numRuns: 3000 },
    );
  });
});
