import { expect } from 'chai';
import type { Dataset } from '../../../../../src/graph/structure.js';
import { dataset, structure } from '../../sample.js';
import { problemsOf } from '../check.js';

const at = (path: string): Dataset => dataset({ localPaths: [path] });
const DATA = '/home/kedro_docker/data';

describe('two datasets in one place', () => {
  it('are refused where one task saves and another may load at once', () => {
    const of = structure(['a: raw -> x', 'b: alias -> y'], { x: at(`${DATA}/x.csv`), alias: at(`${DATA}/./x.csv`) });
    expect(problemsOf(of, 'none')).to.deep.equal([
      {
        severity: 'error',
        kind: 'same-path',
        message: `a saves x to ${DATA}/x.csv while b may load alias from there: no dependency orders them`,
        remedy: 'load x instead of alias in the nodes of b, so that they wait for it',
      },
    ]);
  });

  it('are refused where one is a file in the folder of the other, and in a bucket', () => {
    const within = structure(['a: raw -> x', 'b: part -> y'], { x: at(`${DATA}/x`), part: at(`${DATA}/x/1.csv`) });
    const around = structure(['a: raw -> x', 'b: all -> y'], { x: at(`${DATA}/x/1.csv`), all: at(`${DATA}/x`) });
    const bucket = structure(['a: raw -> x', 'b: all -> y'], {
      x: dataset({ address: 's3://bucket/x/1.csv' }),
      all: dataset({ address: 's3://bucket/x/' }),
    });
    for (const of of [within, around, bucket])
      expect(problemsOf(of, 'none').map(({ severity, kind }) => [severity, kind])).to.deep.equal([
        ['error', 'same-path'],
      ]);
  });

  it('are fine where they only share a bucket, a folder, or the start of a name', () => {
    const of = structure(['a: raw -> x', 'b: near -> y', 'c: raw2 -> p', 'd: q -> r'], {
      x: at(`${DATA}/x.csv`),
      near: at(`${DATA}/x.csv.old`),
      p: dataset({ address: 's3://bucket/p' }),
      q: dataset({ address: 's3://bucket/p2' }),
    });
    expect(problemsOf(of, 'none')).to.deep.equal([]);
  });

  it('are fine where the second task waits for the first over others, and in one task', () => {
    const of = structure(['a: raw -> x go', 'b: go -> on', 'c: on alias -> y'], {
      x: at(`${DATA}/x.csv`),
      alias: at(`${DATA}/x.csv`),
    });
    expect(problemsOf(of, 'none')).to.deep.equal([]);
    expect(problemsOf(of, 'pipeline')).to.deep.equal([]);
  });

  it('are refused where the file stays in the first container', () => {
    const of = structure(['a: raw -> x go', 'b: go alias -> y'], { x: at('/tmp/x.csv'), alias: at('/tmp/x.csv') });
    expect(problemsOf(of, 'none').map(({ kind, message }) => [kind, message])).to.deep.equal([
      ['local-path', 'a saves x to /tmp/x.csv, which is not there in the container of b, which loads it as alias'],
    ]);
  });

  it('are warned of once where two tasks save at once', () => {
    const of = structure(['a: raw -> x', 'b: raw -> y'], { x: at(`${DATA}/x.csv`), y: at(`${DATA}/x.csv`) });
    expect(problemsOf(of, 'none').map(({ severity, message }) => [severity, message])).to.deep.equal([
      ['warning', `a saves x and b saves y to ${DATA}/x.csv, possibly at once: the last one stays`],
    ]);
  });

  it('are one where they are spellings of the same', () => {
    const of = structure(['a: raw -> x@spark', 'b: x@pandas -> y'], {
      'x@spark': at(`${DATA}/x`),
      'x@pandas': at(`${DATA}/x`),
    });
    expect(problemsOf(of, 'none')).to.deep.equal([]);
  });
});
