import { expect } from 'chai';
import { readUvSettings, uvFiles } from '../../../../../src/builders/layers/resolve/uv-settings.js';
import { rejection } from '../../../../support/rejection.js';
import { TemporaryFolder } from '../../../temporary-folder.js';

describe('uv’s own settings', () => {
  let folder: TemporaryFolder;

  beforeEach(async () => {
    folder = await TemporaryFolder.create();
    await folder.write({ 'home/README': '', 'project/README': '' });
  });
  afterEach(async () => folder.remove());

  const read = async (environment: NodeJS.ProcessEnv = {}, project = 'project') =>
    readUvSettings(folder.file(project), {
      HOME: folder.file('home'),
      XDG_CONFIG_DIRS: folder.file('etc'),
      ...environment,
    });

  it('say nothing of indexes where there are none', async () => {
    expect(await read()).to.deep.include({ defaultIndex: undefined, hasIndexes: false, hasStrategy: false });
  });

  for (const [variable, found] of [
    ['UV_DEFAULT_INDEX', { defaultIndex: 'UV_DEFAULT_INDEX', hasIndexes: false }],
    ['UV_INDEX_URL', { defaultIndex: 'UV_INDEX_URL', hasIndexes: false }],
    ['UV_INDEX', { defaultIndex: undefined, hasIndexes: true }],
    ['UV_EXTRA_INDEX_URL', { defaultIndex: undefined, hasIndexes: true }],
  ] as const) {
    it(`are in ${variable}`, async () => {
      expect(await read({ [variable]: 'https://example.com/simple' })).to.include(found);
      expect(await read({ [variable]: '' })).to.include({ defaultIndex: undefined, hasIndexes: false });
    });
  }

  for (const [file, text] of [
    ['project/uv.toml', 'index-url = "https://example.com"'],
    ['project/pyproject.toml', '[[tool.uv.index]]\nurl = "https://example.com"\ndefault = true'],
    ['project/pyproject.toml', '[tool.uv.pip]\nindex-url = "https://example.com"'],
    ['uv.toml', '[[index]]\nurl = "https://example.com"\ndefault = true'],
    ['home/.config/uv/uv.toml', 'index-url = "https://example.com"'],
    ['etc/uv/uv.toml', 'index-url = "https://example.com"'],
  ] as const) {
    it(`name the default index in ${file}: ${text.replaceAll('\n', ', ')}`, async () => {
      await folder.write({ [file]: text });
      expect((await read()).defaultIndex).to.equal(folder.file(file));
      expect((await read({ UV_NO_CONFIG: '1' })).defaultIndex).to.equal(undefined);
    });
  }

  it('are of the workspace, not of its member', async () => {
    await folder.write({
      'pyproject.toml': '[tool.uv.workspace]\nmembers = ["project"]\n[tool.uv]\nindex-url = "https://example.com"\n',
      'project/pyproject.toml': '[project]\nname = "p"\n[tool.uv.sources]\nx = {workspace = true}\n',
    });
    expect((await read()).defaultIndex).to.equal(folder.file('pyproject.toml'));
  });

  it('are those of UV_CONFIG_FILE alone', async () => {
    await folder.write({ 'project/uv.toml': 'index-url = "https://a"', 'own.toml': 'index-strategy = "first-index"' });
    expect(await read({ UV_CONFIG_FILE: folder.file('own.toml') })).to.include({
      defaultIndex: undefined,
      hasStrategy: true,
    });
  });

  it('do not count an index that only packages which name it come from', async () => {
    await folder.write({
      'project/uv.toml': '[[index]]\nname = "torch"\nurl = "https://example.com"\nexplicit = true\n',
    });
    expect((await read()).hasIndexes).to.equal(false);
  });

  it('have credentials in URLs, and in the variables of a named index', async () => {
    await folder.write({
      'project/uv.toml':
        '[[index]]\nname = "our-own.index"\nurl = "https://a.example.com/simple"\n[[index]]\nurl = "https://b:pw@b.example.com"\n',
    });
    const { credentials, recipe } = await read({
      UV_INDEX_OUR_OWN_INDEX_USERNAME: 'ada',
      UV_INDEX_OUR_OWN_INDEX_PASSWORD: 'correct-horse-7',
      UV_INDEX: 'third=https://c.example.com',
      UV_INDEX_THIRD_PASSWORD: 'x',
    });
    expect(credentials).to.deep.include.members([
      { url: 'https://a.example.com/simple', username: 'ada', password: 'correct-horse-7' },
      { url: 'https://b.example.com', username: 'b', password: 'pw' },
      { url: 'https://c.example.com', username: '', password: 'x' },
    ]);
    expect(JSON.stringify(recipe)).not.to.contain('correct-horse-7');
  });

  it('make another lock only where they can change it', async () => {
    const { recipe } = await read();
    expect((await read({ UV_CACHE_DIR: '/c', UV_HTTP_TIMEOUT: '3', UV_INDEX_X_PASSWORD: 'y' })).recipe).to.deep.equal(
      recipe,
    );
    expect((await read({ UV_EXCLUDE_NEWER: '2026-01-01' })).recipe).not.to.deep.equal(recipe);
    await folder.write({ 'project/uv.toml': 'resolution = "lowest"' });
    expect((await read()).recipe).not.to.deep.equal(recipe);
  });

  it('are an error where they are not TOML, without an excerpt', async () => {
    await folder.write({ 'project/uv.toml': 'a = 1\npassword = "hunter2\n' });
    const error = await rejection(read());
    expect(error.place).to.deep.equal({ file: folder.file('project/uv.toml'), line: 2 });
    expect(error.message).not.to.contain('hunter2');
  });
});

describe('the files with uv’s settings', () => {
  const cases: readonly [
    platform: NodeJS.Platform,
    environment: NodeJS.ProcessEnv,
    ofUser: string,
    ofMachine: string[],
  ][] = [
    ['linux', { HOME: '/home/ada' }, '/home/ada/.config/uv/uv.toml', ['/etc/xdg/uv/uv.toml', '/etc/uv/uv.toml']],
    ['darwin', { HOME: '/Users/ada' }, '/Users/ada/.config/uv/uv.toml', ['/etc/xdg/uv/uv.toml', '/etc/uv/uv.toml']],
    [
      'linux',
      { XDG_CONFIG_HOME: '/c', XDG_CONFIG_DIRS: '/a::/b' },
      '/c/uv/uv.toml',
      ['/a/uv/uv.toml', '/b/uv/uv.toml', '/etc/uv/uv.toml'],
    ],
    [
      'win32',
      { APPDATA: 'D:\\Roaming', PROGRAMDATA: 'E:\\Data' },
      'D:\\Roaming\\uv\\uv.toml',
      ['E:\\Data\\uv\\uv.toml'],
    ],
    [
      'win32',
      { USERPROFILE: 'C:\\Users\\ada' },
      'C:\\Users\\ada\\AppData\\Roaming\\uv\\uv.toml',
      ['C:\\ProgramData\\uv\\uv.toml'],
    ],
  ];
  for (const [platform, environment, ofUser, ofMachine] of cases)
    it(`are ${ofUser} and ${ofMachine[0] ?? ''} on ${platform}`, () => {
      expect(uvFiles(environment, platform)).to.deep.equal({ ofUser, ofMachine });
    });
});
