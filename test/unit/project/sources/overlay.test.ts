import { expect } from 'chai';
import { overlay } from '../../../../src/project/sources/overlay.js';
import { memorySource } from '../../../support/memory-source.js';

describe('a source with files of another one over it', () => {
  const commit = memorySource({ 'conf/base/a.yml': 'committed', 'conf/prod/mlflow.yml': 'committed' });
  const disk = memorySource({
    'conf/base/a.yml': 'on disk',
    'conf/prod/mlflow.yml': 'on disk',
    'conf/local/mlflow.yml': 'on disk',
    'conf/local/deep/globals.yml': 'on disk',
    'other.yml': 'on disk',
  });
  const source = overlay(commit, disk, [
    'conf/local/mlflow.yml',
    'conf/local/deep/globals.yml',
    'conf/prod/mlflow.yml',
  ]);
  const textOf = async (path: string) => (await source.read(path))?.toString();

  it('has the files that were named and that it lacks, and no others', async () => {
    expect(await textOf('conf/local/mlflow.yml')).to.equal('on disk');
    expect(await textOf('other.yml')).to.equal(undefined);
    expect(await textOf('nowhere')).to.equal(undefined);
  });

  it('keeps its own where both have one', async () => {
    expect(await textOf('conf/prod/mlflow.yml')).to.equal('committed');
    expect(await textOf('conf/base/a.yml')).to.equal('committed');
  });

  it('lists both, each once, in order, and without skipped folders', async () => {
    expect(await source.list('')).to.deep.equal([
      'conf/base/a.yml',
      'conf/local/deep/globals.yml',
      'conf/local/mlflow.yml',
      'conf/prod/mlflow.yml',
    ]);
    expect(await source.list('conf/local', (folder) => folder === 'conf/local/deep')).to.deep.equal([
      'conf/local/mlflow.yml',
    ]);
    expect(await source.list('', (folder) => folder === 'conf/local')).to.deep.equal([
      'conf/base/a.yml',
      'conf/prod/mlflow.yml',
    ]);
    expect(await source.list('conf/loc')).to.deep.equal([]);
  });

  it('is the source itself where nothing is named', () => {
    expect(overlay(commit, disk, [])).to.equal(commit);
  });
});
