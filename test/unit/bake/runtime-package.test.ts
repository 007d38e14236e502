import { expect } from 'chai';
import { RUNTIME_FOLDER } from '../../../src/image/baked-environment.js';
import { readPathFile, readRuntimePackage } from '../../../src/bake/runtime-package.js';

describe('the runtime as it is baked', () => {
  it('is the Python package with its dist-info, and nothing else', async () => {
    const files = await readRuntimePackage('1.2.3', { tracked: true });
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
    const files = await readRuntimePackage('1.2.3', { tracked: true });
    const metadata = files.find(({ path }) => path.endsWith('METADATA'))?.content.toString() ?? '';
    expect(metadata.split('\n')).to.include.members([
      'Metadata-Version: 2.1',
      'Name: kdeploy-runtime',
      'Version: 1.2.3',
    ]);
    expect(metadata.endsWith('\n')).to.equal(true);
  });

  it('is found by the file that leads the image’s Python to it, with a sentence and 78 for where it is gone', async () => {
    const { path, content } = await readPathFile();
    const [folder, ...lines] = content.toString().trimEnd().split('\n');
    expect([path, folder]).to.deep.equal(['kdeploy.pth', RUNTIME_FOLDER]);
    // Python runs what starts with `import`, takes anything else for a folder, and runs it all at each start.
    expect(lines.every((line) => line.startsWith('import '))).to.equal(true);
    expect(lines[0]).to.contain(`kdeploy: its runtime is not found in ${RUNTIME_FOLDER}`);
  });

  it('joins runs and signs calls in a tracked image only; elsewhere it just passes parameters on', async () => {
    const entryPoints = async (tracked: boolean) =>
      (await readRuntimePackage('1.2.3', { tracked }))
        .find(({ path }) => path.endsWith('entry_points.txt'))
        ?.content.toString();
    expect(await entryPoints(true))
      .to.contain('[mlflow.request_auth_provider]')
      .and.contain('hook.plugin:hooks');
    expect(await entryPoints(false)).to.equal('[kedro.hooks]\nkdeploy = kdeploy_runtime.hook.untracked:hooks\n');
    const python = async (tracked: boolean) =>
      (await readRuntimePackage('1.2.3', { tracked })).filter(({ path }) => path.endsWith('.py'));
    expect(await python(true)).to.deep.equal(await python(false));
  });

  it('is the same every time', async () => {
    expect(await readRuntimePackage('1.2.3', { tracked: true })).to.deep.equal(
      await readRuntimePackage('1.2.3', { tracked: true }),
    );
  });
});
