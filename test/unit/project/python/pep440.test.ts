import { expect } from 'chai';
import fc from 'fast-check';
import {
  compareVersions,
  endOfPrefix,
  isSpecifier,
  isVersion,
  satisfies,
} from '../../../../src/project/python/pep440.js';

const LONG = '9'.repeat(21);

describe('versions of PEP 440', () => {
  const ordered = [
    '1.0',
    '1.99999999999999',
    '1.100000000000000',
    '1.9007199254740992',
    '1.9007199254740993',
    `1.${LONG}rc1`,
    `1.${LONG}`,
    `1.${LONG}+cpu`,
    `1.1${LONG}`,
    '2',
    `2.0.post${LONG}`,
    `2.0.post1${LONG}+g1${LONG}`,
    `2.0.post1${LONG}+g${LONG}`,
    `2.0.post1${LONG}+1.${LONG}`,
    `2.0.post1${LONG}+1.1${LONG}`,
    `${LONG}.0`,
    `${LONG}!0`,
  ];
  for (const [index, later] of ordered.slice(1).entries()) {
    const earlier = ordered[index] ?? '';
    it(`${earlier} is before ${later}, however long their numbers are`, () => {
      expect(compareVersions(earlier, later)).to.be.below(0);
      expect(compareVersions(later, earlier)).to.be.above(0);
      expect(compareVersions(later, later)).to.equal(0);
    });
  }

  it('zeros in front of a number mean nothing', () =>
    expect(compareVersions(`1.${'0'.repeat(30)}2`, '1.2.0')).to.equal(0));

  const cases: [version: string, specifier: string, expected: boolean][] = [
    [LONG, `==${LONG}`, true],
    [LONG, `==${LONG}.*`, true],
    [`${LONG}.3`, `~=${LONG}.1`, true],
    [`1${LONG}.3`, `~=${LONG}.1`, false],
    [LONG, `!=1${LONG}`, true],
    [LONG, `<${LONG}`, false],
    [LONG, `>=1,<1${LONG}`, true],
    ['1.0', `>=1${LONG}`, false],
    [`1.0+${LONG}`, '==1.0', true],
    ['not a version', '==1.*', false],
    ['1.0', 'not a specifier', false],
  ];
  for (const [version, specifier, expected] of cases) {
    it(`${specifier} ${expected ? 'allows' : 'does not allow'} ${version}`, () =>
      expect(satisfies(version, specifier, { prereleases: true })).to.equal(expected));
  }

  it('counts numbers of all lengths, alone and in what follows them', () => {
    const digits = fc.bigInt({ min: 0n, max: 10n ** 40n });
    fc.assert(
      fc.property(digits, digits, fc.constantFrom('', '.0', 'rc', '.post', '.dev', '!'), (a, b, where) => {
        const version = (number: bigint) =>
          where === '!' ? `${number}!1` : where === '.0' || where === '' ? `${number}${where}` : `1${where}${number}`;
        expect(Math.sign(compareVersions(version(a), version(b)))).to.equal(a < b ? -1 : a > b ? 1 : 0);
        expect(satisfies(version(a), `>=${version(b)}`, { prereleases: true })).to.equal(a >= b);
      }),
    );
  });

  it('a specifier and a version are known with numbers of any length', () => {
    expect([isSpecifier(`>=${LONG},<${LONG}.*`), isSpecifier(`>=${LONG}`), isVersion(LONG)]).to.deep.equal([
      false,
      true,
      true,
    ]);
  });

  const ends: [version: string, dropped: number, expected: string][] = [
    ['1.4', 0, '1.5'],
    ['v1.4.2', 1, '1.5'],
    ['2!1.4rc1', 0, '2!1.5'],
    [`1.${LONG}`, 0, `1.1${'0'.repeat(21)}`],
    [`${LONG}.1`, 1, `1${'0'.repeat(21)}`],
  ];
  for (const [version, dropped, expected] of ends) {
    it(`what begins like ${version}${dropped === 0 ? '' : ', without its last number,'} ends before ${expected}`, () =>
      expect(endOfPrefix(version, dropped)).to.equal(expected));
  }
});
