import { expect } from 'chai';
import { venvOf, type Venv } from '../../../../../src/builders/layers/base/venv.js';
import type { BaseFacts } from '../../../../../src/builders/layers/base/base-facts.js';
import { KdeployError } from '../../../../../src/errors.js';
import { DEBIAN_FACTS } from './facts.js';

const FOLDER = { type: 'folder', mode: 0o755, uid: 0, gid: 0 } as const;

const venv = (facts: Partial<BaseFacts> = {}, hasSystemPackages = false): Venv =>
  venvOf({ ...DEBIAN_FACTS, ...facts }, { hasSystemPackages });

const withVersion = (version: string): Partial<BaseFacts> => ({
  python: { ...DEBIAN_FACTS.python, version, executable: '/usr/local/bin/python3' },
});

const listed = ({ entries }: Venv): string[] =>
  entries.map((entry) => {
    if (entry.type === 'link') return `${entry.path} > ${entry.target}`;
    return `${entry.path}${entry.type === 'folder' ? '/' : ''} ${entry.mode.toString(8)}`;
  });

const configuration = ({ entries }: Venv): string => {
  const entry = entries.find(({ path }) => path.endsWith('/pyvenv.cfg'));
  return entry?.type === 'file' && entry.content.kind === 'bytes' ? Buffer.from(entry.content.bytes).toString() : '';
};

describe('the empty virtual environment of an image', () => {
  it('has folders, links to the interpreter and its configuration, all of root', () => {
    const made = venv({ places: { ...DEBIAN_FACTS.places, opt: { ...FOLDER, mode: 0o775 } } });
    expect(listed(made)).to.deep.equal([
      'opt/ 775',
      'opt/venv/ 755',
      'opt/venv/bin/ 755',
      'opt/venv/include/ 755',
      'opt/venv/include/python3.11/ 755',
      'opt/venv/lib/ 755',
      'opt/venv/lib/python3.11/ 755',
      'opt/venv/lib/python3.11/site-packages/ 755',
      'opt/venv/bin/python > /usr/bin/python3.11',
      'opt/venv/bin/python3 > python',
      'opt/venv/bin/python3.11 > python',
      'opt/venv/lib64 > lib',
      'opt/venv/pyvenv.cfg 644',
    ]);
    expect(made.entries.every(({ uid, gid }) => uid === 0 && gid === 0)).to.equal(true);
    expect([made.root, made.sitePackages, made.hidesBase]).to.deep.equal([
      ...['opt/venv', 'opt/venv/lib/python3.11/site-packages', false],
    ]);
  });

  it('is configured as Python 3.11 does it', () => {
    const lines = [
      'home = /usr/bin',
      'include-system-site-packages = false',
      'version = 3.11.2',
      'executable = /usr/bin/python3.11',
      'command = /usr/bin/python3.11 -m venv --without-pip /opt/venv',
    ];
    expect(configuration(venv())).to.equal(`${lines.join('\n')}\n`);
    expect(configuration(venv({}, true)))
      .to.include('include-system-site-packages = true\n')
      .and.to.include('--without-pip --system-site-packages /opt/venv\n');
  });

  it('is configured as older Pythons do it, and a pre-release', () => {
    expect(configuration(venv(withVersion('3.10.13')))).to.equal(
      'home = /usr/local/bin\ninclude-system-site-packages = false\nversion = 3.10.13\n',
    );
    expect(listed(venv(withVersion('3.10.13')))).to.not.include('opt/venv/include/python3.10/ 755');
    expect(configuration(venv(withVersion('3.13.0rc2')))).to.include('version = 3.13.0\n');
  });

  it('goes where the base’s links lead, and is still called /opt/venv', () => {
    const made = venv({
      places: { opt: { type: 'link', path: 'var/opt' }, var: FOLDER, 'var/opt': { ...FOLDER, gid: 50 } },
    });
    expect(listed(made).slice(0, 3)).to.deep.equal(['var/ 755', 'var/opt/ 755', 'var/opt/venv/ 755']);
    expect(made.entries[1]).to.include({ gid: 50 });
    expect(made.entries.some(({ path }) => path.startsWith('opt'))).to.equal(false);
    expect(configuration(made)).to.include(' /opt/venv\n');
  });

  it('hides what the base has in its place', () => {
    const made = venv({ places: { opt: FOLDER, 'opt/venv': FOLDER } });
    expect(made.hidesBase).to.equal(true);
    expect(listed(made).slice(1, 3)).to.deep.equal(['opt/venv/ 755', 'opt/venv/.wh..wh..opq 644']);
  });

  const refused: readonly [what: string, facts: Partial<BaseFacts>, expected: RegExp][] = [
    ['a file is there', { places: { 'opt/venv': { type: 'file' } } }, /file is in the way/],
    ['opt is a file', { places: { opt: { type: 'file' } } }, /file is in the way/],
    [
      'the base’s own Python is there',
      { python: { ...DEBIAN_FACTS.python, executable: '/opt/venv/bin/python3.11' } },
      /own Python in \/opt\/venv/,
    ],
  ];
  for (const [what, facts, expected] of refused)
    it(`is refused where ${what}`, () => {
      expect(() => venv(facts))
        .to.throw(KdeployError, expected)
        .with.property('code', 'configuration');
    });
});
