import { expect } from 'chai';
import { EngineFault } from '../../../../src/places/engine/fault.js';
import {
  listIn,
  listOf,
  numberIn,
  objectIn,
  optionalTextIn,
  textIn,
  textMapIn,
  textsIn,
} from '../../../../src/places/engine/shape.js';

describe('a part of an engine’s answer', () => {
  type Reader = (answer: unknown, key: string) => unknown;
  const reads: readonly [reader: Reader, value: unknown, result: unknown][] = [
    [textIn, 'x', 'x'],
    [optionalTextIn, '', ''],
    [optionalTextIn, null, undefined],
    [optionalTextIn, undefined, undefined],
    [numberIn, 0, 0],
    [(answer, key) => numberIn(answer, key, 4), undefined, 4],
    [objectIn, { a: 1 }, { a: 1 }],
    [objectIn, null, {}],
    [textsIn, ['x'], ['x']],
    [textsIn, null, []],
    [textsIn, undefined, []],
    [listIn, [1], [1]],
    [listIn, null, []],
    [textMapIn, { a: 'b' }, { a: 'b' }],
    [textMapIn, null, {}],
  ];
  for (const [reader, value, result] of reads) {
    it(`is read by ${reader.name} from ${value === undefined ? 'nothing' : JSON.stringify(value)}`, () => {
      expect(reader({ Key: value }, 'Key')).to.deep.equal(result);
    });
  }

  const refuses: readonly [reader: Reader, values: readonly unknown[]][] = [
    [textIn, ['', null, undefined, 3, ['x'], { a: 'x' }]],
    [optionalTextIn, [3, ['x'], {}, false]],
    [numberIn, ['3', null, undefined, [3]]],
    [objectIn, ['x', ['x'], 3, true]],
    [textsIn, ['x', { 0: 'x' }, [3], [null]]],
    [listIn, ['x', {}, 3]],
    [textMapIn, [{ a: 3 }, ['x'], 'x', { a: null }]],
  ];
  for (const [reader, values] of refuses) {
    it(`is named by ${reader.name} where it has another form`, () => {
      for (const value of values)
        expect(() => reader({ Key: value }, 'Key'), JSON.stringify(value))
          .to.throw(EngineFault, "the answer is not an engine's: its Key is missing or has another form")
          .with.property('kind', 'foreign');
      for (const answer of [undefined, null, 3, 'x', ['x']]) expect(() => reader(answer, 'Key')).to.throw(EngineFault);
    });
  }

  it('may be the whole answer, where that is a list', () => {
    expect(listOf([1])).to.deep.equal([1]);
    for (const answer of [undefined, null, {}, 'x']) expect(() => listOf(answer)).to.throw(EngineFault);
  });
});
