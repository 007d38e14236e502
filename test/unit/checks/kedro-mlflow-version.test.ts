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
    ['kedro-mlflow<=0.11', '0.11.7.9999', false],
    ['kedro-mlflow<0.8', '0.10.0', true],
    ['kedro-mlflow<=0.8', '0.10.0', false],
    ['kedro-mlflow==0.7.6', '0.7.6', true],
    ['kedro-mlflow==0.8.1', '0.8.1', false],
    // What is required beside it decides which versions pip can choose from.
    ['kedro-mlflow\nkedro~=0.18.0', '0.11.9999', false],
    ['kedro-mlflow>=0.11\nkedro==0.18.14', '0.11.9999', false],
    ['kedro-mlflow\nkedro>=0.19,<0.20', '0.9999', false],
    ['kedro-mlflow\nkedro~=0.18', '0.9999', false],
    ['kedro-mlflow\nkedro~=1.0\nmlflow<3', '1.9999', false],
    ['kedro-mlflow\nkedro~=1.7', undefined, false],
    ['kedro-mlflow==0.12.1\nkedro~=0.18.0', '0.12.1', false],
    ['kedro~=0.18.0', undefined, false],
  ] as const) {
    it(`is ${version ?? 'not known'}, ${isFlat ? 'flat' : 'nested'}, for ${requirement}`, async () => {
      const context = contextWith({ files: { 'requirements.txt': requirement } });
      expect(await kedroMlflowVersion(context)).to.deep.equal({ version, isFlat });
    });
  }
});
