import { expect } from 'chai';

import { assignment, call, dictionary, list, literal, statement } from '../../../../src/airflow/python/expression.js';

describe('an expression of Python', () => {
  it('stands on one line as long as it fits in 88 columns', () => {
    const text = (length: number): string => assignment('x', list([literal('a'.repeat(length))]));
    expect(text(80))
      .to.equal(`x = ["${'a'.repeat(80)}"]`)
      .and.to.have.lengthOf(88);
    expect(text(81)).to.equal(`x = [\n    "${'a'.repeat(81)}",\n]`);
  });

  it('counts what follows a bracket, and that some characters are two columns wide', () => {
    expect(statement(call('f', [literal('a'.repeat(83))]), 0, '', ':')).to.include('\n');
    expect(statement(call('f', [literal('a'.repeat(82))]), 0, '', ':')).to.not.include('\n');
    expect(assignment('x', list([literal('漢'.repeat(41))]))).to.include('\n');
  });

  it('puts brackets around a string that only fits on a line of its own', () => {
    expect(assignment('NAME', literal('a'.repeat(80)))).to.equal(`NAME = (\n    "${'a'.repeat(80)}"\n)`);
    expect(assignment('NAME', literal('a'.repeat(90)))).to.equal(`NAME = "${'a'.repeat(90)}"`);
  });

  it('is a literal of whatever JSON or YAML can say', () => {
    const value = { a: [1, 0.5, true, null], 'b"': {}, c: [], d: 1e21, e: -0.1 };
    expect(assignment('x', literal(value))).to.equal(
      `x = {"a": [1, 0.5, True, None], 'b"': {}, "c": [], "d": 1e21, "e": -0.1}`,
    );
  });

  it('leaves out what is undefined', () => {
    expect(statement(call('f', ['a'], { b: undefined, c: '1' }, ['D']))).to.equal('f(a, c=1, **D)');
    expect(statement(dictionary({ a: undefined, b: '1' }, ['C']))).to.equal('{**C, "b": 1}');
  });
});
