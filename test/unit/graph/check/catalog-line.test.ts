import { expect } from 'chai';
import { load } from 'js-yaml';
import { storedEntry } from '../../../../src/graph/check/catalog-line.js';
import { nodeGraph } from '../../../../src/graph/node-graph.js';
import { node, structure } from '../sample.js';

function entryOf(name: string, sharedFolders: readonly string[] = ['/home/kedro_docker/data']): string {
  const of = structure([]);
  const [dataset] = nodeGraph(of, [{ ...node('a: -> x'), outputs: [name] }]).datasets;
  if (dataset === undefined) throw new Error('no dataset');
  return storedEntry(dataset, of, sharedFolders);
}

describe('a line for the catalog', () => {
  for (const name of ['x', 'features.x', 'x@pandas', 'no', 'null', '12', 'a: b', '#x', '{y}', 'Größe', 'a"b\nc'])
    it(`is an entry as YAML reads it, for ${JSON.stringify(name)}`, () => {
      expect(Object.keys(load(entryOf(name)) as object)).to.deep.equal([name]);
    });

  it('names a file that all tasks see, as the project would', () => {
    expect(entryOf('features.x')).to.equal('features.x: {type: pickle.PickleDataset, filepath: data/features.x.pkl}');
    expect(entryOf('x', ['/mnt/shared'])).to.equal('x: {type: pickle.PickleDataset, filepath: /mnt/shared/x.pkl}');
    expect(entryOf('x', [])).to.equal('x: {type: pickle.PickleDataset, filepath: "s3://BUCKET/x.pkl"}');
    expect(entryOf('../../etc/x')).to.contain('filepath: data/.._.._etc_x.pkl');
  });
});
