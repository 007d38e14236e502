import { expect } from 'chai';
import { appended, idsIn, linesOf, sortedByRange } from '../../../../../src/builders/layers/base/account-lines.js';

describe('the lines of an account file', () => {
  it('have fields, and IDs where they are numbers', () => {
    const text = 'root:x:0:\n\n# note\nbroken:x:1x:\n+:::\nusers:x:100:a,b';
    expect(linesOf(text).at(-1)).to.deep.equal(['users', 'x', '100', 'a,b']);
    expect(idsIn(text)).to.deep.equal([0, 100]);
  });

  it('get one more, whether the last one is ended or not', () => {
    expect(['', 'a', 'a\n'].map((text) => appended(text, 'b'))).to.deep.equal(['b\n', 'a\nb\n', 'a\nb\n']);
  });

  it('are sorted where they are ranges', () => {
    expect(sortedByRange('z:100:5\n\nq:1:1\na:100:2')).to.equal('q:1:1\na:100:2\nz:100:5\n');
    expect(sortedByRange('')).to.equal('');
  });
});
