import { expect } from 'chai';
import { oidc, type OidcSettings } from '../../../src/authentication/oidc.js';
import { everythingIn } from '../../support/everything-in.js';
import { FakeServer } from '../../support/fake-server.js';
import { rejection } from '../../support/rejection.js';
import { TemporaryFolder } from '../temporary-folder.js';

const settings = (changes: Partial<OidcSettings> = {}): OidcSettings => ({
  type: 'OIDC',
  issuer: 'https://id.example.com/realms/ml',
  client_id: 'training',
  client_secret_variable: 'MLFLOW_CLIENT_SECRET',
  client_secret_file: null,
  scope: null,
  audience: null,
  header: 'Authorization',
  ...changes,
});
const fromFile = (file: string): Partial<OidcSettings> => ({
  client_secret_variable: null,
  client_secret_file: file,
});

describe('authentication by OIDC', () => {
  describe('is fine', () => {
    const fine: readonly [what: string, changes: Partial<OidcSettings>][] = [
      ['with the secret in a variable', {}],
      ['with the secret in a file', fromFile('/var/run/secrets/mlflow/client-secret')],
      ['with an issuer that has a port and no path', { issuer: 'https://dex.example.com:5556' }],
    ];
    for (const [what, changes] of fine) {
      it(what, () => {
        expect(oidc.problems(settings(changes))).to.deep.equal([]);
      });
    }
  });

  describe('is told about', () => {
    const bad: readonly [what: string, changes: Partial<OidcSettings>, severity: string, message: string][] = [
      ['an issuer without a scheme', { issuer: 'id.example.com/realms' }, 'error', 'OIDC: the issuer is not a URL'],
      ['an empty issuer', { issuer: '' }, 'error', 'OIDC: the issuer is not a URL'],
      [
        'an issuer with a password',
        { issuer: 'https://me:hunter2-secret@id.example.com' },
        'error',
        'OIDC: the issuer contains a user name or password',
      ],
      [
        'an issuer with a user',
        { issuer: 'https://hunter2-token@id.example.com' },
        'error',
        'OIDC: the issuer contains a user name or password',
      ],
      [
        'an issuer of another scheme',
        { issuer: 'ftp://id.example.com' },
        'error',
        'OIDC: the issuer is not an https URL: ftp://id.example.com',
      ],
      [
        'an issuer without TLS',
        { issuer: 'http://id.example.com' },
        'warning',
        'OIDC: the issuer is reached without TLS, so the client secret can be intercepted: http://id.example.com',
      ],
      [
        'a secret from nowhere',
        { client_secret_variable: null },
        'error',
        'OIDC: exactly one of client_secret_variable and client_secret_file is needed',
      ],
      [
        'a secret from two places',
        { client_secret_file: '/secret' },
        'error',
        'OIDC: exactly one of client_secret_variable and client_secret_file is needed',
      ],
      [
        'a secret in its variable’s place',
        { client_secret_variable: 'hunter2-secret' },
        'error',
        'OIDC: client_secret_variable is not a valid variable name',
      ],
      [
        'an empty name of a variable',
        { client_secret_variable: '' },
        'error',
        'OIDC: client_secret_variable is not a valid variable name',
      ],
      ['a relative file', fromFile('secrets/client'), 'error', 'OIDC: client_secret_file is not an absolute path'],
      [
        'a secret in its file’s place',
        fromFile('hunter2-secret'),
        'error',
        'OIDC: client_secret_file is not an absolute path',
      ],
    ];
    for (const [what, changes, severity, message] of bad) {
      it(`${what}, without repeating a secret`, () => {
        const problems = oidc.problems(settings(changes));
        expect(problems.map((problem) => [problem.severity, problem.message])).to.deep.equal([[severity, message]]);
        expect(problems[0]?.remedy).to.match(/\w/);
        expect(JSON.stringify(problems)).not.to.contain('hunter2');
      });
    }

    it('the issuer and the secret at once', () => {
      expect(oidc.problems(settings({ issuer: '', client_secret_variable: null }))).to.have.length(2);
    });
  });

  it('bakes names and addresses, signs requests, and needs the secret’s variable', () => {
    expect(oidc.baked(settings({ scope: 'mlflow' }))).to.deep.equal({
      type: 'OIDC',
      issuer: 'https://id.example.com/realms/ml',
      client_id: 'training',
      client_secret_variable: 'MLFLOW_CLIENT_SECRET',
      client_secret_file: null,
      scope: 'mlflow',
      audience: null,
      header: 'Authorization',
    });
    expect(oidc.signsRequests).to.equal(true);
    expect(oidc.variables(settings())).to.deep.equal(['MLFLOW_CLIENT_SECRET']);
    expect(oidc.variables(settings(fromFile('/secret')))).to.deep.equal([]);
  });

  describe('as this machine would send it', () => {
    /** Not a real OpenID provider, but a server that answers as one does, to one client only. */
    let provider: FakeServer;
    let folder: TemporaryFolder;

    beforeEach(async () => {
      folder = await (await TemporaryFolder.create()).write({ 'client-secret': 'hunter2-secret\n' });
      provider = await FakeServer.start(({ method, headers: { authorization } }) => {
        if (method === 'GET') return { body: { issuer: provider.url, token_endpoint: `${provider.url}/token` } };
        const isRight = authorization === `Basic ${Buffer.from('training:hunter2-secret').toString('base64')}`;
        return isRight
          ? { body: { access_token: 'hunter2-access' } }
          : { status: 401, body: { error: 'invalid_client' } };
      });
    });

    afterEach(async () => {
      await provider.stop();
      await folder.remove();
    });

    const headers = (changes: Partial<OidcSettings>, environment: NodeJS.ProcessEnv = {}) =>
      oidc.requestHeaders(settings({ issuer: provider.url, ...changes }), { environment, fetch });

    for (const secret of ['hunter2-secret', 'hunter2-secret\n']) {
      it(`is the token that the provider gives for the variable’s secret (${JSON.stringify(secret.slice(14))})`, async () => {
        expect(await headers({}, { MLFLOW_CLIENT_SECRET: secret })).to.deep.equal({
          Authorization: 'Bearer hunter2-access',
        });
      });
    }

    it('is the token that the provider gives for the file’s secret, in the header that is configured', async () => {
      expect(await headers({ ...fromFile(folder.file('client-secret')), header: 'Proxy-Authorization' })).to.deep.equal(
        { 'Proxy-Authorization': 'Bearer hunter2-access' },
      );
    });

    const missing: readonly [what: string, environment: NodeJS.ProcessEnv][] = [
      ['is not set', { MLFLOW_CLIENT_SECRETS: 'hunter2-secret' }],
      ['is empty', { MLFLOW_CLIENT_SECRET: '' }],
      ['is blank', { MLFLOW_CLIENT_SECRET: ' \n' }],
    ];
    for (const [what, environment] of missing) {
      it(`needs the secret’s variable, which ${what}, and asks nobody without`, async () => {
        const error = await rejection(headers({}, environment));
        expect(error).to.include({
          code: 'credentials',
          message: 'the client secret is not set in this shell: MLFLOW_CLIENT_SECRET',
          hint: 'set it as in the container: `export MLFLOW_CLIENT_SECRET=…`',
        });
        expect(everythingIn(error)).not.to.contain('hunter2');
        expect(provider.asked).to.deep.equal([]);
      });
    }

    it('needs the secret’s file, and asks nobody without', async () => {
      const error = await rejection(headers(fromFile(folder.file('nowhere'))));
      expect(error.message).to.equal(`the client secret ${folder.file('nowhere')} cannot be read on this machine`);
      expect(provider.asked).to.deep.equal([]);
    });

    it('is refused with a wrong secret, which is in no word of the error', async () => {
      const error = await rejection(headers({}, { MLFLOW_CLIENT_SECRET: 'hunter2-wrong' }));
      expect(error.message).to.equal(
        `${provider.url} did not issue an access token to the client training: HTTP 401 invalid_client`,
      );
      expect(everythingIn(error)).not.to.match(/hunter2|aHVudGVyMi/);
    });
  });
});
