import * as zlib from 'node:zlib';
import { expect } from 'chai';
import { readBase } from '../../../../../src/builders/layers/base/read-base.js';
import { FolderCache } from '../../../../../src/cache/file-cache.js';
import { rejection } from '../../../../support/rejection.js';
import { TemporaryFolder } from '../../../temporary-folder.js';
import { DEBIAN, elf, GLIBC, imageOfLayers, layerOf, SLIM, type TestEntry } from './base-images.js';

const ACCOUNTS: readonly TestEntry[] = [
  ['etc/passwd', 'root:x:0:0:root:/root:/bin/bash\n'],
  ['etc/shadow', 'root:*:1::::::\n', { mode: 0o640, gid: 42 }],
  ['etc/login.defs', 'UMASK 022\n# x\nMAIL_DIR /var/spool/mail\n'],
  ['etc/default/useradd', 'SHELL=/bin/sh\n'],
  ['etc/shells', '# shells\n/bin/sh\n/bin/bash\n'],
  ['etc/skel/.bashrc', 'a', { mode: 0o600 }],
  ['etc/skel/d/x', 'b'],
  ['etc/skel/l', { linkname: 'd/x' }],
  ['var/spool/mail', { linkname: '../mail' }],
  ['var/mail/', { mode: 0o2775, gid: 8 }],
  ['home/', { mode: 0o755 }],
];
const PIP: TestEntry = ['usr/lib/python3/dist-packages/pip-23.0.1.dist-info/METADATA', ''];

