import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { buildArchive, buildFolder } from '../../../../../src/builders/layers/wheels/build-source.js';
import { TemporaryFolder } from '../../../../unit/temporary-folder.js';
import { workshopIn } from './workshop.js';

const run = promisify(execFile);

describe('a wheel that uv builds', () => {
  let folder: TemporaryFolder;
  beforeEach(async () => {
    folder = await TemporaryFolder.create();
  });
  afterEach(() => folder.remove());

  it('is the same from a folder and from an archive, without an index', async () => {
    const project = Object.entries(tinyProject()).map(([name, text]) => [`my project/${name}`, text] as const);
    await folder.write({ ...Object.fromEntries(project), 'home/.keep': '' });
    await run('tar', ['czf', 'main.tar.gz', 'my project'], { cwd: folder.path });
    const workshop = workshopIn(folder, {
      uv: { program: process.env.KDEPLOY_UV ?? 'uv' },
      environment: {
        ...{ PATH: process.env.PATH, HOME: folder.file('home'), GIT_CONFIG_GLOBAL: '/dev/null' },
        ...{ UV_OFFLINE: '1', UV_NO_INDEX: '1', UV_CACHE_DIR: folder.file('uv') },
      },
    });
    const local = { kind: 'folder', path: folder.file('my project') } as const;
    const asked = { name: 'tiny-pkg', version: '1.2', artifact: local };
    const fromFolder = await buildFolder(asked, local, workshop);
    const archive = { sha256: 'x', file: () => Promise.resolve(folder.file('main.tar.gz')) };
    const url = 'https://example.com/main.tar.gz';
    const source = { kind: 'archive', url, filename: 'main.tar.gz', sha256: 'x', size: 0, isDirect: true } as const;
    const fromArchive = await buildArchive({ ...asked, artifact: source }, source, archive, workshop);
    expect(fromFolder.filename).to.equal('tiny_pkg-1.2-py3-none-any.whl');
    expect(fromArchive.sha256).to.equal(fromFolder.sha256);
    await run('python3', ['-m', 'zipfile', '-e', fromFolder.file, folder.file('out')]);
    expect(await readFile(folder.file('out/facts.txt'), 'utf8')).to.equal('epoch 1577836800 seed 0 mask 22');
  });
});

/** A project with a build backend of its own, which needs nothing from an index. */
function tinyProject(version = '1.2', tag = 'py3-none-any'): Record<string, string> {
  return {
    'pyproject.toml': `[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n\n[project]\nname = "tiny-pkg"\nversion = "${version}"\n`,
    'tiny_pkg.py': 'x = 1\n',
    'backend.py': `
import os, sys, zipfile

def build_wheel(directory, config_settings=None, metadata_directory=None):
    name = "tiny_pkg-${version}-${tag}.whl"
    with zipfile.ZipFile(os.path.join(directory, name), "w") as wheel:
        date = (2020, 1, 1, 0, 0, 0)
        facts = "epoch %s seed %s mask %o" % (
            os.environ.get("SOURCE_DATE_EPOCH"), os.environ.get("PYTHONHASHSEED"), os.umask(0))
        info = "tiny_pkg-${version}.dist-info/"
        for path, text in [
            ("tiny_pkg.py", open("tiny_pkg.py").read()),
            ("facts.txt", facts),
            (info + "METADATA", "Metadata-Version: 2.1\\nName: tiny-pkg\\nVersion: ${version}\\n"),
            (info + "WHEEL", "Wheel-Version: 1.0\\nGenerator: tiny\\nRoot-Is-Purelib: true\\nTag: ${tag}\\n"),
            (info + "RECORD", ""),
        ]:
            wheel.writestr(zipfile.ZipInfo(path, date), text)
    return name
`,
  };
}
