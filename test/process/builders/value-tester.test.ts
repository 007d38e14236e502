import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { valueTester } from '../../../src/builders/value-tester.js';
import { FolderCache } from '../../../src/cache/file-cache.js';
import type { Image } from '../../../src/image/image.js';
import type { Layer } from '../../../src/image/layer.js';
import { rejection } from '../../support/rejection.js';
import { TRACKING } from '../../unit/bake/baked-sample.js';
import { DEBIAN_FACTS } from '../../unit/builders/layers/base/facts.js';
import { layerBytes } from '../../unit/image/layer-bytes.js';
import { sampleImage } from '../../unit/image/sample-image.js';
import { TemporaryFolder } from '../../unit/temporary-folder.js';

const run = promisify(execFile);
/** In the place of the runtime: tells what it finds in the image as the project's files, and what was baked as its report. */
const RUNTIME = `
import json, os, pathlib, sys
assert sys.argv[1:] == ["self-test", "--json"], sys.argv
report = json.loads(pathlib.Path("conf/local/report.json").read_text())
report["project_files"] = sorted(str(path) for path in pathlib.Path(".").rglob("*.py"))
print(json.dumps(report))
`;
const REPORT = { ok: true, tracking_uri: TRACKING.uri, experiment: TRACKING.experiment, steps: [] };

describe('the test of an image that was built without an engine, on this machine', () => {
  let folder: TemporaryFolder;
  let version: string;
  before(async () => {
    folder = await TemporaryFolder.create();
    const { stdout } = await run('python3', ['-c', 'import sys; print("%d.%d.%d" % sys.version_info[:3])']);
    version = stdout.trim();
    await run('python3', ['-m', 'venv', '--without-pip', folder.file('environment')]);
  });
  after(() => folder.remove());

  /** On a base in which the folders for homes and for other software are elsewhere. */
  async function test(report: object): Promise<readonly string[]> {
    const site = `data/opt/venv/lib/python${version.split('.').slice(0, 2).join('.')}/site-packages`;
    const contents: Readonly<Record<string, Buffer>> = {
      project: await layerBytes({
        'data/home/kedro_docker/src/flights/settings.py': '',
        'data/home/kedro_docker/conf/base/catalog.yml': '{}',
      }),
      bake: await layerBytes({
        [`${site}/kdeploy.pth`]: '/opt/kdeploy/lib\n',
        'data/opt/kdeploy/lib/kdeploy_runtime/__main__.py': RUNTIME,
        'data/home/kedro_docker/conf/local/report.json': JSON.stringify(report),
      }),
    };
    const names = ['debian', 'packages', 'project', 'bake'];
    const sample = sampleImage(names, { config: { WorkingDir: '/home/kedro_docker', Env: ['A=1'] } });
    const layers = sample.layers.map((layer, index): Layer => {
      const content = contents[names[index] ?? ''];
      const open = async function* () {
        yield await Promise.resolve(content ?? expect.fail(`the layer of ${names[index] ?? ''} was opened`));
      };
      return { ...layer, open };
    });
    const baked: Image = { ...sample, layers };
    const made = {
      ...{ base: { image: sampleImage(['debian']), from: undefined } },
      facts: { ...DEBIAN_FACTS, python: { ...DEBIAN_FACTS.python, version } },
      real: {
        '/home/kedro_docker/conf': '/data/home/kedro_docker/conf',
        '/home/kedro_docker': '/data/home/kedro_docker',
        '/opt/kdeploy/lib': '/data/opt/kdeploy/lib',
        '/opt/venv': '/data/opt/venv',
      },
      projectLayer: layers[2] ?? expect.fail('no such layer'),
      testEnvironment: () => Promise.resolve(folder.file('environment')),
    };
    const cache = new FolderCache(folder.file('cache'));
    const { signal } = new AbortController();
    return valueTester({ selfTest: 'auto' }, { made, baked, cache }, signal)(TRACKING);
  }

  it('finds the project’s files and the bake’s in the image’s working directory, behind links of the base', async () => {
    expect(await test(REPORT)).to.deep.equal(['src/flights/settings.py']);
  });

  it('fails where the image would log elsewhere than it was baked for', async () => {
    const error = await rejection(test({ ...REPORT, experiment: 'another' }));
    expect(error.code).to.equal('self-test-failed');
    expect(error.message).to.contain('another').and.contain('on this machine');
  });
});