describe('reading a base', () => {
  let folder: TemporaryFolder;
  let cache: FolderCache;
  let notes: string[];
  const options = () => ({ cache, note: (text: string) => notes.push(text) });

  beforeEach(async () => {
    folder = await TemporaryFolder.create();
    cache = new FolderCache(folder.path);
    notes = [];
  });

  afterEach(() => folder.remove());

  it('tells what the builder has to know', async () => {
    const image = await imageOfLayers([DEBIAN, [...ACCOUNTS, PIP]]);
    const { places, ...facts } = await readBase(image, options());
    expect(facts).to.deep.equal({
      python: {
        ...{ version: '3.11.2', executable: '/usr/bin/python3.11', machine: 'x86_64' },
        libc: { kind: 'glibc', version: '2.36' },
      },
      sitePackages: ['usr/lib/python3/dist-packages'],
      distributions: [{ name: 'pip', version: '23.0.1', isTool: true, isSystem: true }],
      hasPip: true,
      accounts: {
        passwd: { path: 'etc/passwd', mode: 0o644, uid: 0, gid: 0, content: 'root:x:0:0:root:/root:/bin/bash\n' },
        shadow: { path: 'etc/shadow', mode: 0o640, uid: 0, gid: 42, content: 'root:*:1::::::\n' },
      },
      skeleton: [
        { type: 'file', path: '.bashrc', mode: 0o600, base64: 'YQ==' },
        { type: 'folder', path: 'd', mode: 0o755 },
        { type: 'file', path: 'd/x', mode: 0o644, base64: 'Yg==' },
        { type: 'link', path: 'l', target: 'd/x' },
      ],
      loginDefaults: { UMASK: '022', MAIL_DIR: '/var/spool/mail' },
      useraddDefaults: { SHELL: '/bin/sh' },
      shells: ['/bin/sh', '/bin/bash'],
    });
    expect(places).to.include.keys('home', 'etc', 'var/mail', 'usr/lib');
    expect(notes).to.deep.equal([]);
  });

  it('opens no layer of a base that is known', async () => {
    const first = await imageOfLayers([SLIM]);
    const facts = await readBase(first, options());
    const again = await imageOfLayers([SLIM]);
    expect(await readBase(again, options())).to.deep.equal(facts);
    expect([first.opened.length, again.opened.length]).to.deep.equal([1, 0]);
    // The same layers with another PATH are another base.
    const other = await imageOfLayers([[...SLIM, ...DEBIAN]], { env: ['PATH=/usr/bin'] });
    expect((await readBase(other, options())).python.executable).to.equal('/usr/bin/python3.11');
  });

  it('says that the base has an environment of its own, each time', async () => {
    const layers: TestEntry[][] = [
      SLIM.slice(),
      [
        ['app/env/bin/python', { linkname: '/usr/local/bin/python3.11' }],
        ['app/env/pyvenv.cfg', 'home = /usr/local/bin\n'],
        ['app/env/lib/python3.11/site-packages/internal-1.dist-info/METADATA', ''],
      ],
    ];
    for (const count of [1, 2]) {
      await readBase(await imageOfLayers(layers, { env: ['PATH=/app/env/bin'] }), options());
      expect(notes).to.have.length(count);
    }
    expect(notes[0]).to.include('virtual environment');
  });

  it('keeps nothing of a base that cannot be used', async () => {
    const error = await rejection(readBase(await imageOfLayers([GLIBC]), options()));
    expect(error.code).to.equal('configuration');
    expect(await cache.entries()).to.deep.equal([]);
  });

  it('says what to do about a layer in zstd, where Node.js cannot read it', async function () {
    if (typeof Reflect.get(zlib, 'zstdCompressSync') === 'function') this.skip();
    const image = await imageOfLayers([Buffer.from('28b52ffd0000000000', 'hex')]);
    const error = await rejection(readBase(image, options()));
    expect([error.code, error.hint?.includes('22.15')]).to.deep.equal(['build-failed', true]);
  });

  it('reads layers of several gzip members, with whiteouts and opaque folders over them', async () => {
    const site = 'usr/lib/python3/dist-packages';
    const installed = (...names: readonly string[]): TestEntry[] =>
      names.map((name) => [`${site}/${name}.dist-info/METADATA`, '']);
    const tar = await layerOf([...DEBIAN, ...installed('a-1', 'b-1')]);
    const members = [tar.subarray(0, 700), tar.subarray(700, 1500), tar.subarray(1500)].map((part) =>
      zlib.gzipSync(part),
    );
    const namesOf = async (...layers: TestEntry[][]) => {
      const { distributions } = await readBase(await imageOfLayers([Buffer.concat(members), ...layers]), options());
      return distributions.map(({ name }) => name);
    };
    expect(await namesOf()).to.deep.equal(['a', 'b']);
    expect(await namesOf([[`${site}/.wh.a-1.dist-info`]])).to.deep.equal(['b']);
    expect(await namesOf([[`${site}/.wh..wh..opq`], ...installed('c-1')])).to.deep.equal(['c']);
  });

  it('finds a Python of arm64 with a newer glibc, reachable by links alone', async () => {
    const loader = '/lib/ld-linux-aarch64.so.1';
    const image = await imageOfLayers(
      [
        [
          ['opt/python/3.12/bin/python3.12', elf([loader, '3.12.4'], 183), { mode: 0o755 }],
          ['usr/lib/aarch64-linux-gnu/libc.so.6', elf(['GNU C Library (GNU libc) stable release version 2.43.'], 183)],
          ['opt/python/current', { linkname: '3.12' }],
          ['usr/local/bin', { linkname: '../../opt/python/current/bin' }],
          ['opt/python/3.12/bin/python', { linkname: 'python3' }],
          ['opt/python/3.12/bin/python3', { linkname: '/usr/local/bin/python3.12' }],
          ['opt/python/3.12/lib/python3.12/site-packages/internal-1.dist-info/METADATA', ''],
        ],
      ],
      { architecture: 'arm64' },
    );
    const { python, distributions } = await readBase(image, options());
    expect(python).to.deep.equal({
      ...{ version: '3.12.4', executable: '/opt/python/3.12/bin/python3.12', machine: 'aarch64' },
      libc: { kind: 'glibc', version: '2.43' },
    });
    expect(distributions.map(({ name }) => name)).to.deep.equal(['internal']);
  });

  it('hands on what reading a layer throws', async () => {
    const error = await rejection(readBase(await imageOfLayers([Buffer.alloc(2000, 'x')]), options()));
    expect(error.code).to.equal('image-not-found');
  });

  it('tells how far it is', async () => {
    const image = await imageOfLayers([DEBIAN, ACCOUNTS]);
    const progress: [number, number][] = [];
    await readBase(image, { ...options(), onProgress: (bytes, total) => progress.push([bytes, total]) });
    const total = image.layers.reduce((sum, { descriptor }) => sum + descriptor.size, 0);
    expect(progress.at(-1)).to.deep.equal([total, total]);
  });
});
