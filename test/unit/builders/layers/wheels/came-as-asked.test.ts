import { expect } from 'chai';
import { cameAsAsked } from '../../../../../src/builders/layers/wheels/came-as-asked.js';

const asked = (name: string, version: string | undefined) => ({
  name,
  version,
  artifact: { kind: 'folder', path: '/x' } as const,
});

describe('a wheel that was asked for', () => {
  for (const [name, version, filename] of [
    ['kedro-mlflow', '1.0.0', 'kedro_mlflow-1.0.0-py3-none-any.whl'],
    ['a', '1.0', 'a-1.0.0-py3-none-any.whl'],
    ['a', '1.0+ubuntu.1', 'A-1.0+ubuntu.1-py3-none-any.whl'],
    ['a', undefined, 'a-7-py3-none-any.whl'],
  ] as const) {
    it(`may be called ${filename}`, () => {
      expect(cameAsAsked(asked(name, version), filename).name).to.equal(name);
    });
  }

  for (const [name, version, filename, words] of [
    ['a', '1.0', 'a-1.0.1-py3-none-any.whl', 'the wheel of a 1.0 is a-1.0.1-py3-none-any.whl, which is a 1.0.1'],
    ['a', '1.0', 'a-1.0+cpu-py3-none-any.whl', 'the wheel of a 1.0 is a-1.0+cpu-py3-none-any.whl, which is a 1.0+cpu'],
    ['a', undefined, 'b-1.0-py3-none-any.whl', 'the wheel of a is b-1.0-py3-none-any.whl, which is b 1.0'],
    ['a', '1.0', 'no wheel', 'the wheel of a 1.0 is no wheel, which is not the name of a wheel'],
  ] as const) {
    it(`is refused as ${filename}`, () => {
      expect(() => cameAsAsked(asked(name, version), filename))
        .to.throw(words)
        .with.property('code', 'build-failed');
    });
  }
});
