import { expect } from 'chai';
import { dataset, structure } from '../../sample.js';
import { problemsOf } from '../check.js';

function crossing(...localPaths: string[]) {
  return structure(['a: raw -> x', 'b: x -> y'], { x: dataset({ localPaths }) });
}

describe('a file that another task loads', () => {
  it('is refused outside of what the tasks share, with the line that moves it', () => {
    expect(problemsOf(crossing('/home/kedro_docker/models/x.parquet'), 'none')).to.deep.equal([
      {
        severity: 'error',
        kind: 'local-path',
        message: 'a saves x to /home/kedro_docker/models/x.parquet, which is not there in the container of b',
        remedy: 'change the entry x in the catalog: filepath: data/models/x.parquet',
      },
    ]);
  });

  for (const [path, sharedFolders, refused] of [
    ['/home/kedro_docker/data/x.csv', ['/home/kedro_docker/data'], false],
    ['/home/kedro_docker/data/x.csv', ['/home/kedro_docker/data/'], false],
    ['/home/kedro_docker/data', ['/home/kedro_docker/data'], false],
    ['/home/kedro_docker/data/../models/x.csv', ['/home/kedro_docker/data'], true],
    ['/home/kedro_docker/database/x.csv', ['/home/kedro_docker/data'], true],
    ['/mnt/b/x.csv', ['/home/kedro_docker/data', '/mnt'], false],
    ['/tmp/x.csv', ['/'], false],
    ['/tmp/x.csv', [], true],
  ] as const)
    it(`at ${path} is ${refused ? 'refused' : 'there'} with ${JSON.stringify(sharedFolders)}`, () => {
      expect(problemsOf(crossing(path), 'none', { sharedFolders }).map(({ kind }) => kind)).to.deep.equal(
        refused ? ['local-path'] : [],
      );
    });

  it('is moved in the pattern that it comes from', () => {
    const pathSettings = [{ key: 'filepath', path: '/tmp/x.csv', written: '/tmp/{name}.csv' }];
    const x = dataset({ localPaths: ['/tmp/x.csv'], pathSettings, definedBy: 'pattern', pattern: '{name}' });
    expect(problemsOf(structure(['a: raw -> x', 'b: x -> y'], { x }), 'none')[0]?.remedy).to.equal(
      'change the pattern {name} for x in the catalog: filepath: "data/tmp/{name}.csv"',
    );
  });

  it('is refused for those of several paths that are not shared, each by its own key', () => {
    const paths = ['/home/kedro_docker/data/a', '/tmp/b', '/tmp/c'];
    const pathSettings = paths.map((path, index) => ({
      key: ['seen', 'path', 'index_path'][index] ?? '',
      path,
      written: path,
    }));
    const [problem] = problemsOf(
      structure(['a: raw -> x', 'b: x -> y'], { x: dataset({ localPaths: paths, pathSettings }) }),
      'none',
    );
    expect(problem?.message).to.contain('to /tmp/b and /tmp/c, which are not there');
    expect(problem?.remedy).to.equal('change the entry x in the catalog: index_path: data/tmp/c, path: data/tmp/b');
  });

  it('needs shared storage, or another place, where there is none', () => {
    expect(problemsOf(crossing('/tmp/x.csv'), 'none', { sharedFolders: [] })[0]?.remedy).to.equal(
      'give the tasks shared storage (run_config.volume), or change the entry x in the catalog: filepath: "s3://BUCKET/tmp/x.csv"',
    );
  });

  it('may be anywhere within one task', () => {
    expect(problemsOf(crossing('/tmp/x.csv'), 'pipeline')).to.deep.equal([]);
  });

  it('that the image brought may be anywhere', () => {
    const of = structure(['a: raw -> x', 'b: raw -> y'], { raw: dataset({ localPaths: ['/srv/raw.csv'] }) });
    expect(problemsOf(of, 'none')).to.deep.equal([]);
  });
});
