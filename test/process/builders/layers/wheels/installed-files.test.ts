import { expect } from 'chai';
import { execa } from 'execa';
import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import path from 'node:path';
import { inflateRawSync } from 'node:zlib';
import type { Content } from '../../../../../src/builders/layers/pack/image-entry.js';
import { installedFiles } from '../../../../../src/builders/layers/wheels/installed-files.js';
import { parseRecord } from '../../../../../src/builders/layers/wheels/record.js';
import { openWheel } from '../../../../../src/builders/layers/wheels/wheel-archive.js';
import { wheelFile, type WheelContent, type WheelOptions } from '../../../../unit/builders/layers/wheels/wheel-file.js';
import { TemporaryFolder } from '../../../../unit/temporary-folder.js';

const DATA = 'demo-1.0.data';

/** All that a wheel can have, as far as both installers take it. */
const DEMO: WheelContent = {
  'demo/': { stored: true },
  'demo/__init__.py': 'x = 1\n',
  'demo/stored.bin': { content: Buffer.from([0, 1, 2, 255]), stored: true },
  'demo/empty.txt': '',
  'demo/größe 😀.txt': 'ü',
  'demo/we,ird "name".txt': 'x',
  'demo/program': { content: '#!/bin/sh\n', mode: 0o100755 },
  'demo/of-its-owner': { content: 'x', mode: 0o100700 },
  'demo/private': { content: 'x', mode: 0o100600 },
  'demo/without-rights': { content: 'x', mode: 0o100000 },
  'demo/setuid': { content: 'x', mode: 0o104644 },
  'demo.libs/x.so': { content: 'elf', mode: 0o100755 },
  'namespace/demo/__init__.py': '',
  'replaced.py': 'root',
  'other-2.0.data-not/scripts/x': 'x',
  'demo-1.0.dist-info/licenses/LICENSE': 'free',
  'demo-1.0.dist-info/INSTALLER': 'the wheel',
  [`${DATA}/purelib/pure.py`]: 'pure',
  [`${DATA}/purelib/replaced.py`]: 'data',
  [`${DATA}/platlib/demo/plat.so`]: { content: 'plat', mode: 0o100755 },
  [`${DATA}/headers/demo.h`]: 'h',
  [`${DATA}/headers/sub/demo.h`]: 'h',
  [`${DATA}/data/etc/demo/demo.conf`]: 'conf',
  [`${DATA}/data/share/demo/program`]: { content: 'x', mode: 0o100755 },
  [`${DATA}/data/bin/of-the-data`]: 'not executable',
  [`${DATA}/scripts/plain`]: '#!/bin/sh\necho\n',
  [`${DATA}/scripts/binary`]: { content: Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0xff]), mode: 0o100755 },
  [`${DATA}/scripts/python-script`]: '#!python\nimport sys\n',
  [`${DATA}/scripts/python-gui.py`]: { content: '#!pythonw -s\nimport sys\r\n', mode: 0o100755 },
  [`${DATA}/scripts/short`]: '#!',
};

const ENTRY_POINTS = `
[console_scripts]
demo = demo:main
demo-2.x = demo.sub:Class.method

# a comment
[other]
x = y
[gui_scripts]
demo-gui=demo:gui
`;

interface Installed {
  readonly mode: number;
  readonly content: string;
}

