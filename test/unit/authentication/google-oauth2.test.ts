import { expect } from 'chai';
import { googleOAuth2, type GoogleOAuth2Settings } from '../../../src/authentication/google-oauth2.js';
import { GoogleIssuer } from '../../support/google-issuer.js';
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

  describe('as this machine would send it', () => {
    let google: GoogleIssuer;
    let folder: TemporaryFolder;
    let environment: NodeJS.ProcessEnv;

    before(async () => {
      google = await GoogleIssuer.start();
      folder = await TemporaryFolder.create();
      await folder.write({ 'my key.json': JSON.stringify(google.key()) });
      environment = { GOOGLE_APPLICATION_CREDENTIALS: folder.file('my key.json') };
    });

    after(async () => {
      await google.stop();
      await folder.remove();
    });

    const headers = (changes: Partial<GoogleOAuth2Settings>, variables: NodeJS.ProcessEnv = {}) =>
      googleOAuth2.requestHeaders(
        { ...settings(null), ...changes },
        { environment: { ...environment, ...variables }, fetch },
      );

    for (const header of ['Authorization', 'Proxy-Authorization'] as const) {
      it(`travels in the header ${header}, where that is configured`, async () => {
        expect((await headers({ audience: 'x', header }))[header]).to.match(/^Bearer \S+$/);
      });
    }

    const audiences: readonly [what: string, configured: string | null, variable: string | undefined, sent: string][] =
      [
        ['of GOOGLE_AUDIENCE where kdeploy.yml leaves it open', null, 'from-the-shell', 'from-the-shell'],
        ['of kdeploy.yml rather than GOOGLE_AUDIENCE', 'from-kdeploy.yml', 'from-the-shell', 'from-kdeploy.yml'],
        ['of kdeploy.yml where GOOGLE_AUDIENCE is not set', 'from-kdeploy.yml', undefined, 'from-kdeploy.yml'],
      ];
    for (const [what, audience, variable, sent] of audiences) {
      it(`is for the audience ${what}`, async () => {
        const { 'Proxy-Authorization': value = '' } = await headers({ audience }, { GOOGLE_AUDIENCE: variable });
        expect(GoogleIssuer.claimsOf(value)).to.include({ aud: sent });
      });
    }

    for (const variable of [undefined, '']) {
      it(`needs an audience, and GOOGLE_AUDIENCE is ${variable === undefined ? 'not set' : 'empty'}`, async () => {
        expect(await rejection(headers({ audience: null }, { GOOGLE_AUDIENCE: variable }))).to.include({
          code: 'credentials',
          message: 'GoogleOAuth2: no audience is set',
          hint: 'set GOOGLE_AUDIENCE, or audience in kdeploy.yml, to the OAuth client ID that protects MLflow',
        });
      });
    }
  });
});
