import { expect } from 'chai';
import { catalogDatasetsAvailable } from '../../../../src/checks/rules/catalog-datasets-available.js';
import { findingsOf, remediesOf, type ContextGiven } from '../../../support/check-rule.js';

const RESOLVED =
  'kedro==1.0\nkedro-mlflow==2.0.3\nomegaconf==2.3.0\npluggy==1.5\ndynaconf==3.2\nfsspec==2024.1\nkedro-datasets==9.0\n';

function catalog(text: string, requirements: string, files: Record<string, string> = {}): ContextGiven {
  return { files: { 'requirements.txt': requirements, 'conf/base/catalog.yml': text, ...files } };
}
const typed = (type: string): string => `model:\n  type: ${type}\n`;

describe('catalog-datasets-available', () => {
  const fine: [text: string, requirements: string][] = [
    [typed('kedro_mlflow.io.artifacts.MlflowArtifactDataset'), 'kedro-mlflow==2.0.3'],
    [typed('kedro_mlflow.io.artifacts.MlflowArtifactDataSet'), 'kedro-mlflow==0.11.10'],
    // Which version pip chooses is not known here.
    [typed('kedro_mlflow.io.artifacts.MlflowArtifactDataSet'), 'kedro-mlflow'],
    [typed('demo.datasets.MlflowArtifactDataSet'), 'kedro-mlflow==2.0.3'],
    [typed('"${_types.model}"'), 'kedro-mlflow==2.0.3'],
    [typed('pandas.CSVDataset'), 'kedro-mlflow==2.0.3'],
    [typed('pandas.CSVDataset'), `${RESOLVED}pandas==2.2\n`],
    [typed('json.JSONDataset'), RESOLVED],
    [typed('demo.pandas.CSVDataset'), RESOLVED],
    ['_helper: {type: pandas.CSVDataset}\nx: text\n', RESOLVED],
    ['', RESOLVED],
  ];
  for (const [text, requirements] of fine) {
    it(`is content with ${JSON.stringify(text)} and ${JSON.stringify(requirements.slice(0, 30))}`, async () =>
      expect(await findingsOf(catalogDatasetsAvailable, catalog(text, requirements))).to.deep.equal([]));
  }

  it('finds names that the pinned kedro-mlflow does not have, in either direction', async () => {
    const recent = catalog(typed('kedro_mlflow.io.models.MlflowModelLoggerDataSet'), 'kedro-mlflow==0.14.5');
    expect(await findingsOf(catalogDatasetsAvailable, recent)).to.deep.equal([
      'error conf/base/catalog.yml:2: model in the catalog has the type MlflowModelLoggerDataSet, which does not exist in kedro-mlflow 0.14.5',
    ]);
    expect(await remediesOf(catalogDatasetsAvailable, recent)).to.deep.equal([
      'use MlflowModelTrackingDataset, its name since kedro-mlflow 0.12.0',
    ]);
    const old = catalog(typed('kedro_mlflow.io.metrics.MlflowMetricDataset'), 'kedro_mlflow==0.11.10');
    expect(await remediesOf(catalogDatasetsAvailable, old)).to.deep.equal([
      'use MlflowMetricDataSet, its name before kedro-mlflow 0.12.0',
    ]);
  });

  it('finds the key that was renamed with them', async () => {
    const text =
      'model:\n  type: kedro_mlflow.io.artifacts.MlflowArtifactDataset\n  data_set: {type: json.JSONDataset}\n';
    expect(await findingsOf(catalogDatasetsAvailable, catalog(text, 'kedro-mlflow==2.0.3'))).to.deep.equal([
      'error conf/base/catalog.yml:3: model in the catalog has the key data_set, which MlflowArtifactDataset does not accept in kedro-mlflow 2.0.3',
    ]);
  });

  it('finds packages that a resolved list lacks, once each, for wrapped datasets, factories and flavors too', async () => {
    const text =
      'a:\n  type: pandas.CSVDataset\n"{name}_b":\n  type: kedro_mlflow.io.artifacts.MlflowArtifactDataset\n  dataset: {type: kedro_datasets.pandas.CSVDataset}\nc:\n  type: kedro_mlflow.io.models.MlflowModelTrackingDataset\n  flavor: mlflow.sklearn\n';
    expect(await findingsOf(catalogDatasetsAvailable, catalog(text, RESOLVED))).to.deep.equal([
      'warning conf/base/catalog.yml:2: pandas is missing from the requirements, but a and 1 more in the catalog need it',
      'warning conf/base/catalog.yml:7: scikit-learn is missing from the requirements, but c in the catalog needs it',
    ]);
  });

  it('reads all files of both environments, with globals, the run environment over the base', async () => {
    const files = {
      'conf/base/globals.yml': 'kind: kedro_mlflow.io.artifacts\n',
      'conf/base/catalog_models.yml': 'b:\n  type: ${globals:kind}.MlflowArtifactDataSet\n',
      'conf/local/catalog.yml': 'model: {type: json.JSONDataset}\n',
    };
    const given = catalog(typed('kedro_mlflow.io.artifacts.MlflowArtifactDataSet'), 'kedro-mlflow==2.0.3', files);
    expect(await findingsOf(catalogDatasetsAvailable, given)).to.deep.equal([
      'error conf/base/catalog_models.yml:2: b in the catalog has the type MlflowArtifactDataSet, which does not exist in kedro-mlflow 2.0.3',
    ]);
  });

  it('says that a catalog cannot be read, and where', async () => {
    const [finding] = await findingsOf(catalogDatasetsAvailable, catalog('a: [1\n', 'kedro-mlflow'));
    expect(finding).to.match(/^warning conf\/base\/catalog.yml:\d: the catalog could not be read/);
  });
});
