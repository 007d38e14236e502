import { chmod } from 'node:fs/promises';
import { expect } from 'chai';
import {
  configurationFiles,
  readPipOptions,
  readSections,
} from '../../../../../src/builders/layers/resolve/pip-configuration.js';
import { hideGivenSecrets } from '../../../../../src/secrets/given-secrets.js';
import { rejection } from '../../../../support/rejection.js';
import { TemporaryFolder } from '../../../temporary-folder.js';

describe('pip’s configuration', () => {
  let folder: TemporaryFolder;

  beforeEach(async () => (folder = await TemporaryFolder.create()));
  afterEach(async () => folder.remove());

  const read = async (environment: NodeJS.ProcessEnv = {}): Promise<Record<string, string>> => {
    const own = { HOME: folder.file('home'), XDG_CONFIG_DIRS: folder.file('etc'), ...environment };
    const options = await readPipOptions({ project: folder.file('project'), environment: own, platform: 'linux' });
    // The machine of the test may have a file of its own.
    return Object.fromEntries(
      [...options.values()].filter(({ origin }) => origin !== '/etc/pip.conf').map(({ name, value }) => [name, value]),
    );
  };

  it('is read in pip’s order: machine, user, virtual environment, PIP_CONFIG_FILE, variables', async () => {
    const order = [
      ['etc/pip/pip.conf', 'machine'],
      ['home/.pip/pip.conf', 'legacy'],
      ['home/.config/pip/pip.conf', 'user'],
      ['project/.venv/pip.conf', 'site'],
      ['own.conf', 'own'],
    ] as const;
    const environment: NodeJS.ProcessEnv = {};
    for (const [file, name] of order) {
      await folder.write({ [file]: `[global]\nindex-url = https://${name}.example.com\n` });
      if (file === 'own.conf') environment.PIP_CONFIG_FILE = folder.file('own.conf');
      expect(await read(environment), file).to.deep.equal({ 'index-url': `https://${name}.example.com` });
    }
    expect(await read({ ...environment, PIP_INDEX_URL: 'https://variable.example.com' })).to.deep.equal({
      'index-url': 'https://variable.example.com',
    });
  });

  it('counts [install] of any file more than [global] of any other', async () => {
    await folder.write({
      'etc/pip/pip.conf': '[install]\ntimeout = 1\n',
      'home/.config/pip/pip.conf': '[global]\ntimeout = 2\n[download]\ntimeout = 3\n',
    });
    expect(await read()).to.deep.equal({ timeout: '1' });
  });

  it('spells names in one way, and takes an empty value for none', async () => {
    await folder.write({ 'home/.config/pip/pip.conf': '[global]\nExtra_Index_URL = a\n--pre = yes\nno-index =\n' });
    expect(await read({ PIP_TRUSTED_HOST: 'b', PIP_CERT: '' })).to.deep.equal({
      'extra-index-url': 'a',
      pre: 'yes',
      'trusted-host': 'b',
    });
  });

  it('is none at all where PIP_CONFIG_FILE is the null device', async () => {
    await folder.write({ 'home/.config/pip/pip.conf': '[global]\npre = yes\n' });
    expect(await read({ PIP_CONFIG_FILE: '/dev/null' })).to.deep.equal({});
  });

  it('has passwords, which are secrets from then on', async () => {
    await read({ PIP_INDEX_URL: 'https://ada:correct-horse-7@example.com/simple' });
    expect(hideGivenSecrets('found correct-horse-7')).to.equal('found ***');
  });

  it('is an error where it cannot be read, since it may name the index', async function () {
    if (process.getuid?.() === 0) this.skip();
    await folder.write({ 'home/.config/pip/pip.conf': '[global]\npre = yes\n' });
    await chmod(folder.file('home/.config/pip/pip.conf'), 0o000);
    expect((await rejection(read())).message).to.contain('pip.conf cannot be read');
  });

  it('is where macOS and Windows have it', () => {
    const mac = configurationFiles({ project: '/p', environment: { HOME: '/Users/a' }, platform: 'darwin' });
    expect(mac).to.include('/Users/a/Library/Application Support/pip/pip.conf');
    const windows = configurationFiles({
      project: 'C:\\p',
      environment: { USERPROFILE: 'C:\\Users\\a', APPDATA: 'C:\\Roaming' },
      platform: 'win32',
    });
    expect(windows).to.include('C:\\Roaming\\pip\\pip.ini');
  });

  it('is written as Python’s configparser reads it', () => {
    const text = [
      '# comment',
      'outside = 1',
      '[global]',
      'a = 1',
      '; comment',
      'b: 2 # not a comment',
      'c =',
      '    one',
      '    # comment',
      '    two',
      '',
      '[install]',
      'url = https://example.com/?a=b:c',
    ].join('\r\n');
    const sections = readSections(text);
    expect(Object.fromEntries(sections.get('global') ?? [])).to.deep.equal({
      a: '1',
      b: '2 # not a comment',
      c: 'one\ntwo',
    });
    expect(Object.fromEntries(sections.get('install') ?? [])).to.deep.equal({ url: 'https://example.com/?a=b:c' });
  });
});
