import { expect } from 'chai';
import fc from 'fast-check';
import { environmentValue, withEnvironment } from '../../../src/image/run-configuration.js';

const names = fc.constantFrom('A', 'B', 'PATH', 'constructor', '__proto__', 'toString');
const environment = fc.array(fc.tuple(names, fc.string()).map(([name, value]) => `${name}=${value}`));

describe('the environment of an image', () => {
  const values: readonly [env: string[], name: string, value: string | undefined][] = [
    [['A=1', 'B=2'], 'A', '1'],
    [['A=1', 'A=2'], 'A', '2'],
    [['A='], 'A', ''],
    [['A=b=c'], 'A', 'b=c'],
    [['AB=1'], 'A', undefined],
    [['a=1'], 'A', undefined],
    [['A'], 'A', undefined],
    [[], 'A', undefined],
  ];
  for (const [env, name, value] of values) {
    it(`${JSON.stringify(env)} has ${value === undefined ? 'no' : JSON.stringify(value)} ${name}`, () => {
      expect(environmentValue(env, name)).to.equal(value);
    });
  }

  it('sets, replaces and removes, and leaves the rest in order', () => {
    const changed = withEnvironment(['A=1', 'PATH=/bin', 'B=2', 'A=3', 'C=4'], { A: 'new', B: undefined, D: '' });
    expect(changed).to.deep.equal(['PATH=/bin', 'C=4', 'A=new', 'D=']);
  });

  it('keeps variables that have the names of what every object has', () => {
    expect(withEnvironment(['constructor=x', 'toString=y'], { A: '1' })).to.deep.equal([
      'constructor=x',
      'toString=y',
      'A=1',
    ]);
  });

  it('has each change afterwards, and no other value changed', () => {
    const changes = fc.dictionary(fc.constantFrom('A', 'B', 'NEW'), fc.option(fc.string(), { nil: undefined }));
    fc.assert(
      fc.property(environment, changes, (env, changed) => {
        const after = withEnvironment(env, changed);
        for (const name of ['A', 'B', 'NEW', 'PATH', 'constructor', '__proto__', 'toString']) {
          const expected = Object.hasOwn(changed, name) ? changed[name] : environmentValue(env, name);
          expect(environmentValue(after, name)).to.equal(expected);
        }
      }),
    );
  });

  it('is the same when the same is set twice', () => {
    fc.assert(
      fc.property(environment, fc.string(), (env, value) => {
        const once = withEnvironment(env, { A: value, B: undefined });
        expect(withEnvironment(once, { A: value, B: undefined })).to.deep.equal(once);
      }),
    );
  });
});