describe('the installed files of a wheel, beside a real installer’s', () => {
  let folder: TemporaryFolder;
  let venv: string;
  let pythonMinor: string;

  before(async () => {
    const { stdout } = await execa('python3', ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])']);
    pythonMinor = stdout;
  });

  beforeEach(async () => {
    folder = await TemporaryFolder.create();
    venv = folder.file('venv');
    await execa('python3', ['-m', 'venv', '--without-pip', venv]);
  });

  afterEach(() => folder.remove());

  /** Writes a wheel, and says what kdeploy and what the installer make of it. */
  async function installBoth(
    filename: string,
    bytes: Buffer,
    installer: (name: string) => readonly string[],
  ): Promise<{ ours: Map<string, Installed>; theirs: Map<string, Installed> }> {
    await folder.write({ [`wheels/${filename}`]: bytes });
    const name = filename
      .split('-')[0]!
      .replace(/[._-]+/g, '-')
      .toLowerCase();
    const archive = await openWheel(folder.file(`wheels/${filename}`));
    const { files } = await installedFiles({ name, filename, directUrl: undefined }, archive, { venv, pythonMinor });
    const ours = new Map<string, Installed>();
    for (const { path: at, mode, content } of files) {
      ours.set(path.relative(venv, `/${at}`), { mode, content: await textOf(content) });
    }
    await archive.close();

    const before = new Set((await everyFile(venv)).keys());
    const command = installer(name);
    // The rights that new files get are part of what is compared.
    await execa('/bin/sh', ['-c', 'umask 022; exec "$@"', 'sh', ...command], {
      env: { UV_CACHE_DIR: folder.file('cache'), UV_LINK_MODE: 'copy', PIP_CONFIG_FILE: '/dev/null' },
    });
    const theirs = new Map([...(await everyFile(venv))].filter(([at]) => !before.has(at)));
    return { ours, theirs };
  }

  const uv = (name: string) => [
    ...['uv', 'pip', 'install', '--quiet', '--no-config', '--no-deps', '--no-index', '--offline'],
    ...['--find-links', folder.file('wheels'), '--python', path.join(venv, 'bin/python'), name],
  ];

  const pip = (name: string) => [
    ...['python3', '-m', 'pip', '--python', path.join(venv, 'bin/python'), '--disable-pip-version-check', 'install'],
    ...['--quiet', '--no-compile', '--no-deps', '--no-index', '--no-cache-dir', '--find-links'],
    ...[folder.file('wheels'), name],
  ];

  /** Without what differs by design: who installed it, and whether a user asked for it. */
  function comparable(files: ReadonlyMap<string, Installed>): Record<string, Installed> {
    const kept = [...files].filter(([at]) => !/\.dist-info\/(REQUESTED|INSTALLER|uv_[a-z]+\.json)$|^\.lock$/.test(at));
    return Object.fromEntries(
      kept.map(([at, file]) => [at, at.endsWith('.dist-info/RECORD') ? { ...file, content: rowsOf(file) } : file]),
    );
  }

  function rowsOf({ content }: Installed): string {
    const rows = [...parseRecord(content).values()].filter(
      ({ path: at }) => !/\.dist-info\/(REQUESTED|INSTALLER|uv_[a-z]+\.json)$/.test(at),
    );
    return rows
      .map((row) => Object.values(row).join(' '))
      .sort()
      .join('\n');
  }

  const wheels: readonly (readonly [what: string, filename: string, bytes: Buffer])[] = [
    [
      'all that a wheel can have',
      'demo-1.0-py3-none-any.whl',
      wheelFile(DEMO, { metadata: { 'entry_points.txt': ENTRY_POINTS } }),
    ],
    ['a name that is not normalised', 'Other_Name.X-1.0+local.1-py3-none-any.whl', otherWheel()],
  ];

  for (const [what, filename, bytes] of wheels) {
    it(`are uv’s for ${what}`, async function () {
      if (!(await runs('uv', '--version'))) this.skip();
      const { ours, theirs } = await installBoth(filename, bytes, uv);
      expect(comparable(ours)).to.deep.equal(comparable(theirs));
    });

    it(`are pip’s for ${what}`, async function () {
      if (!(await runs('python3', '-m', 'pip', '--version'))) this.skip();
      const { ours, theirs } = await installBoth(filename, bytes, pip);
      const [own, others] = [ours, theirs].map((files) => withoutPrograms(comparable(files)));
      expect(own).to.deep.equal(others);
    });
  }

  it('are uv’s where the archive is an odd one', async function () {
    if (!(await runs('uv', '--version'))) this.skip();
    const bytes = wheelFile(
      {
        'a.py': { content: 'x', hasDescriptor: true },
        'link.py': { content: 'a.py', mode: 0o120777 },
        'windows.exe': { content: 'x', mode: 0o100777, system: 0 },
        'unlisted.txt': 'four',
        'listed.py': 'x',
        [`${DATA}/scripts/windows`]: '#!python\r\nimport x\r\n',
        [`${DATA}/scripts/only`]: '#!python',
        [`${DATA}/scripts/demo.exe`]: 'gives way to the entry point',
      },
      {
        metadata: {
          'entry_points.txt': '[console_scripts]\r\ndemo=a:b\r\ndemo2 = a.b : c.d [ x, y ]\r\n',
          RECORD: `/a.py,md5=x,9\r\n./listed.py,sha256=x,1\r\ngone.py,,\r\n${DATA}/scripts/only,,\r\n`,
        },
      },
    );
    const { ours, theirs } = await installBoth('demo-1.0-py3-none-any.whl', bytes, uv);
    const [own, others] = [comparable(ours), comparable(theirs)];
    const record = `lib/python${pythonMinor}/site-packages/demo-1.0.dist-info/RECORD`;
    const rows = [own, others].map((files) => files[record]?.content.split('\n') ?? []);
    // uv keeps a row for the script that gave way, and lists RECORD with the size that it had in the wheel.
    const without = rows.map((each) => each.filter((row) => !/scripts\/demo\.exe|RECORD/.test(row)));
    expect(without[0]).to.deep.equal(without[1]);
    expect({ ...own, [record]: undefined }).to.deep.equal({ ...others, [record]: undefined });
  });

  /** pip's programs are other texts with the same effect, and it leaves a script as executable as the archive has it. */
  function withoutPrograms(files: Record<string, Installed>): Record<string, Installed> {
    const isProgram = (at: string) => at.startsWith('bin/demo');
    return Object.fromEntries(
      Object.entries(files).map(([at, file]) => {
        if (isProgram(at)) return [at, { ...file, content: file.content.split('\n')[0]! }];
        if (at.startsWith('bin/')) return [at, { ...file, mode: 0o755 }];
        if (!at.endsWith('/RECORD')) return [at, file];
        const rows = file.content.split('\n').map((row) => row.replace(/^((?:\.\.\/)+bin\/demo\S*) .*/, '$1'));
        return [at, { ...file, content: rows.join('\n') }];
      }),
    );
  }
});

