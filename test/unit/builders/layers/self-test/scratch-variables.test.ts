import { expect } from 'chai';
import { ScratchFolder } from '../../../../../src/builders/layers/self-test/scratch-folder.js';
import { scratchVariables } from '../../../../../src/builders/layers/self-test/scratch-variables.js';
import { TemporaryFolder } from '../../../temporary-folder.js';

const SYSTEM = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

describe('the variables of a program in an image that is laid out', () => {
  let folder: TemporaryFolder;
  let scratch: ScratchFolder;

  beforeEach(async () => {
    folder = await TemporaryFolder.create();
    await folder.write({ 'opt/venv/bin/python': '', 'opt/kdeploy/lib/a.py': '', 'home/kedro/conf/a.yml': '' });
    scratch = await ScratchFolder.at(folder.path);
  });

  afterEach(async () => folder.remove());

  const variables = async (...env: readonly string[]): Promise<Record<string, string>> => {
    const found = await scratchVariables({ env, workingDirectory: '/home/kedro' }, scratch, '/kept/bin');
    return Object.fromEntries(Object.entries(found).map(([name, value]) => [name, value.replaceAll(folder.path, '*')]));
  };

  it('are few where the image has none', async () => {
    expect(await variables()).to.deep.equal({ PATH: `/kept/bin:${SYSTEM}`, HOME: '*/home/kedro', TMPDIR: '*/tmp' });
  });

  const cases: readonly [what: string, entry: string, value: string | undefined][] = [
    ['a path of the image', 'CONF=/home/kedro/conf', '*/home/kedro/conf'],
    ['one of its base', 'SPARK_HOME=/opt/spark', '/opt/spark'],
    ['a list of paths', 'PYTHONPATH=/opt/kdeploy/lib:/usr/lib/spark', '*/opt/kdeploy/lib:/usr/lib/spark'],
    ['a URL', 'MLFLOW_TRACKING_URI=https://opt/venv', 'https://opt/venv'],
    ['a URL of a file', 'STORE=file:///home/kedro/conf', 'file:///home/kedro/conf'],
    ['a value with a path in it', 'OPTIONS=--conf=/home/kedro/conf', '--conf=/home/kedro/conf'],
    ['the root', 'ROOT=/', '/'],
    ['nothing', 'EMPTY=', ''],
    ['an equals sign', 'PAIR=a=b', 'a=b'],
    ['a relative path', 'RELATIVE=opt/venv', 'opt/venv'],
    ['the programs', 'PATH=/opt/venv/bin:/usr/local/cuda/bin:/bin', `*/opt/venv/bin:/kept/bin:${SYSTEM}`],
    ['a home of the image', 'HOME=/home', '*/home'],
    ['a home that is not there', 'HOME=/root', '*/home/kedro'],
    ['another temporary folder', 'TMPDIR=/data/tmp', '*/tmp'],
    ['libraries of its system', 'LD_LIBRARY_PATH=/usr/local/cuda/lib64', undefined],
    ['a Python of its system', 'PYTHONHOME=/usr/local', undefined],
    ['a switch that costs the next test its bytecode', 'PYTHONDONTWRITEBYTECODE=1', undefined],
    ['a switch that changes what a program does', 'PYTHONWARNINGS=error', 'error'],
  ];
  for (const [what, entry, value] of cases)
    it(`have ${what}: ${entry}`, async () => {
      expect((await variables(entry))[entry.split('=', 1)[0] ?? '']).to.equal(value);
    });

  it('have the last value of a variable', async () => {
    expect((await variables('A=1', 'A=2')).A).to.equal('2');
  });
});
