import { expect } from 'chai';
import { artifactLocationUsable } from '../../../../src/checks/rules/artifact-location-usable.js';
import { findingsOf, type ContextGiven } from '../../../support/check-rule.js';

const RESOLVED = 'kedro==1.0\nkedro-mlflow==2.0.3\nomegaconf==2.3.0\npluggy==1.5\ndynaconf==3.2\nfsspec==2024.1\n';

function located(location: string, requirements = RESOLVED): ContextGiven {
  return {
    files: {
      'requirements.txt': requirements,
      'conf/local/mlflow.yml': `tracking:\n  experiment:\n    create_experiment_kwargs:\n      artifact_location: ${location}\n`,
    },
  };
}

describe('artifact-location-usable', () => {
  const fine: [location: string, requirements?: string][] = [
    ['null'],
    ['dbfs:/artifacts'],
    ['mlflow-artifacts:/x'],
    ['https://x.example.com'],
    ['s3://bucket', `${RESOLVED}boto3==1.34\n`],
    // Something in these lists may well bring boto3 along.
    ['s3://bucket', 'kedro\nkedro-mlflow\n'],
    ['s3://bucket', 'kedro==1.0\nkedro-mlflow==2.0.3\n'],
    ['s3://bucket', `${RESOLVED}awswrangler\n`],
    ['s3://bucket', `${RESOLVED}./local-package\n`],
    ['s3://bucket', `${RESOLVED}-r missing.txt\n`],
  ];
  for (const [location, requirements] of fine) {
    it(`is content with ${location} and ${JSON.stringify(requirements ?? 'a resolved list')}`, async () =>
      expect(await findingsOf(artifactLocationUsable, located(location, requirements))).to.deep.equal([]));
  }

  const WHERE = 'conf/local/mlflow.yml:4';
  for (const folder of ['./artifacts', '/mnt/artifacts', 'file:///mnt/x', 'C:\\x']) {
    it(`warns of the folder ${folder}`, async () => {
      expect(await findingsOf(artifactLocationUsable, located(folder))).to.deep.equal([
        `warning ${WHERE}: the artifact location ${folder} is a local folder: artifacts that a container writes there are deleted with the container, unless a volume is mounted`,
      ]);
    });
  }
  for (const [location, name] of [
    ['s3://bucket', 'boto3'],
    ['gs://bucket', 'google-cloud-storage'],
    ['abfss://c@a.dfs.core.windows.net', 'azure-storage-file-datalake'],
  ] as const) {
    it(`warns that ${name} is certain to be missing for ${location}`, async () => {
      const [finding] = await findingsOf(artifactLocationUsable, located(location));
      expect(finding)
        .to.match(/^warning /)
        .and.contain(`needs ${name}, which is missing from the requirements`);
    });
  }
});
