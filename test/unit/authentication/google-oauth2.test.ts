import { generateKeyPairSync, verify, type KeyObject } from 'node:crypto';
import { expect } from 'chai';
import { googleOAuth2, type GoogleOAuth2Settings } from '../../../src/authentication/google-oauth2.js';
import { everythingIn } from '../../support/everything-in.js';
import { interceptHttp } from '../../support/intercepted-http.js';
import { rejection } from '../../support/rejection.js';
import { TemporaryFolder } from '../temporary-folder.js';

const settings = (audience: string | null): GoogleOAuth2Settings => ({
  type: 'GoogleOAuth2',
  audience,
  header: 'Proxy-Authorization',
});

describe('authentication by GoogleOAuth2', () => {
  for (const audience of [null, '123-abc.apps.googleusercontent.com', 'https://mlflow.example.com']) {
    it(`is fine with the audience ${String(audience)}`, () => {
      expect(googleOAuth2.problems(settings(audience))).to.deep.equal([]);
    });
  }

  for (const audience of ['', '  ']) {
    it(`refuses the audience ${JSON.stringify(audience)}, for which Google would sign nothing`, () => {
      expect(
        googleOAuth2.problems(settings(audience)).map(({ severity, message }) => [severity, message]),
      ).to.deep.equal([['error', 'GoogleOAuth2: the audience is empty']]);
    });
  }

  it('bakes whom the token is for and the header that carries it', () => {
    expect(googleOAuth2.baked(settings(null))).to.deep.equal({
      type: 'GoogleOAuth2',
      audience: null,
      header: 'Proxy-Authorization',
    });
  });

  it('signs requests, with what the container finds in its environment', () => {
    expect(googleOAuth2.signsRequests).to.equal(true);
    expect(googleOAuth2.variables(settings(null))).to.deep.equal(['GOOGLE_AUDIENCE', 'GOOGLE_APPLICATION_CREDENTIALS']);
  });

  describe('as this machine would send it, with the real library', () => {
    const AUDIENCE = '123-abc.apps.googleusercontent.com';
    let folder: TemporaryFolder;
    let publicKey: KeyObject;
    let environment: NodeJS.ProcessEnv;

    before(async () => {
      const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
      publicKey = pair.publicKey;
      folder = await TemporaryFolder.create();
      const key = {
        type: 'service_account',
        client_email: 'training@acme.iam.gserviceaccount.com',
        private_key_id: 'hunter2-key-id',
        private_key: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }),
      };
      const user = { type: 'authorized_user', client_id: 'x', client_secret: 'hunter2-x', refresh_token: 'hunter2-y' };
      await folder.write({ 'my key.json': JSON.stringify(key), 'user.json': JSON.stringify(user) });
      environment = { GOOGLE_APPLICATION_CREDENTIALS: folder.file('my key.json') };
    });

    after(async () => folder.remove());

    const nock = interceptHttp();

    /** The library has Google's address built in, so the request is caught on its way; only the answer is not Google's. */
    const answering = (status: number, body: object | string): { readonly assertions: string[] } => {
      const assertions: string[] = [];
      nock('https://oauth2.googleapis.com')
        .post('/token', ({ assertion }: { assertion: string }) => assertions.push(assertion) > 0)
        .reply(status, body);
      return { assertions };
    };
    const claimsOf = (assertion = ''): Record<string, unknown> => {
      const [header = '', payload = '', signature = ''] = assertion.split('.');
      const signed = Buffer.from(`${header}.${payload}`);
      expect(verify('RSA-SHA256', signed, publicKey, Buffer.from(signature, 'base64url')), 'signed').to.equal(true);
      return JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
    };
    const headers = (changes: Partial<GoogleOAuth2Settings> = {}, variables: NodeJS.ProcessEnv = environment) =>
      googleOAuth2.requestHeaders(
        { ...settings(AUDIENCE), header: 'Authorization', ...changes },
        { environment: variables, fetch },
      );

    it('is an ID token for the audience, signed for with the service account’s key', async () => {
      const { assertions } = answering(200, { id_token: 'hunter2-id-token' });
      expect(await headers()).to.deep.equal({ Authorization: 'Bearer hunter2-id-token' });
      expect(assertions.map((assertion) => claimsOf(assertion))).to.have.length(1);
      expect(claimsOf(assertions[0])).to.include({
        iss: 'training@acme.iam.gserviceaccount.com',
        aud: 'https://oauth2.googleapis.com/token',
        target_audience: AUDIENCE,
      });
    });

    it('travels in the header that is configured', async () => {
      answering(200, { id_token: 'hunter2-id-token' });
      expect(await headers({ header: 'Proxy-Authorization' })).to.deep.equal({
        'Proxy-Authorization': 'Bearer hunter2-id-token',
      });
    });

    const audiences: readonly [what: string, configured: string | null, variable: string | undefined, sent: string][] =
      [
        ['of GOOGLE_AUDIENCE where kdeploy.yml leaves it open', null, 'from-the-shell', 'from-the-shell'],
        ['of kdeploy.yml rather than GOOGLE_AUDIENCE', 'from-kdeploy.yml', 'from-the-shell', 'from-kdeploy.yml'],
        ['of kdeploy.yml where GOOGLE_AUDIENCE is not set', 'from-kdeploy.yml', undefined, 'from-kdeploy.yml'],
      ];
    for (const [what, audience, variable, sent] of audiences) {
      it(`is for the audience ${what}`, async () => {
        const { assertions } = answering(200, { id_token: 'hunter2-id-token' });
        await headers({ audience }, { ...environment, GOOGLE_AUDIENCE: variable });
        expect(claimsOf(assertions[0])).to.include({ target_audience: sent });
      });
    }

    for (const variable of [undefined, '']) {
      it(`needs an audience, and GOOGLE_AUDIENCE is ${variable === undefined ? 'not set' : 'empty'}`, async () => {
        expect(await rejection(headers({ audience: null }, { ...environment, GOOGLE_AUDIENCE: variable }))).to.include({
          code: 'credentials',
          message: 'GoogleOAuth2: no audience is set',
          hint: 'set GOOGLE_AUDIENCE, or audience in kdeploy.yml, to the OAuth client ID that protects MLflow',
        });
      });
    }

    const answers: readonly [what: string, status: number, body: object | string, reason: string][] = [
      [
        'Google refuses the key',
        400,
        { error: 'invalid_grant', error_description: 'Invalid JWT Signature.' },
        'invalid_grant: Invalid JWT Signature.',
      ],
      ['Google sends no token', 200, {}, 'Failed to fetch ID token'],
      ['a proxy answers in its own words', 403, '<h1>no way for ya29.hunter2</h1>', '<h1>no way for ***</h1>'],
    ];
    for (const [what, status, body, reason] of answers) {
      it(`is not to be had when ${what}, and says why without a secret`, async () => {
        answering(status, body);
        const error = await rejection(headers());
        expect(error.code).to.equal('credentials');
        expect(error.message)
          .to.match(new RegExp(`^Google did not issue an ID token for the audience ${AUDIENCE}: `))
          .and.to.contain(reason);
        expect(error.hint).to.contain('GOOGLE_APPLICATION_CREDENTIALS');
        expect(everythingIn(error)).not.to.match(/hunter2|PRIVATE KEY|eyJ/);
      });
    }

    it('is not to be had from a person’s own login, and a service account is proposed', async () => {
      // Nothing answers for Google here: a request would fail in other words.
      const error = await rejection(headers({}, { GOOGLE_APPLICATION_CREDENTIALS: folder.file('user.json') }));
      expect(error.message).to.contain(': user credentials cannot issue ID tokens for an audience');
      expect(error.hint).to.match(/^ID tokens need a service account: /);
      expect(everythingIn(error)).not.to.contain('hunter2');
    });

    it('is not to be had without the file that is named', async () => {
      const file = folder.file('nowhere.json');
      const error = await rejection(headers({}, { GOOGLE_APPLICATION_CREDENTIALS: file }));
      expect(error.message).to.contain(file);
    });

    for (const content of ['hunter2', '{"private_key": hunter2-key}', '{"private_key": "hunter2-key" hunter2', '[]']) {
      it(`is not to be had from ${JSON.stringify(content.replaceAll('hunter2', '…'))}, which is quoted nowhere`, async () => {
        await folder.write({ 'broken.json': content });
        const error = await rejection(headers({}, { GOOGLE_APPLICATION_CREDENTIALS: folder.file('broken.json') }));
        expect(error.message).to.match(/: \w[^:]+$/);
        expect(everythingIn(error)).not.to.contain('hunter2');
      });
    }
  });
});
