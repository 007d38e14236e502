import { existsSync, readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { expect } from 'chai';
import type { ImagePython } from '../../src/builders/layers/image-python.js';
import { HostSelfTester } from '../../src/builders/layers/self-test/host-self-test.js';
import { FolderCache } from '../../src/cache/file-cache.js';
import { ensureVirtualEnvironment } from '../support/environment/python.js';
import { laidOutImage, TRACKED, type LaidOutOptions } from '../support/laid-out-image.js';
import { rejection } from '../support/rejection.js';
import { TemporaryFolder } from '../unit/temporary-folder.js';

const PROJECT = {
  'pyproject.toml': '[tool.kedro]\npackage_name = "flights"\nproject_name = "Flights"\nkedro_init_version = "1.7.0"\n',
  'src/flights/__init__.py': '',
  'src/flights/settings.py': '',
  'src/flights/pipeline_registry.py': 'def register_pipelines():\n    return {}\n',
  'conf/base/catalog.yml': '{}\n',
  'conf/base/parameters.yml': '{}\n',
};

describe('the self-test of an image without an engine', () => {
  let folder: TemporaryFolder;
  let virtualEnvironment: string;
  let minor: string;

  before(async () => {
    virtualEnvironment = await ensureVirtualEnvironment();
    const configuration = await readFile(path.join(virtualEnvironment, 'pyvenv.cfg'), 'utf8');
    minor = /^version\s*=\s*(\d+\.\d+)/m.exec(configuration)?.[1] ?? '';
  });

  beforeEach(async () => {
    folder = await TemporaryFolder.create();
    // With a space and a letter that JSON and URIs write with escapes.
    await folder.write({ 'ä cache/.keep': '' });
    await write(PROJECT);
  });

  afterEach(async () => folder.remove());

  const write = (files: Readonly<Record<string, string>>) =>
    folder.write(Object.fromEntries(Object.entries(files).map(([name, text]) => [`project/${name}`, text])));

  async function test(
    options: Partial<LaidOutOptions> = {},
    signal = new AbortController().signal,
  ): Promise<readonly string[]> {
    const python: ImagePython = {
      ...{ version: `${minor}.0`, executable: '/usr/local/bin/python', machine: 'x86_64' },
      libc: { kind: 'glibc', version: '2.36' },
    };
    const cache = new FolderCache(folder.file('ä cache'));
    const tester = new HostSelfTester(cache, () => Promise.resolve(virtualEnvironment));
    const built = await laidOutImage({ project: folder.file('project'), minor, ...options });
    try {
      return await tester.test({ ...built, python }, TRACKED, signal);
    } finally {
      expect(await readdir(path.join(cache.root, 'scratch')), 'nothing is left').to.deep.equal([]);
    }
  }

  const sitePackages = () => readdir(path.join(virtualEnvironment, 'lib', `python${minor}`, 'site-packages'));

  it('passes an image that would log where it was told, names the files that this rests on, and leaves the environment as it was', async () => {
    const before = await sitePackages();
    await write({ 'src/flights/settings.py': 'from flights.more import X\n', 'src/flights/more.py': 'X = 1\n' });
    expect(await test()).to.deep.equal(['src/flights/__init__.py', 'src/flights/more.py', 'src/flights/settings.py']);
    expect(await sitePackages()).to.deep.equal(before);
  });

  it('shows the project neither a network nor the variables and folders of this machine, and tests that Python finds the runtime', async () => {
    let calls = 0;
    const server = createServer((socket) => {
      calls++;
      socket.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await write({
      'src/flights/settings.py': `
import os, pathlib, socket
try:
    socket.create_connection(("127.0.0.1", ${port}), 5)
except OSError as error:
    raise RuntimeError(" ".join([*sorted(os.environ), "in", str(pathlib.Path.cwd()), "of", str(pathlib.Path.home())])) from error
`,
    });
    process.env.AWS_SECRET_ACCESS_KEY = 'hunter2-value';
    try {
      const error = await rejection(
        test({
          env: ['OWN=1', 'LD_PRELOAD=/usr/lib/libjemalloc.so', 'PYTHONHOME=/usr/local'],
          sitePackages: ['/usr/local/lib/elsewhere'],
        }),
      );
      expect(calls).to.equal(0);
      expect(error.code).to.equal('self-test-failed');
      expect(error.message).to.contain(
        'the image would not log to MLflow (tested in an environment of the same packages on this machine): ' +
          "find kdeploy without PYTHONPATH: /opt/venv/bin/python does not find kdeploy's runtime without PYTHONPATH",
      );
      expect(error.message).to.contain(' in /home/kedro_docker of /home/kedro_docker');
      expect(error.message).to.contain(' OWN ').and.to.contain(' PYTHONPATH ');
      expect(error.message).not.to.match(/AWS|LD_PRELOAD|PYTHONHOME|kdeploy-test|scratch/);
    } finally {
      delete process.env.AWS_SECRET_ACCESS_KEY;
      server.close();
    }
  });

  it('ends with all that the project has started, when it is interrupted', async () => {
    const started = folder.file('started');
    // Python imports it as it starts.
    await write({
      'src/sitecustomize.py': [
        'import pathlib, subprocess, time',
        'child = subprocess.Popen(["sleep", "600"])',
        `pathlib.Path(${JSON.stringify(started)}).write_text(str(child.pid))`,
        'time.sleep(600)',
      ].join('\n'),
    });
    const interruption = new AbortController();
    const ended = rejection(test({ env: ['PYTHONPATH=/home/kedro_docker/src'] }, interruption.signal));
    await until(() => existsSync(started) && readFileSync(started, 'utf8') !== '');
    interruption.abort();
    expect((await ended).code).to.equal('interrupted');
    await until(() => !isRunning(Number(readFileSync(started, 'utf8'))));
  });
});

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 20));
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