function otherWheel(): Buffer {
  const options: WheelOptions = { name: 'Other_Name.X', version: '1.0+local.1' };
  return wheelFile({ 'x.py': 'x', 'Other_Name.X-1.0+local.1.data/headers/x.h': 'h' }, options);
}

async function runs(command: string, ...arguments_: string[]): Promise<boolean> {
  return (await execa(command, arguments_, { reject: false })).exitCode === 0;
}

async function textOf(content: Content): Promise<string> {
  if (content.kind === 'bytes') return Buffer.from(content.bytes).toString('latin1');
  const chunks: Uint8Array[] = [];
  for await (const chunk of content.open()) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  return (content.kind === 'deflated' ? inflateRawSync(bytes) : bytes).toString('latin1');
}

/** Files only, by their paths; a link counts as what it says. */
async function everyFile(root: string): Promise<Map<string, Installed>> {
  const found = new Map<string, Installed>();
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((each) => !each.isDirectory())) {
    const file = path.join(entry.parentPath, entry.name);
    const content = entry.isSymbolicLink() ? await readlink(file) : (await readFile(file)).toString('latin1');
    const { mode } = entry.isSymbolicLink() ? { mode: 0o120000 } : await stat(file);
    found.set(path.relative(root, file), { mode: mode & 0o7777, content });
  }
  return found;
}
