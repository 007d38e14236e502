import { expect } from 'chai';
import type { Dataset } from '../../../../../src/graph/structure.js';
import { dataset, structure } from '../../sample.js';
import { problemsOf } from '../check.js';

const FILE = '/home/kedro_docker/data/x.db';
const inFile = (table: string | null, key = 'database', path = FILE): Dataset =>
  dataset({ localPaths: [path], pathSettings: [{ key, path, written: path }], table });

function warningsOf(nodes: readonly string[], datasets: Readonly<Record<string, Dataset>>): readonly string[] {
  const found = problemsOf(structure(nodes, datasets), 'none').filter(({ kind }) => kind === 'database-file');
  return found.map(({ severity, message }) => `${severity} ${message}`);
}

describe('a database in a file', () => {
  const words = `may open ${FILE} at once: a database in a file may be locked for all but one`;

  it('is warned of once, with all tasks that may open it while one saves', () => {
    const names = ['p', 'q', 'r'];
    const of = Object.fromEntries(
      names.flatMap((name) => [`x${name}`, `y${name}`]).map((name) => [name, inFile(name)]),
    );
    const nodes = names.flatMap((name) => [`a${name}: raw -> x${name}`, `b${name}: x${name} -> y${name}`]);
    expect(warningsOf(nodes, of)).to.deep.equal([`warning ap, aq, ar and 3 more ${words}`]);
  });

  for (const key of ['database', 'con'])
    it(`is warned of where a query reads it at once, set by ${key}`, () => {
      const of = { x: inFile('x', key), query: inFile(null, key) };
      expect(warningsOf(['a: raw -> x', 'b: query -> y', 'c: x -> z'], of)).to.deep.equal([`warning a and b ${words}`]);
    });

  it('is fine where the tasks wait for each other, or only load', () => {
    expect(warningsOf(['a: raw -> x', 'b: x -> y'], { x: inFile('x'), y: inFile('y') })).to.deep.equal([]);
    expect(warningsOf(['a: x -> p', 'b: y -> q'], { x: inFile('x'), y: inFile('y') })).to.deep.equal([]);
  });

  it('is another one in each container where no storage is shared', () => {
    const apart = (table: string): Dataset => inFile(table, 'database', '/tmp/x.db');
    expect(warningsOf(['a: raw -> x', 'b: raw -> y'], { x: apart('x'), y: apart('y') })).to.deep.equal([]);
  });
});
