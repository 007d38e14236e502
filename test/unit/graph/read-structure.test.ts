import { expect } from 'chai';
import { KdeployError } from '../../../src/errors.js';
import { readStructure } from '../../../src/graph/read-structure.js';

const NODE = {
  name: 'features.split',
  namespace: 'features',
  tags: ['b', 'a'],
  inputs: ['x@pandas', 'params:ratio'],
  outputs: ['train'],
  confirms: ['x@pandas', 'a'],
  function: 'flights.nodes.split',
};
const DATASET = {
  type: 'kedro_datasets.pandas.csv_dataset.CSVDataset',
  importable: false,
  ephemeral: false,
  versioned: true,
  defined_by: 'pattern',
  pattern: '{name}_csv',
  local_paths: ['/home/kedro_docker/data/x.csv'],
  path_settings: [{ key: 'filepath', path: '/home/kedro_docker/data/x.csv', written: 'data/{name}.csv' }],
  address: null,
  table: 'cars',
  asset: null,
};
const DOCUMENT = {
  schema_version: 1,
  package: 'flights',
  kedro_version: '1.7.0',
  kedro_env: null,
  folder: '/home/kedro_docker',
  run_options: ['--nodes'],
  pipelines: { __default__: [NODE] },
  datasets: { 'x@pandas': DATASET },
};

describe('what an image says of its pipelines', () => {
  it('is read field by field, tags in order', () => {
    expect(structuredClone(readStructure({ ...DOCUMENT, later: 'field' }))).to.deep.equal({
      package: 'flights',
      kedroVersion: '1.7.0',
      kedroEnv: null,
      folder: '/home/kedro_docker',
      runOptions: ['--nodes'],
      pipelines: { __default__: [{ ...NODE, tags: ['a', 'b'], confirms: ['a', 'x@pandas'] }] },
      datasets: {
        'x@pandas': {
          type: DATASET.type,
          importable: false,
          ephemeral: false,
          versioned: true,
          definedBy: 'pattern',
          pattern: '{name}_csv',
          localPaths: DATASET.local_paths,
          pathSettings: DATASET.path_settings,
          address: null,
          table: 'cars',
          asset: null,
        },
      },
    });
  });

  it('may come from a runtime that did not tell what later ones tell', () => {
    const older = { ...DATASET, path_settings: undefined, table: undefined, importable: undefined };
    const { datasets, pipelines, runOptions } = readStructure({
      ...DOCUMENT,
      run_options: undefined,
      pipelines: { a: [{ ...NODE, confirms: undefined }] },
      datasets: { x: older },
    });
    expect(runOptions).to.equal(null);
    expect(datasets.x).to.deep.include({ pathSettings: [], table: null, importable: true });
    expect(pipelines.a?.[0]?.confirms).to.deep.equal([]);
  });

  it('may name a pipeline as JavaScript names what every object has', () => {
    const { pipelines } = readStructure({
      ...DOCUMENT,
      pipelines: JSON.parse('{"__proto__": [], "constructor": []}') as object,
    });
    expect(Object.keys(pipelines)).to.deep.equal(['__proto__', 'constructor']);
    expect('toString' in pipelines).to.equal(false);
  });

  const node = (changes: object): object => ({ ...DOCUMENT, pipelines: { __default__: [{ ...NODE, ...changes }] } });
  const dataset = (changes: object): object => ({ ...DOCUMENT, datasets: { x: { ...DATASET, ...changes } } });
  const misshapen: readonly [document: unknown, what: string][] = [
    [null, 'the document'],
    [[], 'the document'],
    ['{}', 'the document'],
    [{}, 'schema_version'],
    [{ ...DOCUMENT, schema_version: '1' }, 'schema_version'],
    [{ ...DOCUMENT, schema_version: 0 }, 'schema_version'],
    [{ ...DOCUMENT, package: '' }, 'package'],
    [{ ...DOCUMENT, kedro_version: 1.7 }, 'kedro_version'],
    [{ ...DOCUMENT, kedro_env: undefined }, 'kedro_env'],
    [{ ...DOCUMENT, folder: null }, 'folder'],
    [{ ...DOCUMENT, run_options: '--nodes' }, 'run_options'],
    [{ ...DOCUMENT, pipelines: [] }, 'pipelines'],
    [{ ...DOCUMENT, pipelines: { train: {} } }, 'pipelines.train'],
    [{ ...DOCUMENT, datasets: { x: 'CSVDataset' } }, 'a dataset'],
    [node({ name: 3 }), 'name'],
    [node({ namespace: '' }), 'namespace'],
    [node({ tags: 'a' }), 'tags'],
    [node({ inputs: { x: 'y' } }), 'inputs'],
    [node({ outputs: [null] }), 'outputs'],
    [node({ confirms: 'x' }), 'confirms'],
    [node({ function: undefined }), 'function'],
    [dataset({ type: null }), 'type'],
    [dataset({ importable: null }), 'importable'],
    [dataset({ ephemeral: 'no' }), 'ephemeral'],
    [dataset({ versioned: 0 }), 'versioned'],
    [dataset({ defined_by: 'catalog' }), 'defined_by'],
    [dataset({ pattern: 1 }), 'pattern'],
    [dataset({ local_paths: null }), 'local_paths'],
    [dataset({ path_settings: 'filepath' }), 'path_settings'],
    [dataset({ path_settings: [{ key: 'filepath', path: 1, written: 'x' }] }), 'path'],
    [dataset({ address: {} }), 'address'],
    [dataset({ table: 1 }), 'table'],
    [dataset({ asset: false }), 'asset'],
  ];
  for (const [document, what] of misshapen) {
    it(`is refused with ${what} in another form: ${JSON.stringify(document).slice(-70)}`, () => {
      expect(() => readStructure(document))
        .to.throw(
          KdeployError,
          `the image did not describe its pipelines in a valid form: ${what} is missing or has another type`,
        )
        .with.property('code', 'image-unusable');
    });
  }

  it('is refused in the format of a later kdeploy, with what to do', () => {
    expect(() => readStructure({ ...DOCUMENT, schema_version: 2 }))
      .to.throw(
        KdeployError,
        'the image was built by a newer kdeploy: it describes its pipelines in format 2, and this kdeploy reads 1',
      )
      .that.includes({ code: 'image-unusable', hint: 'update kdeploy' });
  });
});
