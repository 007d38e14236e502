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

  describe('that are in an environment of the base and beside its interpreter as well', () => {
    const both = (own: string, system: string) => [
      distribution('pandas', { version: own, isSystem: false }),
      distribution('pandas', { version: system }),
    ];
    const notes = (distributions: BaseDistribution[], locked: string[], hasSystemPackages = true) =>
      basePackageNotes(basePackages({ distributions }, new Set(locked), { hasSystemPackages }));

    it('are found in the version of the interpreter, which is said where it is another one', () => {
      expect(notes(both('2.1', '1.5'), [])).to.deep.equal([
        'packages of the base image that the project will find in another version, that of the interpreter: pandas 1.5 instead of 2.1',
      ]);
      expect(notes(both('2.1', '2.1'), [])).to.deep.equal([]);
    });

    it('are replaced by the lock’s once, in the version that was imported', () => {
      expect(notes(both('2.1', '1.5'), ['pandas'])).to.deep.equal([
        "packages of the base image that the project's own versions replace: pandas 2.1",
      ]);
    });

    it('are hidden once where packages of the interpreter are', () => {
      expect(notes(both('2.1', '1.5'), [], false)).to.deep.equal([
        'packages of the base image that the project will not find: pandas 2.1',
      ]);
    });

    it('are nothing to say of where they install others', () => {
      const tools = both('2.1', '1.5').map((each) => ({ ...each, name: 'pip', isTool: true }));
      expect(notes(tools, [])).to.deep.equal([]);
    });
  });

  it('are said once each, and nothing where there is nothing to say', () => {
    const none = { hidden: [], replaced: [], changed: [] };
    expect(basePackageNotes(none)).to.deep.equal([]);
    const [hidden, replaced] = [[distribution('a'), distribution('b')], [distribution('c')]];
    const notes = basePackageNotes({ ...none, hidden, replaced });
    expect(notes).to.have.length(2);
    expect(notes[0]).to.match(/: a 1, b 1$/);
    expect(notes[1]).to.match(/: c 1$/);
  });

  it('are counted where there are many', () => {
    const hidden = Array.from({ length: 12 }, (_, at) => distribution(`p${at}`));
    const none = { replaced: [], changed: [] };
    expect(basePackageNotes({ ...none, hidden })[0]).to.match(/p9 1 and 2 more$/);
    expect(basePackageNotes({ ...none, hidden: hidden.slice(0, 10) })[0]).to.match(/p9 1$/);
  });
});
