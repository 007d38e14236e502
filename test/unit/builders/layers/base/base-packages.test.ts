import { expect } from 'chai';
import { basePackageNotes, basePackages } from '../../../../../src/builders/layers/base/base-packages.js';
import type { BaseDistribution } from '../../../../../src/builders/layers/base/base-facts.js';

const distribution = (name: string, more: Partial<BaseDistribution> = {}): BaseDistribution => ({
  ...{ name, version: '1', isTool: false, isSystem: true },
  ...more,
});
const DISTRIBUTIONS = [
  distribution('pip', { isTool: true }),
  distribution('internal'),
  distribution('pandas'),
  distribution('in-environment', { isSystem: false }),
];

const told = (locked: string[], hasSystemPackages: boolean) => {
  const { hidden, replaced } = basePackages({ distributions: DISTRIBUTIONS }, new Set(locked), { hasSystemPackages });
  return [hidden, replaced].map((each) => each.map(({ name }) => name).join(' '));
};

describe('the packages of a base', () => {
  const cases: readonly [locked: string[], hasSystemPackages: boolean, hidden: string, replaced: string][] = [
    [['pandas'], false, 'internal in-environment', 'pandas'],
    [['pandas'], true, 'in-environment', 'pandas'],
    [[], false, 'internal pandas in-environment', ''],
    [['internal', 'pandas', 'in-environment', 'pip'], false, '', 'internal pandas in-environment'],
  ];
  for (const [locked, hasSystemPackages, hidden, replaced] of cases)
    it(`are hidden (${hidden || 'none'}) with${hasSystemPackages ? '' : 'out'} system packages and ${locked.join(', ') || 'no lock'}`, () => {
      expect(told(locked, hasSystemPackages)).to.deep.equal([hidden, replaced]);
    });

  it('are said once each, and nothing where there is nothing to say', () => {
    expect(basePackageNotes({ hidden: [], replaced: [] })).to.deep.equal([]);
    const notes = basePackageNotes({ hidden: [distribution('a'), distribution('b')], replaced: [distribution('c')] });
    expect(notes).to.have.length(2);
    expect(notes[0]).to.match(/: a 1, b 1$/);
    expect(notes[1]).to.match(/: c 1$/);
  });

  it('are counted where there are many', () => {
    const hidden = Array.from({ length: 12 }, (_, at) => distribution(`p${at}`));
    expect(basePackageNotes({ hidden, replaced: [] })[0]).to.match(/p9 1 and 2 more$/);
    expect(basePackageNotes({ hidden: hidden.slice(0, 10), replaced: [] })[0]).to.match(/p9 1$/);
  });
});
