import { expect } from 'chai';
import { fillTemplate } from '../../../../../src/config/init/ci/fill-template.js';

describe('a pipeline template', () => {
  const fill = (template: string, blocks: string[] = [], values: Record<string, string> = {}) =>
    fillTemplate(template, { blocks, values });

  it('gets its values, and keeps the expressions of the CI services', () => {
    expect(fill('a: <<one>>\nb: ${{ vars.X }}\nc: <<one>>', [], { one: '1' })).to.equal('a: 1\nb: ${{ vars.X }}\nc: 1');
  });

  it('does not fill what a value holds', () => {
    expect(fill('<<one>> <<two>>', [], { one: '<<two>>', two: '$&' })).to.equal('<<two>> $&');
  });

  it('keeps the lines of a block that is asked for, and drops the others, marks and all', () => {
    const template = 'a\n#? one\nb\n#.\n  #? two, three\nc\n  #.\nd';
    expect(fill(template, ['one'])).to.equal('a\nb\nd');
    expect(fill(template, ['three'])).to.equal('a\nc\nd');
    expect(fill(template)).to.equal('a\nd');
  });

  it('leaves no gap where blocks were', () => {
    expect(fill('a\n\n#? one\nb\n\n#.\n\nc')).to.equal('a\n\nc');
  });

  it('takes no comment for a mark', () => {
    const text = '# ? one\n#.5\n#? One thing\n# .';
    expect(fill(text)).to.equal(text);
  });

  const mistakes: readonly [template: string, message: string][] = [
    ['<<nothing>>', 'unknown placeholder, nothing'],
    ['#? one\na', 'without an end'],
    ['a\n#.', 'out of place'],
    ['#? one\n#? two\n#.\n#.', 'out of place'],
  ];
  for (const [template, message] of mistakes) {
    it(`is a mistake of ours: ${JSON.stringify(template)}`, () => {
      expect(() => fill(template)).to.throw(message);
    });
  }
});
