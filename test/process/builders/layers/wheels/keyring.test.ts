import { chmod, readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { IndexLogins, type Login } from '../../../../../src/builders/layers/wheels/index-logins.js';
import { askKeyring, usesKeyring } from '../../../../../src/builders/layers/wheels/keyring.js';
import { redact } from '../../../../../src/secrets/redaction.js';
import { TemporaryFolder } from '../../../../unit/temporary-folder.js';

describe('the keyring', () => {
  let folder: TemporaryFolder;
  beforeEach(async () => {
    folder = await TemporaryFolder.create();
  });
  afterEach(() => folder.remove());

  const keyring = async (script: string): Promise<NodeJS.ProcessEnv> => {
    await folder.write({ 'bin/keyring': `#!/bin/sh\necho "$@" >> '${folder.file('asked')}'\n${script}\n` });
    await chmod(folder.file('bin/keyring'), 0o755);
    return { PATH: `${folder.file('bin')}:${process.env.PATH ?? ''}`, NETRC: folder.file('none') };
  };
  const signal = new AbortController().signal;
  const ask = async (script: string, username = 'ada'): Promise<string | undefined> =>
    askKeyring('https://example.com/simple/', username, {
      environment: await keyring(script),
      signal,
      program: folder.file('bin/keyring'),
    });
  const asked = async (): Promise<string> => readFile(folder.file('asked'), 'utf8').catch(() => '');

  it('is asked for the user of an index, and its password is never printed', async () => {
    expect(await ask('echo from-the-keyring')).to.equal('from-the-keyring');
    expect(await asked()).to.equal('get https://example.com/simple/ ada\n');
    expect(redact('it was from-the-keyring')).to.equal('it was ***');
  });

  for (const [what, script] of [
    ['fails', 'echo no-password; exit 1'],
    ['prints nothing', 'exit 0'],
    ['is killed', 'kill -9 $$'],
  ] as const) {
    it(`knows nothing where it ${what}`, async () => {
      expect(await ask(script)).to.equal(undefined);
    });
  }

  it('knows nothing where it is not installed', async () => {
    const environment = { PATH: folder.path };
    const program = folder.file('missing');
    expect(await askKeyring('https://example.com', 'ada', { environment, signal, program })).to.equal(undefined);
  });

  it('is not given a user that may be a token', async () => {
    expect(await ask('echo from-the-keyring', 'ghp_0123456789abcdefghij')).to.equal(undefined);
    expect(await asked()).to.equal('');
  });

  for (const [environment, expected] of [
    [{}, false],
    [{ UV_KEYRING_PROVIDER: 'disabled' }, false],
    [{ UV_KEYRING_PROVIDER: 'subprocess' }, true],
    [{ PIP_KEYRING_PROVIDER: 'subprocess' }, true],
    [{ PIP_KEYRING_PROVIDER: 'auto' }, false],
  ] as const) {
    it(`is ${expected ? '' : 'not '}asked with ${JSON.stringify(environment)}`, () => {
      expect(usesKeyring(environment)).to.equal(expected);
    });
  }

  it('is asked once, by the URL of the index, then by its host', async () => {
    const environment = await keyring('[ "$2" = example.com ] && echo from-the-keyring');
    const logins = new IndexLogins({
      credentials: [{ url: 'https://example.com/simple/', username: 'ada', password: '' }],
      environment: { ...environment, UV_KEYRING_PROVIDER: 'subprocess' },
      signal,
    });
    const found: (Login | undefined)[] = [];
    for (const file of ['a', 'b'])
      for await (const login of logins.for(new URL(`https://example.com/${file}.whl`))) found.push(login);
    const known = { username: 'ada', password: 'from-the-keyring', source: 'the keyring' };
    expect(found).to.deep.equal([undefined, known, undefined, known]);
    expect(await asked()).to.equal('get https://example.com/simple/ ada\nget example.com ada\n');
  });
});
