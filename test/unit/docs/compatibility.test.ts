import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { NODES, NODES_AT_NIGHT } from '../../support/environment/node.js';

const read = (file: string) => readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8');

describe('the table of the versions that the tests run', () => {
  const rows = new Map(
    [...read('docs/compatibility.md').matchAll(/^\| ([\w .-]+?) +\| (.+?) +\|$/gm)].map((row) => [
      row[1],
      row[2] ?? '',
    ]),
  );
  const required = (file: string, name: string) =>
    new RegExp(`^${name}(?:\\[.*\\])?==([\\d.]+)\\.\\*`, 'm').exec(read(`test/support/environment/${file}`))?.[1] ??
    'none';

  for (const [title, name] of [
    ['Kedro', 'kedro'],
    ['kedro-mlflow', 'kedro-mlflow'],
    ['MLflow', 'mlflow'],
  ] as const) {
    it(`has those of ${title}, the newest and the oldest`, () => {
      const newest = required('python-requirements.txt', name);
      const oldest = required('python-requirements-oldest.txt', name);
      expect(rows.get(title)).to.equal(`${newest}; the runtime in the image also with ${oldest}`);
    });
  }

  it('has those of kedro-docker, Airflow and pre-commit', () => {
    expect(rows.get('kedro-docker')).to.equal(required('python-requirements.txt', 'kedro-docker'));
    const airflow = ['3', '2'].map((each) => required(`python-requirements-airflow${each}.txt`, 'apache-airflow'));
    expect(rows.get('Airflow')).to.equal(airflow.join(' and '));
    const preCommit = /preCommitFramework\(version = '(\d+\.\d+)/.exec(read('test/support/hook-managers.ts'))?.[1];
    expect(rows.get('pre-commit')?.split(';')[0]).to.equal(preCommit);
  });

  it('has the versions of Node.js', () => {
    const [oldest, second, ...newest] = [...NODES.slice(0, 2), ...NODES_AT_NIGHT, ...NODES.slice(2)];
    expect(rows.get('Node.js')).to.equal(`${oldest}, ${second}, the newest ${newest.join(' and ')}`);
  });
});
