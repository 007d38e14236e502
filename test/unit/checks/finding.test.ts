import { expect } from 'chai';
import { findingsBelow, type Finding } from '../../../src/checks/finding.js';

const finding = { rule: 'a-rule', severity: 'error', message: 'wrong', remedy: 'mend it' } satisfies Finding;

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
