import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { expect } from 'chai';

import { sampleFiles } from '../sample.js';

const folder = fileURLToPath(new URL('../../../fixtures/dags/', import.meta.url));
/** What is read in a review; the other samples differ from these in what the tests of targets and of real Airflows look at. */
const REVIEWED = [
  ...['plain_docker_dag', 'plain_docker_task_group', 'full_docker_dag', 'untracked_docker_dag'],
  ...['plain_kubernetes_dag', 'full_kubernetes_dag', 'full_kubernetes_task_group', 'assets_kubernetes_dag'],
];

describe('the file of a DAG', () => {
  const files = sampleFiles();
  if (process.env.WRITE_DAGS === '1') {
    mkdirSync(folder, { recursive: true });
    for (const name of REVIEWED) writeFileSync(`${folder}${name}.py`, files[name] ?? '');
  }

  for (const name of REVIEWED) {
    it(`is, letter by letter, the reviewed one: ${name}`, () => {
      expect(files[name]).to.equal(readFileSync(`${folder}${name}.py`, 'utf8'));
    });
  }
});
