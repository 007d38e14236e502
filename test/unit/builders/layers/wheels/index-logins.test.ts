import { expect } from 'chai';
import { IndexLogins, type Login } from '../../../../../src/builders/layers/wheels/index-logins.js';
import type { IndexCredentials } from '../../../../../src/builders/layers/resolve/index-credentials.js';
import { redact } from '../../../../../src/secrets/redaction.js';
import { rejection } from '../../../../support/rejection.js';
import { TemporaryFolder } from '../../../temporary-folder.js';

const of = (url: string, username: string, password = 'hunter2-pw'): IndexCredentials => ({ url, username, password });

describe('the logins for a file of an index', () => {
  let home: TemporaryFolder;
  beforeEach(async () => {
    home = await TemporaryFolder.create();
  });
  afterEach(() => home.remove());

  const logins = async (url: string, credentials: IndexCredentials[], environment = {}): Promise<string[]> => {
    const signal = new AbortController().signal;
    const found: (Login | undefined)[] = [];
    for await (const login of new IndexLogins({ credentials, environment, signal, home: home.path }).for(new URL(url)))
      found.push(login);
    return found.map((login) => login?.username ?? 'nobody');
  };

  it('are those of its index, then nobody’s', async () => {
    const index = of('https://example.com/simple/', 'ada');
    expect(await logins('https://example.com/simple/a/a.whl', [index])).to.deep.equal(['ada', 'nobody']);
  });

  it('are also for files that lie elsewhere on the host', async () => {
    const index = of('https://example.com/simple/', 'ada');
    expect(await logins('https://example.com/files/a.whl', [index])).to.deep.equal(['ada', 'nobody']);
  });

  it('begin with the index that has most of the path', async () => {
    const indexes = [
      of('https://example.com/team-a/simple', 'a'),
      of('https://example.com/team-b/simple', 'b'),
      of('https://example.com/', 'c'),
    ];
    expect(await logins('https://example.com/team-b/files/x.whl', indexes)).to.deep.equal(['b', 'a', 'c', 'nobody']);
    // A name that begins alike is another folder.
    const alike = [of('https://example.com/team', 'short'), of('https://example.com/team-b', 'long')];
    expect((await logins('https://example.com/team-b/x.whl', alike))[0]).to.equal('long');
  });

  for (const url of [
    'http://example.com/simple/a.whl',
    'https://example.com:8443/simple/a.whl',
    'https://files.example.com/simple/a.whl',
    'https://example.com.evil.test/simple/a.whl',
  ]) {
    it(`are not for ${url}`, async () => {
      expect(await logins(url, [of('https://example.com/simple/', 'ada')])).to.deep.equal(['nobody']);
    });
  }

  it('come from the netrc file as well', async () => {
    await home.write({ '.netrc': 'machine example.com login ada password netrc-secret' });
    const index = of('https://example.com/simple/', 'index');
    expect(await logins('https://example.com/a.whl', [])).to.deep.equal(['ada', 'nobody']);
    expect(await logins('https://example.com/a.whl', [index])).to.deep.equal(['index', 'ada', 'nobody']);
  });

  it('are a user without a password, where nobody is refused', async () => {
    const index = of('https://example.com/simple/', 'ghp_token', '');
    expect(await logins('https://example.com/a.whl', [index])).to.deep.equal(['nobody', 'ghp_token']);
  });

  it('are printed by nothing from then on', async () => {
    await home.write({ '.netrc': 'machine example.com login ada password netrc-secret' });
    await logins('https://example.com/a.whl', [of('https://example.com/simple/', 'index')]);
    expect(redact('netrc-secret and hunter2-pw')).to.equal('*** and ***');
  });

  it('need a netrc file that can be read', async () => {
    const error = await rejection(logins('https://example.com/a.whl', [], { NETRC: home.path }));
    expect(error.code).to.equal('configuration');
    expect(error.message).to.contain(home.path);
  });
});
