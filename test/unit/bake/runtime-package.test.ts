import { expect } from 'chai';
import { readRuntimePackage } from '../../../src/bake/runtime-package.js';

describe('the runtime as it is baked', () => {
  it('is the Python package with its dist-info, and nothing else', async () => {
    const files = await readRuntimePackage('1.2.3');
    const paths = files.map(({ path }) => path);
    expect(paths).to.include.members([
      'kdeploy_runtime/__main__.py',
      'kdeploy_runtime/__init__.py',
      'kdeploy_runtime-1.2.3.dist-info/METADATA',
      'kdeploy_runtime-1.2.3.dist-info/entry_points.txt',
    ]);
    for (const path of paths)
      expect(path).to.match(/^kdeploy_runtime(\/[\w/]+\.py|-1\.2\.3\.dist-info\/(METADATA|entry_points\.txt))$/);
    expect(new Set(paths)).to.have.lengthOf(paths.length);
  });

  it('tells Python its name and version, as importlib.metadata reads them', async () => {
    const files = await readRuntimePackage('1.2.3');
    const metadata = files.find(({ path }) => path.endsWith('METADATA'))?.content.toString() ?? '';
    expect(metadata.split('\n')).to.include.members([
      'Metadata-Version: 2.1',
      'Name: kdeploy-runtime',
      'Version: 1.2.3',
    ]);
    expect(metadata.endsWith('\n')).to.equal(true);
  });

  it('is the same every time', async () => {
    expect(await readRuntimePackage('1.2.3')).to.deep.equal(await readRuntimePackage('1.2.3'));
  });
});
