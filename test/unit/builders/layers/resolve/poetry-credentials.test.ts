import { expect } from 'chai';
import { poetryCredentials, poetryLogins } from '../../../../../src/builders/layers/resolve/poetry-credentials.js';
import { hideGivenSecrets } from '../../../../../src/secrets/given-secrets.js';
import { TemporaryFolder } from '../../../temporary-folder.js';

describe('Poetry’s credentials for a source', () => {
  let folder: TemporaryFolder;

  beforeEach(async () => (folder = await TemporaryFolder.create()));
  afterEach(async () => folder.remove());

  it('are in variables, else in auth.toml', async () => {
    await folder.write({
      '.config/pypoetry/auth.toml': '[http-basic.our-own]\nusername = "file"\npassword = "correct-horse-7"\n',
    });
    const home = { HOME: folder.path };
    expect(await poetryCredentials('our-own', home)).to.deep.equal({ username: 'file', password: 'correct-horse-7' });
    expect(hideGivenSecrets('correct-horse-7')).to.equal('***');
    const variables = { POETRY_HTTP_BASIC_OUR_OWN_USERNAME: 'ada', POETRY_HTTP_BASIC_OUR_OWN_PASSWORD: 'pw' };
    expect(await poetryCredentials('our-own', { ...home, ...variables })).to.deep.equal({
      username: 'ada',
      password: 'pw',
    });
    expect(await poetryCredentials('other', { ...home, ...variables })).to.equal(undefined);
  });

  for (const [platform, environment, file] of [
    ['linux', { HOME: '/home/ada' }, '/home/ada/.config/pypoetry/auth.toml'],
    ['linux', { HOME: '/home/ada', XDG_CONFIG_HOME: '/c' }, '/c/pypoetry/auth.toml'],
    ['darwin', { HOME: '/Users/ada' }, '/Users/ada/Library/Application Support/pypoetry/auth.toml'],
    ['win32', { APPDATA: 'C:\\Roaming' }, 'C:\\Roaming\\pypoetry\\auth.toml'],
    ['win32', { USERPROFILE: 'C:\\ada' }, 'C:\\ada\\AppData\\Roaming\\pypoetry\\auth.toml'],
    ['win32', { POETRY_CONFIG_DIR: '\\\\nas\\poetry' }, '\\\\nas\\poetry\\auth.toml'],
  ] as const)
    it(`are in ${file} on ${platform}`, () => expect(poetryLogins(environment, platform)).to.equal(file));

  it('are none where the file is no TOML', async () => {
    await folder.write({ 'c/auth.toml': '[[[' });
    expect(await poetryCredentials('a', { POETRY_CONFIG_DIR: folder.file('c') })).to.equal(undefined);
  });
});
