import { expect } from 'chai';
import { poetryCredentials } from '../../../../../src/builders/layers/resolve/poetry-credentials.js';
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

  it('are none where the file is no TOML', async () => {
    await folder.write({ 'c/auth.toml': '[[[' });
    expect(await poetryCredentials('a', { POETRY_CONFIG_DIR: folder.file('c') })).to.equal(undefined);
  });
});
