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

  describe('which is a database', () => {
    const SERVER = 'postgresql://db.example.org/cars';
    const onServer = (table: string | null): Dataset => dataset({ address: SERVER, table });
    const inFile = (table: string | null, path = `${DATA}/x.db`, key = 'database'): Dataset =>
      dataset({ localPaths: [path], pathSettings: [{ key, path, written: path }], table });
    const apart = (x: Dataset, other: Dataset) =>
      problemsOf(structure(['a: raw -> x', 'b: other -> y'], { x, other }), 'none')
        .filter(({ kind }) => kind === 'same-path')
        .map(({ severity, message }) => [severity, message.split(': ').at(-1)]);
    const RACE = ['error', 'no dependency orders them'];

    it('are two places if they are two tables, and one if they are the same', () => {
      expect(apart(onServer('a'), onServer('b'))).to.deep.equal([]);
      expect(apart(onServer('a'), onServer('a'))).to.deep.equal([RACE]);
      expect(apart(inFile('a'), inFile('a'))).to.deep.equal([RACE]);
    });

    it('may be two places if one is a query', () => {
      expect(apart(onServer('a'), onServer(null))).to.deep.equal([]);
    });

    it('are refused where one is the file itself', () => {
      expect(apart(inFile('a'), at(`${DATA}/x.db`))).to.deep.equal([RACE]);
    });

    it('are refused in a file that stays in the first container, for a query too', () => {
      const before = (other: Dataset) =>
        problemsOf(
          structure(['a: raw -> x go', 'b: go other -> y'], { x: inFile('a', '/tmp/x.db'), other }),
          'none',
        ).map(({ kind }) => kind);
      expect(before(inFile('a', '/tmp/x.db'))).to.deep.equal(['local-path']);
      expect(before(inFile(null, '/tmp/x.db'))).to.deep.equal(['local-path']);
      expect(before(inFile('brought by the image', '/tmp/x.db'))).to.deep.equal([]);
    });
  });

  it('are one where they are spellings of the same', () => {
    const of = structure(['a: raw -> x@spark', 'b: x@pandas -> y'], {
      'x@spark': at(`${DATA}/x`),
      'x@pandas': at(`${DATA}/x`),
    });
    expect(problemsOf(of, 'none')).to.deep.equal([]);
  });
});
