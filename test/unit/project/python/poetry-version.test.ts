import { expect } from 'chai';
import { fromPoetryVersion } from '../../../../src/project/python/poetry-version.js';

describe('fromPoetryVersion', () => {
  const cases: [poetry: string, pep440: string][] = [
    ['^1.2.3', '>=1.2.3,<2'],
    ['^1.2', '>=1.2,<2'],
    ['^1', '>=1,<2'],
    ['^0.2.3', '>=0.2.3,<0.3'],
    ['^0.0.3', '>=0.0.3,<0.0.4'],
    ['^0.0', '>=0.0,<0.1'],
    ['^0', '>=0,<1'],
    ['~1.2.3', '>=1.2.3,<1.3'],
    ['~1.2', '>=1.2,<1.3'],
    ['~1', '>=1,<2'],
    ['*', ''],
    ['1.2.*', '==1.2.*'],
    ['1.2.3', '==1.2.3'],
    ['==1.2.3', '==1.2.3'],
    ['>=1.2,<2', '>=1.2,<2'],
    ['>= 1.2, < 2', '>=1.2,<2'],
    ['>=1.2 <2', '>=1.2,<2'],
    ['~=1.2', '~=1.2'],
    ['^1.2rc1', '>=1.2rc1,<2'],
    // What cannot be said limits nothing.
    ['^1 || ^2', ''],
    ['latest', ''],
    ['', ''],
  ];
  for (const [poetry, pep440] of cases) {
    it(`${poetry || 'nothing'} is ${pep440 || 'any version'}`, () =>
      expect(fromPoetryVersion(poetry)).to.equal(pep440));
  }
});
