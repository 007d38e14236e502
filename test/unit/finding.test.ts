import { expect } from 'chai';
import { findingsBelow, publicFinding, type Finding } from '../../src/finding.js';

const finding = { rule: 'a-rule', severity: 'error', message: 'wrong', remedy: 'fix it' } satisfies Finding;

describe('findings seen from a folder above the project', () => {
  it('have the path of the project before their places', () => {
    const placed = { ...finding, place: { file: 'requirements.txt', line: 3 } };
    expect(findingsBelow('services/churn', [placed])).to.deep.equal([
      { ...finding, place: { file: 'services/churn/requirements.txt', line: 3 } },
    ]);
  });

  it('stay as they are without a place, and for a project that is the whole repository', () => {
    const placed = { ...finding, place: { file: 'requirements.txt' } };
    expect(findingsBelow('services/churn', [finding])).to.deep.equal([finding]);
    expect(findingsBelow('', [placed])).to.deep.equal([placed]);
  });
});

describe('a finding as other programs see it', () => {
  it('shows that it is fixable, and not how', () => {
    const fix = { kind: 'add-requirement', file: 'requirements.txt', requirement: 'x' } as const;
    expect(publicFinding({ ...finding, fix })).to.deep.equal({ ...finding, fixable: true });
  });

  it('is otherwise the same', () => {
    expect(publicFinding(finding)).to.deep.equal(finding);
    const placed = { ...finding, place: { file: 'a', line: 1 } };
    expect(publicFinding(placed)).to.deep.equal(placed);
  });
});
