import { chmod, lstat, mkdir, readdir, readFile, readlink, realpath, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import { execa } from 'execa';
import { venvOf } from '../../../../../src/builders/layers/base/venv.js';
import type { ImagePython } from '../../../../../src/builders/layers/image-python.js';
import { TemporaryFolder } from '../../../../unit/temporary-folder.js';
import { DEBIAN_FACTS } from '../../../../unit/builders/layers/base/facts.js';

async function pythonHere(): Promise<ImagePython> {
  const script = 'import sys, platform; print(sys.executable); print(platform.python_version())';
  const [executable = '', version = ''] = (await execa('python3', ['-c', script])).stdout.split('\n');
  return { ...DEBIAN_FACTS.python, executable: await realpath(executable), version };
}

async function unpack(root: string, python: ImagePython, hasSystemPackages: boolean): Promise<string> {
  for (const entry of venvOf({ ...DEBIAN_FACTS, python }, { hasSystemPackages }).entries) {
    const at = path.join(root, entry.path);
    if (entry.type === 'folder') await mkdir(at).then(() => chmod(at, entry.mode));
    else if (entry.type === 'link') await symlink(entry.target, at);
    else await writeFile(at, entry.content.kind === 'bytes' ? entry.content.bytes : '', { mode: entry.mode });
  }
  return path.join(root, 'opt/venv');
}

/** All below a folder but what activates it: `lib/`, `lib64 > lib`. */
async function listed(folder: string, above = ''): Promise<string[]> {
  const names = (await readdir(path.join(folder, above))).filter(
    (name) => !/^(?:activate|Activate|\.gitignore)/.test(name),
  );
  const lines = await Promise.all(
    names.map(async (name) => {
      const each = path.join(above, name);
      const entry = await lstat(path.join(folder, each));
      if (entry.isDirectory()) return [`${each}/`, ...(await listed(folder, each))];
      // Which of the three names is the link to the interpreter depends on how it was called.
      if (entry.isSymbolicLink())
        return [above === 'bin' ? each : `${each} > ${await readlink(path.join(folder, each))}`];
      return [each];
    }),
  );
  return lines.flat().sort();
}

describe('a virtual environment that is made without its Python', () => {
  let folder: TemporaryFolder;

  beforeEach(async function () {
    if (process.platform !== 'linux') this.skip();
    folder = await TemporaryFolder.create();
  });

  afterEach(() => folder.remove());

  for (const hasSystemPackages of [false, true])
    it(`is the one that Python makes, with${hasSystemPackages ? '' : 'out'} system packages`, async () => {
      const python = await pythonHere();
      const ours = await unpack(folder.path, python, hasSystemPackages);
      const theirs = folder.file('theirs');
      const flags = ['--without-pip', ...(hasSystemPackages ? ['--system-site-packages'] : [])];
      await execa(python.executable, ['-m', 'venv', ...flags, theirs]);
      expect(await listed(ours)).to.deep.equal(await listed(theirs));
      const configuration = await readFile(path.join(theirs, 'pyvenv.cfg'), 'utf8');
      expect(await readFile(path.join(ours, 'pyvenv.cfg'), 'utf8')).to.equal(
        configuration.replace(theirs, '/opt/venv'),
      );
    });

  it('is found by its Python, by each of its names', async () => {
    const python = await pythonHere();
    const venv = await unpack(folder.path, python, false);
    const minor = python.version.split('.').slice(0, 2).join('.');
    for (const name of ['python', 'python3', `python${minor}`]) {
      const script =
        'import sys, sysconfig; print(sys.prefix, sysconfig.get_path("purelib"), sys.prefix != sys.base_prefix)';
      const { stdout } = await execa(path.join(venv, 'bin', name), ['-c', script]);
      expect(stdout, name).to.equal(`${venv} ${venv}/lib/python${minor}/site-packages True`);
    }
  });

  it('has the interpreter’s own packages only where that is asked for', async () => {
    const python = await pythonHere();
    const script =
      'import site, sys; print(any(not p.startswith(sys.prefix) for p in site.getsitepackages() if p in sys.path))';
    for (const hasSystemPackages of [false, true]) {
      const root = folder.file(String(hasSystemPackages));
      await mkdir(root);
      const venv = await unpack(root, python, hasSystemPackages);
      const { stdout } = await execa(path.join(venv, 'bin/python'), ['-c', script]);
      expect(stdout).to.equal(hasSystemPackages ? 'True' : 'False');
    }
  });
});
