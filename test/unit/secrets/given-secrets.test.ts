import { expect } from 'chai';
import {
  hideGivenSecrets,
  rememberSecret,
  rememberSecretsInAddress,
  rememberSecretsOf,
} from '../../../src/secrets/given-secrets.js';

import { TemporaryFolder } from '../temporary-folder.js';

describe('a secret that the process was given', () => {
  it('is hidden wherever it appears', () => {
    rememberSecret('hunter2hunter2');
    expect(hideGivenSecrets('a hunter2hunter2,xhunter2hunter2x')).to.equal('a ***,x***x');
  });

  it('is hidden as it is written in addresses and in JSON', () => {
    rememberSecret('p@ss/w"rd 1');
    expect(hideGivenSecrets(String.raw`p%40ss%2Fw%22rd%201 p@ss/w\"rd 1 p@ss/w"rd 1`)).to.equal('*** *** ***');
  });

  it('is hidden line by line', () => {
    rememberSecret('first-line-of-it\r\n  second-line-of-it\ndefault\n');
    expect(hideGivenSecrets('first-line-of-it; second-line-of-it; default')).to.equal('***; ***; default');
  });

  it('is hidden line by line where a short line has a digit, as words have none', () => {
    rememberSecret('machine\nabc123\nab123\ndefault');
    expect(hideGivenSecrets('machine abc123 ab123 default')).to.equal('machine *** ab123 default');
  });

  it('leaves no rest where another one is a part of it', () => {
    rememberSecret('secret-a');
    rememberSecret('secret-a-and-more');
    expect(hideGivenSecrets('secret-a-and-more secret-a')).to.equal('*** ***');
  });

  it('is hidden without the spaces and line breaks around it', () => {
    rememberSecret('  hunter2\n');
    expect(hideGivenSecrets('a hunter2')).to.equal('a ***');
  });

  it('is hidden within words from eight characters on', () => {
    rememberSecret('hunter22');
    expect(hideGivenSecrets('xhunter22x')).to.equal('x***x');
  });

  it('is hidden only as a word where it is short, and not at all where it is shorter', () => {
    for (const secret of ['hunter2', 'abc', '', undefined]) rememberSecret(secret);
    expect(hideGivenSecrets('hunter2 hunter23 (hunter2) abc')).to.equal('*** hunter23 (***) abc');
  });

  it('may contain what a pattern would be made of, and half a character', () => {
    rememberSecret('a.c*(+');
    rememberSecret('half\uD800half');
    expect(hideGivenSecrets('a.c*(+ abc half\uD800half')).to.equal('*** abc ***');
  });

  it('comes from the environment: by its name, or within an address', () => {
    rememberSecretsOf({
      MLFLOW_TRACKING_PASSWORD: 'the-password',
      DB_TOKEN: 'true',
      API_KEY_FILE: '/run/secrets/key-file',
      SECRET_NAME: 'name-of-it',
      GITHUB_TOKEN: '${TOKEN}',
      DOCKER_HOST: 'tcp://me:engine-password@host:2376',
      PIP_INDEX_URL: 'https://0123456789abcdef0123456789@pypi.example.com/simple',
      OTHER: 'plain-value',
      UNSET: undefined,
    });
    expect(
      hideGivenSecrets(
        'the-password true /run/secrets/key-file name-of-it ${TOKEN} engine-password me 0123456789abcdef0123456789 plain-value',
      ),
    ).to.equal('*** true /run/secrets/key-file name-of-it ${TOKEN} *** me *** plain-value');
  });

  it('comes from an address, but not as the name of a user', () => {
    rememberSecretsInAddress('https://oauth2:the-token@host https://git-user@host https://ada:changeme@host');
    expect(hideGivenSecrets('oauth2 the-token git-user changeme')).to.equal('oauth2 *** git-user changeme');
  });

  it('comes from an address as its user alone, if that is as long as a token', () => {
    const [token, name] = ['0123456789abcdefghij', 'a-name-of-nineteen-'];
    rememberSecretsInAddress(`https://${token}@host https://${name}@host`);
    expect(hideGivenSecrets(`${token} ${name}`)).to.equal(`*** ${name}`);
  });

  it('is not the folder that a shell works in, in which findings are, nor a file that is there', async () => {
    const place = await (await TemporaryFolder.create()).write({ 'aB3dE5gH7jK9mN1p/key.pem': '' });
    const [folder, key] = [place.file('aB3dE5gH7jK9mN1p'), place.file('aB3dE5gH7jK9mN1p/key.pem')];
    const gone = `${folder}/gone.pem`;
    rememberSecretsOf({ PWD: folder, OLDPWD: `${folder}/old`, SIGNING_KEY: key, ANOTHER_KEY: gone });
    await place.remove();
    const text = `${folder}/requirements.txt ${key}`;
    expect(hideGivenSecrets(`${text} ${gone}`)).to.equal(`${text} ***`);
  });
});
