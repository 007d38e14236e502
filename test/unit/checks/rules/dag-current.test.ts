import { expect } from 'chai';
import { planDag, renderDag, type DagRequest } from '../../../../src/airflow/plan-dag.js';
import { configuredDags } from '../../../../src/checks/configured-dags.js';
import { dagCurrent } from '../../../../src/checks/rules/dag-current.js';
import { DEFAULT_DAG_SETTINGS, type DagSettings } from '../../../../src/config/settings/dag-settings.js';
import { readStructure } from '../../../../src/graph/read-structure.js';
import { contextWith, findingsOf } from '../../../support/check-rule.js';
import { IMAGE, plainSettings } from '../../airflow/sample.js';

const DOCUMENT = {
  schema_version: 1,
  package: 'demo',
  kedro_version: '1.7.0',
  kedro_env: null,
  folder: '/home/kedro_docker',
  pipelines: {
    __default__: [
      { name: 'a', namespace: null, tags: [], inputs: [], outputs: ['x'], function: 'demo.a' },
      { name: 'b', namespace: null, tags: [], inputs: ['x'], outputs: [], function: 'demo.b' },
    ],
  },
  datasets: {},
};
const NOTES: Readonly<Record<string, object>> = {
  pipelines: DOCUMENT,
  'described-image': {
    baked: { version: '0.1.0', plan: 'sha256:p', trackingUri: 'https://mlflow.example.com', authentication: [] },
    revision: null,
    source: null,
    env: [],
  },
};
const dag: DagSettings = { ...DEFAULT_DAG_SETTINGS, groupBy: 'pipeline' };
const request = {
  image: { reference: IMAGE, ...NOTES['described-image'], structure: readStructure(DOCUMENT) },
  pipeline: '__default__',
  dag,
  settings: plainSettings,
  places: {},
} as unknown as DagRequest;
const TEXT = renderDag(planDag(request), request, 'python');

const found = async (text: string | undefined, given = dag, notes = NOTES) => {
  const context = contextWith({ files: text === undefined ? {} : { 'dags/demo.py': text } });
  const findings = await configuredDags(context, given, { read: (kind) => Promise.resolve(notes[kind]) });
  return findings.map(({ severity, message }) => `${severity}: ${message}`);
};

describe('dag-current', () => {
  it('has nothing to look at where no DAG is configured', async () => {
    expect(await findingsOf(dagCurrent, { files: { 'dags/demo.py': '# mine' } })).to.deep.equal([]);
  });

  it('is content with the file that kdeploy would write, line ends apart', async () => {
    expect(await found(TEXT)).to.deep.equal([]);
    expect(await found(TEXT.replaceAll('\n', '\r\n'))).to.deep.equal([]);
  });

  for (const [what, text, message] of [
    ['edited', TEXT.replace('catchup=False', 'catchup=True'), 'dags/demo.py is not as it would be written'],
    ['missing', undefined, 'dags/demo.py does not exist'],
    ['somebody else’s', '# mine', 'dags/demo.py was not written by kdeploy'],
  ] as const) {
    it(`warns of a file that is ${what}, and stops no build`, async () => {
      expect(await found(text)).to.deep.equal([`warning: ${message}`]);
    });
  }

  it('warns of data that would get lost between the tasks', async () => {
    expect((await found(TEXT, { ...dag, groupBy: 'none' }))[0]).to.match(/^warning: x has no entry in the catalog/);
  });

  it('says that it did not look where this machine does not know the image', async () => {
    for (const notes of [{}, { pipelines: DOCUMENT }, { ...NOTES, pipelines: {} }]) {
      expect(await found(TEXT, dag, notes)).to.deep.equal([
        'info: the DAG of the pipeline __default__ was not checked: this machine has not asked its image for the pipelines',
      ]);
    }
  });
});
