import { expect } from 'chai';
import { committedImages } from '../../../src/airflow/committed-dags.js';
import { TARGETS } from '../../../src/airflow/targets/targets.js';
import { DEFAULT_DAG_SETTINGS } from '../../../src/config/settings/dag-settings.js';
import { memorySource } from '../../support/memory-source.js';
import { IMAGE, sampleDag } from './sample.js';

const TEXT = TARGETS.docker.render(sampleDag());
const look = async (pipelines: readonly string[], files: Readonly<Record<string, string>>) => {
  const source = memorySource(files);
  const dag = { ...DEFAULT_DAG_SETTINGS, pipelines };
  const { images, findings } = await committedImages(dag, 'flights', (file) => source.read(file));
  const named = [...images].map(([pipeline, image]) => [pipeline, image.toString()]);
  return {
    images: Object.fromEntries(named) as Record<string, string>,
    messages: findings.map(({ message }) => message),
  };
};

describe('the images of committed DAGs', () => {
  it('are those that the files name, one for each pipeline, once', async () => {
    const files = { 'dags/flights.py': TEXT, 'dags/flights-train.py': TEXT };
    expect(await look(['__default__', 'train', '__default__'], files)).to.deep.equal({
      images: { __default__: IMAGE, train: IMAGE },
      messages: [],
    });
  });

  for (const [what, files, message] of [
    ['is missing', {}, 'dags/flights.py does not exist'],
    ['is somebody else’s', { 'dags/flights.py': '# mine' }, 'dags/flights.py was not written by kdeploy'],
    [
      'names no image by its digest',
      { 'dags/flights.py': TEXT.replace(/^IMAGE = .*$/m, 'IMAGE = "app:v1"') },
      'dags/flights.py was not written by kdeploy',
    ],
  ] as const) {
    it(`are not known where a file ${what}`, async () => {
      expect(await look(['__default__'], files)).to.deep.equal({ images: {}, messages: [message] });
    });
  }
});
