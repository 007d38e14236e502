import { expect } from 'chai';
import { inflateRawSync } from 'node:zlib';
import type { FileEntry } from '../../../../../src/builders/layers/pack/image-entry.js';
import { installedFiles, type InstalledFiles } from '../../../../../src/builders/layers/wheels/installed-files.js';
import { openWheel } from '../../../../../src/builders/layers/wheels/wheel-archive.js';
import type { Wheel } from '../../../../../src/builders/layers/wheels/wheel.js';
import { rejection } from '../../../../support/rejection.js';
import { TemporaryFolder } from '../../../temporary-folder.js';
import { sha256, wheelFile, type WheelContent, type WheelOptions } from './wheel-file.js';

const SITE = 'opt/venv/lib/python3.11/site-packages';
const INFO = `${SITE}/demo-1.0.dist-info`;
const DATA = 'demo-1.0.data';

describe('the installed files of a wheel', () => {
  let folder: TemporaryFolder;

  beforeEach(async () => {
    folder = await TemporaryFolder.create();
  });

  afterEach(() => folder.remove());

  async function install(files: WheelContent, options: WheelOptions & Partial<Wheel> = {}): Promise<InstalledFiles> {
    await folder.write({ wheel: wheelFile(files, options) });
    const filename = options.filename ?? 'demo-1.0-py3-none-any.whl';
    const archive = await openWheel(folder.file('wheel'), filename);
    await archive.close();
    return installedFiles({ name: 'demo', filename, directUrl: options.directUrl }, archive, {
      venv: '/opt/venv',
      pythonMinor: '3.11',
    });
  }

  async function textOf({ content }: FileEntry): Promise<string> {
    if (content.kind === 'bytes') return Buffer.from(content.bytes).toString();
    const chunks: Uint8Array[] = [];
    for await (const chunk of content.open()) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    return (content.kind === 'deflated' ? inflateRawSync(bytes) : bytes).toString();
  }

  async function textAt({ files }: InstalledFiles, path: string): Promise<string | undefined> {
    const file = files.find((each) => each.path === path);
    return file && textOf(file);
  }

  const modes = ({ files }: InstalledFiles) =>
    Object.fromEntries(
      files.filter(({ path }) => !path.startsWith(`${INFO}/`)).map(({ path, mode }) => [path, mode.toString(8)]),
    );

  it('are at their places, in the order of their paths, owned by root', async () => {
    const installed = await install({
      'demo/__init__.py': 'x = 1',
      'demo/program': { content: '', mode: 0o100711 },
      'demo/link': { content: '__init__.py', mode: 0o120777 },
      'demo/from-windows.exe': { content: '', mode: 0o100777, system: 0 },
      [`${DATA}/purelib/pure.py`]: '',
      [`${DATA}/platlib/plat.so`]: { content: '', mode: 0o100755 },
      [`${DATA}/headers/demo.h`]: '',
      [`${DATA}/data/share/demo/x.json`]: '',
      [`${DATA}/data/lib64/y`]: '',
      [`${DATA}/scripts/tool`]: 'binary',
    });
    expect(modes(installed)).to.deep.equal({
      'opt/venv/bin/tool': '755',
      'opt/venv/include/site/python3.11/demo/demo.h': '644',
      [`${SITE}/demo/__init__.py`]: '644',
      [`${SITE}/demo/from-windows.exe`]: '755',
      [`${SITE}/demo/link`]: '755',
      [`${SITE}/demo/program`]: '755',
      [`${SITE}/plat.so`]: '755',
      [`${SITE}/pure.py`]: '644',
      'opt/venv/lib/y': '644',
      'opt/venv/share/demo/x.json': '644',
    });
    const paths = installed.files.map(({ path }) => path);
    expect(paths).to.deep.equal([...paths].sort());
    expect(installed.files.every(({ uid, gid }) => uid === 0 && gid === 0)).to.equal(true);
    expect(installed.sources).to.deep.equal([
      { entry: 'demo/__init__.py', path: `${SITE}/demo/__init__.py` },
      { entry: `${DATA}/purelib/pure.py`, path: `${SITE}/pure.py` },
    ]);
    expect(installed.topLevels).to.deep.equal([
      'opt/venv/bin/tool',
      'opt/venv/include/site/python3.11/demo/demo.h',
      `${SITE}/demo`,
      `${SITE}/plat.so`,
      `${SITE}/pure.py`,
      'opt/venv/lib/y',
      'opt/venv/share/demo/x.json',
    ]);
  });

  it('stay compressed as they are', async () => {
    const installed = await install({
      'a.py': { content: 'deflated', crc32: 0x12345678 },
      'b.py': { content: 'stored', stored: true },
    });
    const [a, b] = installed.files;
    expect(a?.content).to.include({ kind: 'deflated', size: 8, crc32: 0x12345678 });
    expect(b?.content).to.include({ kind: 'stream', size: 6 });
    expect([await textOf(a!), await textOf(b!)]).to.deep.equal(['deflated', 'stored']);
  });

  it('fail where stored bytes are not those that the archive tells of', async () => {
    const installed = await install({ 'b.py': { content: 'stored', stored: true, crc32: 1 } });
    expect((await rejection(textOf(installed.files[0]!))).message).to.contain('b.py is damaged');
  });

  for (const [what, script, expected] of [
    ['python', '#!python\nimport x\n', '#!/opt/venv/bin/python\nimport x\n'],
    ['pythonw', '#!pythonw\nimport x\n', '#!/opt/venv/bin/python\nimport x\n'],
    ['options, which are dropped', '#!python -E -s\nx', '#!/opt/venv/bin/python\nx'],
    ['a carriage return and a line feed', '#!python\r\nx', '#!/opt/venv/bin/python\nx'],
    ['a carriage return', '#!python\rx\r\n', '#!/opt/venv/bin/python\nx\r\n'],
    ['two carriage returns', '#!python\r\r\nx', '#!/opt/venv/bin/python\n\r\nx'],
    ['nothing else', '#!python', '#!/opt/venv/bin/python\n'],
    ['another program', '#!/usr/bin/env python\nx', '#!/usr/bin/env python\nx'],
    ['a space', '#! python\nx', '#! python\nx'],
    ['capitals', '#!Python\nx', '#!Python\nx'],
    ['too little', '#!pytho', '#!pytho'],
  ] as const) {
    it(`have scripts whose first line has ${what}`, async () => {
      for (const stored of [true, false]) {
        const installed = await install({ [`${DATA}/scripts/tool.py`]: { content: script, stored } });
        expect(await textAt(installed, 'opt/venv/bin/tool.py')).to.equal(expected);
        expect(installed.sources).to.deep.equal([]);
        const row = (await textAt(installed, `${INFO}/RECORD`))?.split('\n').find((each) => each.includes('tool.py'));
        expect(row).to.equal(`../../../bin/tool.py,${sha256(expected)},${expected.length}`);
      }
    });
  }

  it('have programs for the entry points, instead of scripts of the same name', async () => {
    const installed = await install(
      { [`${DATA}/scripts/demo`]: 'old', [`${DATA}/scripts/demo-script.py`]: 'old', [`${DATA}/scripts/demo2`]: 'kept' },
      {
        metadata: {
          'entry_points.txt': '[console_scripts]\ndemo = demo.cli:main\n[gui_scripts]\ndemo-gui = demo:gui\n',
        },
      },
    );
    expect(modes(installed)).to.deep.equal({
      'opt/venv/bin/demo': '755',
      'opt/venv/bin/demo-gui': '755',
      'opt/venv/bin/demo2': '755',
    });
    expect(await textAt(installed, 'opt/venv/bin/demo')).to.contain('from demo.cli import main\n');
  });

  it('are listed in RECORD, with the hashes of the wheel’s own where nothing was changed', async () => {
    const installed = await install(
      {
        'demo.py': 'x',
        'unlisted.py': 'four',
        'a,b.py': '',
        [`${DATA}/data/share/x`]: 'x',
        'demo-1.0.dist-info/RECORD.jws': '{}',
        'demo-1.0.dist-info/RECORD.p7s': '',
      },
      {
        metadata: {
          'entry_points.txt': '[console_scripts]\ndemo=demo:f\n',
          INSTALLER: 'someone',
          RECORD: [
            '/demo.py,sha512=of-the-wheel,99',
            '"a,b.py",sha256=q,0',
            `${DATA}/data/share/x,sha256=moved,1`,
            'gone.py,sha256=x,1',
            'demo-1.0.dist-info/INSTALLER,sha256=someone,7',
            'demo-1.0.dist-info/METADATA,sha256=m,1',
            'demo-1.0.dist-info/WHEEL,sha256=w,1',
            'demo-1.0.dist-info/entry_points.txt,sha256=e,1',
            'demo-1.0.dist-info/RECORD.p7s,,',
            'demo-1.0.dist-info/RECORD,sha256=own,1',
          ].join('\n'),
        },
        directUrl: { url: 'https://example.com/demo.whl', archive_info: {} },
      },
    );
    const script = await textAt(installed, 'opt/venv/bin/demo');
    const direct = '{"url":"https://example.com/demo.whl","archive_info":{}}';
    expect(await textAt(installed, `${INFO}/direct_url.json`)).to.equal(direct);
    expect(await textAt(installed, `${INFO}/INSTALLER`)).to.equal('kdeploy');
    expect((await textAt(installed, `${INFO}/RECORD`))?.split('\n')).to.deep.equal([
      `../../../bin/demo,${sha256(script ?? '')},${script?.length ?? 0}`,
      '../../../share/x,sha256=moved,1',
      '"a,b.py",sha256=q,0',
      `demo-1.0.dist-info/INSTALLER,${sha256('kdeploy')},7`,
      'demo-1.0.dist-info/METADATA,sha256=m,1',
      'demo-1.0.dist-info/RECORD,,',
      'demo-1.0.dist-info/RECORD.p7s,,',
      'demo-1.0.dist-info/WHEEL,sha256=w,1',
      `demo-1.0.dist-info/direct_url.json,${sha256(direct)},${direct.length}`,
      'demo-1.0.dist-info/entry_points.txt,sha256=e,1',
      'demo.py,sha512=of-the-wheel,99',
      'unlisted.py,,4',
      '',
    ]);
  });

  it('have no direct_url.json for a package of an index', async () => {
    expect(await textAt(await install({}), `${INFO}/direct_url.json`)).to.equal(undefined);
  });

  it('are those of .data where both have one, or once where they are equal', async () => {
    const installed = await install({
      [`${DATA}/purelib/a.py`]: 'data',
      'a.py': 'root',
      [`${DATA}/platlib/b.py`]: 'same',
      [`${DATA}/purelib/b.py`]: 'same',
      [`${DATA}/data/lib/python3.11/site-packages/c.py`]: 'data',
      'c.py': 'root',
    });
    expect(await textAt(installed, `${SITE}/a.py`)).to.equal('data');
    expect(await textAt(installed, `${SITE}/c.py`)).to.equal('data');
    expect(installed.sources.map(({ entry }) => entry).sort()).to.deep.equal([
      `${DATA}/data/lib/python3.11/site-packages/c.py`,
      `${DATA}/purelib/a.py`,
      `${DATA}/purelib/b.py`,
    ]);
    const record = (await textAt(installed, `${INFO}/RECORD`)) ?? '';
    expect(record.split('\n').filter((row) => row.startsWith('a.py'))).to.deep.equal([`a.py,${sha256('data')},4`]);
  });

  it('are compiled, except what only the tests of a package are made of', async () => {
    const installed = await install({
      'demo/a.py': '',
      'demo/testing/b.py': '',
      'demo/tests.py': '',
      'demo/mytests/c.py': '',
      'demo/tests/d.py': '',
      'demo/core/tests/data/e.py': '',
      'tests/f.py': '',
      [`${DATA}/purelib/other/tests/g.py`]: '',
    });
    expect(installed.files.map(({ path }) => path)).to.include(`${SITE}/demo/tests/d.py`);
    expect(installed.sources.map(({ entry }) => entry).sort()).to.deep.equal([
      'demo/a.py',
      'demo/mytests/c.py',
      'demo/testing/b.py',
      'demo/tests.py',
    ]);
  });

  const entryPoints = (name: string) => ({ 'entry_points.txt': `[console_scripts]\n${name} = demo:f\n` });
  for (const [what, files, options, reason] of [
    [
      'a later format',
      {},
      { metadata: { WHEEL: 'Wheel-Version: 2.0\n' } },
      'its format has the version 2.0, and kdeploy knows version 1',
    ],
    ['a format without number', {}, { metadata: { WHEEL: 'Wheel-Version: 1\n' } }, 'its format has the version 1, and'],
    ['no format', {}, { metadata: { WHEEL: 'Tag: py3-none-any\n' } }, 'its file WHEEL has no Wheel-Version'],
    ['no WHEEL', {}, { metadata: { WHEEL: null } }, 'it has no demo-1.0.dist-info/WHEEL'],
    ['no METADATA', {}, { metadata: { METADATA: null } }, 'it has no demo-1.0.dist-info/METADATA'],
    ['no RECORD', {}, { metadata: { RECORD: null } }, 'it has no demo-1.0.dist-info/RECORD'],
    ['no name', {}, { metadata: { METADATA: 'Version: 1.0\n' } }, 'its file METADATA has no Name or no Version'],
    [
      'a name in the text only',
      {},
      { metadata: { METADATA: 'Version: 1.0\n\nName: demo\n' } },
      'no Name or no Version',
    ],
    ['another name', {}, { metadata: { METADATA: 'Name: other\nVersion: 1.0\n' } }, 'it is other 1.0'],
    ['another version', {}, { metadata: { METADATA: 'Name: demo\nVersion: 1.0.1\n' } }, 'it is demo 1.0.1'],
    ['a version that is none', {}, { metadata: { METADATA: 'Name: demo\nVersion: new\n' } }, 'it is demo new'],
    ['another file name', {}, { filename: 'demo-2.0-py3-none-any.whl' }, 'it is demo 1.0'],
    ['a file name that is none', {}, { filename: 'demo.whl' }, 'its file name is not that of a wheel'],
    ['an archive’s file name', {}, { filename: 'demo-1.0.zip' }, 'its file name is not that of a wheel'],
    [
      'two .dist-info folders',
      { 'other-1.dist-info/RECORD': '' },
      {},
      'it has several .dist-info folders: demo-1.0.dist-info, other-1.dist-info',
    ],
    [
      'text that is not UTF-8',
      { 'demo-1.0.dist-info/RECORD': { content: Buffer.from([0xff]) } },
      { metadata: { RECORD: null } },
      'demo-1.0.dist-info/RECORD is not in UTF-8',
    ],
    ['a scheme that is none', { [`${DATA}/binaries/x`]: '' }, {}, `${DATA}/binaries/x has no place in an environment`],
    ['a file beside the schemes', { [`${DATA}/x`]: '' }, {}, `${DATA}/x has no place in an environment`],
    ['a file instead of a scheme', { [`${DATA}/scripts`]: '' }, {}, `${DATA}/scripts has no place in an environment`],
    ['a folder of scripts', { [`${DATA}/scripts/x/y`]: '' }, {}, `${DATA}/scripts/x/y has no place in an environment`],
    [
      'two files of .data at one place',
      { [`${DATA}/purelib/a`]: '1', [`${DATA}/platlib/a`]: '2' },
      {},
      `it has two different files for /${SITE}/a`,
    ],
    [
      'two modes at one place',
      { [`${DATA}/purelib/a`]: { mode: 0o100755 }, [`${DATA}/platlib/a`]: '' },
      {},
      'it has two different files for',
    ],
    [
      'a file in the way of a program',
      { [`${DATA}/data/bin/a`]: '' },
      { metadata: entryPoints('a') },
      'it has two different files for /opt/venv/bin/a',
    ],
    [
      'a file in the way of a folder',
      { [`${DATA}/purelib/a`]: '', [`${DATA}/platlib/a/b`]: '' },
      {},
      `/${SITE}/a is a file and a folder in it`,
    ],
    [
      'a Python of its own',
      { [`${DATA}/scripts/python`]: '' },
      {},
      'it would replace /opt/venv/bin/python, which belongs to the virtual environment',
    ],
    ['a Python in its data', { [`${DATA}/data/bin/python3.12`]: '' }, {}, 'it would replace /opt/venv/bin/python3.12'],
    ['a Python as a program', {}, { metadata: entryPoints('Python3.py') }, 'it would replace /opt/venv/bin/Python3.py'],
    [
      'the configuration of the environment',
      { [`${DATA}/data/pyvenv.cfg`]: '' },
      {},
      'it would replace /opt/venv/pyvenv.cfg',
    ],
    ['a file instead of the link lib64', { [`${DATA}/data/lib64`]: '' }, {}, 'it would replace /opt/venv/lib64'],
    [
      'entry points that are none',
      {},
      { metadata: { 'entry_points.txt': '[console_scripts]\na\n' } },
      'the entry point "a" is not of the form name = module:function',
    ],
  ] as readonly (readonly [string, WheelContent, WheelOptions & Partial<Wheel>, string])[]) {
    it(`are refused with ${what}`, async () => {
      const error = await rejection(install(files, options));
      expect(error.code).to.equal('build-failed');
      expect(error.message)
        .to.contain(`${options.filename ?? 'demo-1.0-py3-none-any.whl'} is not a valid wheel: `)
        .and.to.contain(reason);
    });
  }

  for (const [what, files, options] of [
    ['the ancient format', {}, { metadata: { WHEEL: 'Wheel-Version: 0.1\n' } }],
    ['a later minor format, twice', {}, { metadata: { WHEEL: 'wheel-version: 1.9\r\nWheel-Version: 3.0\r\n' } }],
    ['another spelling', {}, { metadata: { METADATA: 'Name: DeMo\nVersion: v1.0.0\n' } }],
    ['a local version in its file name', {}, { filename: 'demo-1.0+cpu-1build-py3-none-any.whl' }],
    ['the data of another package', { 'other-1.0.data/scripts/python': '' }, {}],
    [
      'names like those of Python',
      { [`${DATA}/scripts/python-config`]: '', [`${DATA}/scripts/python3-x`]: '', [`${DATA}/scripts/python4`]: '' },
      {},
    ],
    ['a Python in another folder', { [`${DATA}/data/share/bin/python`]: '', [`${DATA}/purelib/python`]: '' }, {}],
  ] as readonly (readonly [string, WheelContent, WheelOptions & Partial<Wheel>])[]) {
    it(`are fine with ${what}`, async () => {
      expect((await install(files, options)).files.length).to.be.greaterThan(3);
    });
  }

  it('are refused without a .dist-info folder', async () => {
    const error = await rejection(install({}, { version: '1.0.dist-info/x' }));
    expect(error.message).to.contain('is not a valid wheel');
    await folder.write({
      wheel: wheelFile({ 'demo-1.0.dist-info': '' }, { metadata: { WHEEL: null, METADATA: null, RECORD: null } }),
    });
    const archive = await openWheel(folder.file('wheel'));
    const layout = { venv: '/opt/venv', pythonMinor: '3.11' };
    const wheel = { name: 'demo', filename: 'demo-1.0-py3-none-any.whl', directUrl: undefined };
    expect((await rejection(installedFiles(wheel, archive, layout))).message).to.contain('it has no .dist-info folder');
    await archive.close();
  });
});
