import { expect } from 'chai';
import { kedroMlflowVersion } from '../../../src/checks/kedro-mlflow-version.js';
import { contextWith } from '../../support/check-rule.js';

describe('the version of kedro-mlflow in the image', () => {
  for (const [requirement, version, isFlat] of [
    ['kedro', undefined, false],
    ['kedro-mlflow', undefined, false],
    ['kedro-mlflow==2.0.3', '2.0.3', false],
    ['kedro-mlflow>=0.12', undefined, false],
    ['kedro-mlflow<0.11', '0.10.0', false],
    ['kedro-mlflow<=0.11', undefined, false],
    ['kedro-mlflow<0.8', '0.10.0', true],
    ['kedro-mlflow<=0.8', '0.10.0', false],
    ['kedro-mlflow==0.7.6', '0.7.6', true],
    ['kedro-mlflow==0.8.1', '0.8.1', false],
  ] as const) {
    it(`is ${version ?? 'not known'}, ${isFlat ? 'flat' : 'nested'}, for ${requirement}`, async () => {
      const context = contextWith({ files: { 'requirements.txt': requirement } });
      expect(await kedroMlflowVersion(context)).to.deep.equal({ version, isFlat });
    });
  }
});
