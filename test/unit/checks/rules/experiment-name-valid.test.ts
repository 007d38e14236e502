import { expect } from 'chai';
import { experimentNameValid } from '../../../../src/checks/rules/experiment-name-valid.js';
import { findingsOf, remediesOf, type ContextGiven } from '../../../support/check-rule.js';

function named(name: string | undefined, uri = 'https://mlflow.example.com'): ContextGiven {
  const experiment = name === undefined ? '' : `tracking:\n  experiment:\n    name: ${JSON.stringify(name)}\n`;
  return { files: { 'conf/local/mlflow.yml': `server: {mlflow_tracking_uri: ${uri}}\n${experiment}` } };
}

describe('experiment-name-valid', () => {
  for (const [name, uri] of [
    ['flights'],
    [undefined],
    ['a b/c ü 😀'],
    ['x'.repeat(500)],
    ['😀'.repeat(500)],
    ['/Users/a@b.c/flights', 'databricks'],
    // No server at all, which is another rule's finding.
    ['flights', 'databricks-uc'],
    ['flights', 'https://adb-1.azuredatabricks.net'],
  ]) {
    it(`is content with ${name?.slice(0, 20) ?? 'no name'} on ${uri ?? 'a server'}`, async () =>
      expect(await findingsOf(experimentNameValid, named(name, uri))).to.deep.equal([]));
  }

  const PLACE = 'conf/local/mlflow.yml:4';
  const problems: [name: string, given: ContextGiven, expected: string][] = [
    [
      'an empty name',
      named(''),
      `error ${PLACE}: tracking.experiment.name in mlflow.yml is empty, which MLflow does not accept`,
    ],
    [
      'a name that is too long',
      named('x'.repeat(501)),
      `error ${PLACE}: tracking.experiment.name in mlflow.yml is longer than the 500 characters that MLflow allows`,
    ],
    [
      'a space at the end',
      named('flights '),
      `warning ${PLACE}: tracking.experiment.name in mlflow.yml starts or ends with a space: MLflow treats it as a different experiment from the name without it`,
    ],
    [
      'a name that is no path on Databricks',
      named('flights', 'databricks'),
      `error ${PLACE}: the experiment name "flights" is not a workspace path, which Databricks requires`,
    ],
    [
      'the name of the package on Databricks, which is no path either',
      named(undefined, 'databricks://profile'),
      'error: the experiment name "demo" is not a workspace path, which Databricks requires',
    ],
    [
      'the name in kdeploy.yml, which wins',
      { ...named('/Users/x', 'databricks'), settings: { runConfig: { experimentName: 'flights' } } },
      'error: the experiment name "flights" is not a workspace path, which Databricks requires',
    ],
  ];
  for (const [name, given, expected] of problems) {
    it(`finds ${name}`, async () => {
      expect(await findingsOf(experimentNameValid, given)).to.deep.equal([expected]);
      expect((await remediesOf(experimentNameValid, given)).join('')).to.not.equal('');
    });
  }
});
