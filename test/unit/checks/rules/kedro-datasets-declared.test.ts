import { expect } from 'chai';
import { kedroDatasetsDeclared } from '../../../../src/checks/rules/kedro-datasets-declared.js';
import { findingsOf } from '../../../support/check-rule.js';

const MESSAGE =
  'kedro-mlflow needs kedro-datasets but does not declare it: the container would fail with "No module named \'kedro_datasets\'"';

describe('kedro-datasets-declared', () => {
  const cases: [requirements: string, expected: string[]][] = [
    ['kedro', []],
    ['kedro-mlflow\nkedro-datasets', []],
    ['kedro-mlflow\nkedro_datasets[pandas.CSVDataset]~=3.0', []],
    ['kedro-mlflow', [`error requirements.txt:1: ${MESSAGE}`]],
    ['kedro\nkedro-mlflow==2.0.3', [`error requirements.txt:2: ${MESSAGE}`]],
    ['kedro-mlflow==1.0.0', [`error requirements.txt:1: ${MESSAGE}`]],
    ['kedro-mlflow>=0.12', [`error requirements.txt:1: ${MESSAGE}`]],
    // Up to 0.14 kedro-mlflow declares it.
    ['kedro-mlflow==0.14.5', []],
    ['kedro_mlflow~=0.12.1', []],
    ['kedro-mlflow<1', []],
    ['kedro-mlflow\n-c limits.txt', []],
    ['kedro-mlflow @ git+https://example.com/x', [`error requirements.txt:1: ${MESSAGE}`]],
    ['kedro-mlflow\nkedro-datasets ; sys_platform == "win32"', [`error requirements.txt:1: ${MESSAGE}`]],
    ['kedro-mlflow\n./libs/base', [`warning requirements.txt:1: ${MESSAGE}`]],
  ];
  for (const [requirements, expected] of cases) {
    it(`${JSON.stringify(requirements)}: ${expected[0]?.split(' ')[0] ?? 'fine'}`, async () => {
      const files = { 'requirements.txt': requirements, 'limits.txt': 'kedro-mlflow==0.13.0' };
      expect(await findingsOf(kedroDatasetsDeclared, { files })).to.deep.equal(expected);
    });
  }
});
