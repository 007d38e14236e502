import type { CatalogEntry } from '../../project/kedro/catalog.js';
import { pinnedVersion } from '../declarations.js';
import { certainlyLacks } from '../installed-packages.js';
import type { Rule, RuleFinding } from '../rule.js';

/** kedro-mlflow 0.12.0 gave its datasets other names, and MlflowArtifactDataset's `data_set` too (its CHANGELOG). */
const NEW_NAMES: Readonly<Record<string, string>> = {
  MlflowArtifactDataSet: 'MlflowArtifactDataset',
  MlflowMetricDataSet: 'MlflowMetricDataset',
  MlflowMetricHistoryDataSet: 'MlflowMetricHistoryDataset',
  MlflowMetricsDataSet: 'MlflowMetricsHistoryDataset',
  MlflowModelLoggerDataSet: 'MlflowModelTrackingDataset',
  MlflowModelSaverDataSet: 'MlflowModelLocalFileSystemDataset',
  MlflowModelRegistryDataSet: 'MlflowModelRegistryDataset',
};
const OLD_NAMES = Object.fromEntries(Object.entries(NEW_NAMES).map(([old, recent]) => [recent, old]));
const RENAMED_IN = '0.12.0';

/** What the datasets of kedro-datasets, and the flavors of MLflow, import. Only what all of a group need. */
const PACKAGES: Readonly<Record<string, string>> = {
  geopandas: 'geopandas',
  matplotlib: 'matplotlib',
  networkx: 'networkx',
  pandas: 'pandas',
  plotly: 'plotly',
  polars: 'polars',
  spark: 'pyspark',
  'mlflow.catboost': 'catboost',
  'mlflow.lightgbm': 'lightgbm',
  'mlflow.onnx': 'onnx',
  'mlflow.prophet': 'prophet',
  'mlflow.pytorch': 'torch',
  'mlflow.sklearn': 'scikit-learn',
  'mlflow.spark': 'pyspark',
  'mlflow.statsmodels': 'statsmodels',
  'mlflow.tensorflow': 'tensorflow',
  'mlflow.xgboost': 'xgboost',
};

/** What the catalog asks for comes from packages; an image without them stops when the dataset is made. */
export const catalogDatasetsAvailable: Rule = {
  id: 'catalog-datasets-available',
  group: 'tracking',
  description: 'The datasets in the catalog exist in the package versions that the image installs',

  async check(context): Promise<RuleFinding[]> {
    const { value: entries, error } = await context.catalog();
    if (error !== undefined) {
      const place = error.place === undefined ? {} : { place: error.place };
      return [
        {
          severity: 'warning',
          message: `the catalog could not be read: ${error.message}`,
          remedy: error.hint ?? 'fix the file',
          ...place,
        },
      ];
    }
    const requirements = await context.requirements();
    const version = pinnedVersion(requirements.installed, 'kedro-mlflow');
    const isOld = version === undefined ? undefined : await isBelow(version, RENAMED_IN);
    const findings = (entries ?? []).flatMap((entry) => wrongName(entry, version, isOld));

    const users = new Map<string, CatalogEntry[]>();
    for (const entry of entries ?? [])
      for (const name of neededBy(entry)) if (users.get(name)?.push(entry) === undefined) users.set(name, [entry]);
    for (const [name, entriesOfName] of users)
      if (certainlyLacks(requirements, name)) findings.push(...missing(name, entriesOfName));
    return findings;
  },
};

function wrongName(entry: CatalogEntry, version: string | undefined, isOld: boolean | undefined): RuleFinding[] {
  const [, name = ''] = /^kedro_mlflow\.io\.(?:\w+\.)*(\w+)$/.exec(text(entry.dataset.type)) ?? [];
  if (version === undefined || isOld === undefined) return [];
  const right = isOld ? OLD_NAMES[name] : NEW_NAMES[name];
  if (right !== undefined) {
    return [
      {
        severity: 'error',
        message: `${entry.name} in the catalog has the type ${name}, which does not exist in kedro-mlflow ${version}`,
        remedy: `use ${right}, its name ${isOld ? 'before' : 'since'} kedro-mlflow ${RENAMED_IN}`,
        place: entry.placeOf(['type']),
      },
    ];
  }
  const isArtifact = name === 'MlflowArtifactDataset' || name === 'MlflowArtifactDataSet';
  const [wrong, correct] = isOld ? ['dataset', 'data_set'] : ['data_set', 'dataset'];
  if (!isArtifact || !Object.hasOwn(entry.dataset, wrong)) return [];
  return [
    {
      severity: 'error',
      message: `${entry.name} in the catalog has the key ${wrong}, which ${name} does not accept in kedro-mlflow ${version}`,
      remedy: `use the key ${correct}`,
      place: entry.placeOf([wrong]),
    },
  ];
}

/** The packages of an entry's own type, of the one it wraps, and of its flavor. */
function neededBy({ dataset }: CatalogEntry): string[] {
  const inner = dataset.dataset ?? dataset.data_set;
  const wrapped = typeof inner === 'object' && inner !== null && 'type' in inner ? inner.type : inner;
  const types = [dataset.type, wrapped].map((type) => /^(?:kedro_datasets\.)?(\w+)\.\w+$/.exec(text(type))?.[1] ?? '');
  const names = [...types, text(dataset.flavor)].flatMap((key) =>
    Object.hasOwn(PACKAGES, key) ? [PACKAGES[key] ?? ''] : [],
  );
  return [...new Set(names)];
}

function missing(name: string, users: readonly CatalogEntry[]): RuleFinding[] {
  const [first, ...others] = users;
  if (first === undefined) return [];
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  return [
    {
      // Newer versions of Kedro make a dataset only when a pipeline uses it.
      severity: 'warning',
      message: `${name} is missing from the requirements, but ${first.name}${more} in the catalog ${others.length === 0 ? 'needs' : 'need'} it`,
      remedy: `add ${name} to the requirements, and lock them again`,
      place: first.placeOf(['type']),
    },
  ];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

async function isBelow(version: string, limit: string): Promise<boolean | undefined> {
  const { compareVersions, isVersion } = await import('../../project/python/pep440.js');
  return isVersion(version) ? compareVersions(version, limit) < 0 : undefined;
}
