import { expect } from 'chai';
import { googleOAuth2, type GoogleOAuth2Settings } from '../../../src/authentication/google-oauth2.js';

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
      ).to.deep.equal([['error', 'the audience of GoogleOAuth2 is empty']]);
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
});
