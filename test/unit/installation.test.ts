import { expect } from 'chai';
import { installation } from '../../src/installation.js';
import { TemporaryFolder } from './temporary-folder.js';

describe('how kdeploy is installed', () => {
  let folder: TemporaryFolder;
  beforeEach(async () => (folder = await TemporaryFolder.create()));
  afterEach(async () => folder.remove());

  const program = { 'dist/kdeploy.js': '', 'package.json': '{}' };
  const below = (root: string) =>
    Object.fromEntries(Object.entries(program).map(([file, text]) => [root + file, text]));

  it('is from source where the sources are there, as in this test', async () => {
    expect(installation()).to.equal('source');
    await folder.write({ ...program, 'src/command-line.ts': '' });
    expect(installation(folder.path)).to.equal('source');
  });

  it('is as a wheel inside of the Python package', async () => {
    await folder.write({ ...below('kdeploy/program/'), 'kdeploy/_program.py': '' });
    expect(installation(folder.file('kdeploy/program'))).to.equal('wheel');
  });

  it('is by npm anywhere else, whichever program unpacked its package', async () => {
    await folder.write(below('lib/node_modules/kdeploy/'));
    await folder.write(below('.pnpm/kdeploy@0.1.0/kdeploy/'));
    for (const root of ['lib/node_modules/kdeploy', '.pnpm/kdeploy@0.1.0/kdeploy'])
      expect(installation(folder.file(root)), root).to.equal('npm');
  });
});
