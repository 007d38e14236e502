import { expect } from 'chai';
import { load } from 'js-yaml';
import { settingOf, sharedFilepath, storedEntry } from '../../../../src/graph/check/catalog-line.js';
import { nodeGraph } from '../../../../src/graph/node-graph.js';
import type { Dataset } from '../../../../src/graph/structure.js';
import { dataset, IN_MEMORY, node, structure } from '../sample.js';

const DATA = ['/home/kedro_docker/data'];

function entryOf(
  name: string,
  sharedFolders: readonly string[] = DATA,
  datasets: Readonly<Record<string, Dataset | null>> = {},
): string {
  const of = structure([], datasets);
  const [dataset] = nodeGraph(of, [{ ...node('a: -> x'), outputs: [name] }]).datasets;
  if (dataset === undefined) throw new Error('no dataset');
  return storedEntry(dataset, of, sharedFolders);
}

describe('a line for the catalog', () => {
  for (const name of ['x', 'features.x', 'x@pandas', 'no', 'null', '12', 'a: b', '#x', '{y}', 'Größe', 'a"b\nc'])
    it(`is an entry as YAML reads it, for ${JSON.stringify(name)}`, () => {
      const line = entryOf(name).replace('add to the catalog: ', '');
      expect(Object.keys(load(line) as object)).to.deep.equal([name]);
    });

  it('names a file that all tasks see, as the project would', () => {
    const of = (name: string, folders?: readonly string[]): string =>
      entryOf(name, folders).split('filepath: ')[1] ?? '';
    expect(entryOf('features.x')).to.equal(
      'add to the catalog: features.x: {type: pickle.PickleDataset, filepath: data/features.x.pkl}',
    );
    expect(of('x', ['/mnt/shared'])).to.equal('/mnt/shared/x.pkl}');
    expect(of('x', [])).to.equal('"s3://BUCKET/x.pkl"}');
    expect(of('../../etc/x')).to.equal('data/.._.._etc_x.pkl}');
    expect([of('für'), of('fær')]).to.deep.equal(['"data/für.pkl"}', '"data/fær.pkl"}']);
  });

  it('takes the place of an entry that is there, for Kedro takes no two of one name', () => {
    expect(entryOf('x', DATA, { x: IN_MEMORY })).to.equal(
      'replace the entry in the catalog by: x: {type: pickle.PickleDataset, filepath: data/x.pkl}',
    );
    const byPattern = dataset({ ...IN_MEMORY, definedBy: 'pattern', pattern: '{name}' });
    for (const x of [null, byPattern]) expect(entryOf('x', DATA, { x })).to.match(/^add to the catalog: x: /);
  });
});

describe('a line that moves a file', () => {
  const moved = (key: string, written: string, folders: readonly string[] = DATA): string =>
    sharedFilepath({ key, path: '/not/read', written }, structure([]), folders);

  for (const [written, expected] of [
    ['models/x.pkl', 'data/models/x.pkl'],
    ['models/y/x.pkl', 'data/models/y/x.pkl'],
    ['/home/kedro_docker/models/x.pkl', 'data/models/x.pkl'],
    ['/home/kedro_docker_old/x.pkl', 'data/home/kedro_docker_old/x.pkl'],
    ['/tmp/x.pkl', 'data/tmp/x.pkl'],
    ['../x.pkl', 'data/x.pkl'],
    ['C:\\out\\x.pkl', 'data/C_out_x.pkl'],
    ['models/{name}/x.pkl', '"data/models/{name}/x.pkl"'],
    ['models/', 'data/models'],
  ] as const)
    it(`keeps the folders of ${written}`, () => {
      expect(moved('filepath', written)).to.equal(`filepath: ${expected}`);
    });

  it('has the key of the entry', () => {
    expect(moved('path', 'parts')).to.equal('path: data/parts');
    expect(moved('path', 'parts', [])).to.equal('path: "s3://BUCKET/parts"');
    expect(moved('database', 'x.db')).to.equal('database: data/x.db');
  });

  it('is none for a connection, which holds more than the file, and no bucket holds a database', () => {
    expect(moved('con', 'out/x.db')).to.equal('con with the file data/out/x.db');
    for (const key of ['con', 'database']) expect(moved(key, 'x.db', [])).to.equal(`${key} of a database server`);
  });

  it('is of filepath where the image does not say what sets the path', () => {
    const [of] = nodeGraph(structure([], { x: dataset({ localPaths: ['/tmp/x'] }) }), [node('a: -> x')]).datasets;
    if (of === undefined) throw new Error('no dataset');
    expect(settingOf(of, '/tmp/x')).to.deep.equal({ key: 'filepath', path: '/tmp/x', written: '/tmp/x' });
  });
});
