import { KdeployError } from '../errors.js';
import type { AuthenticationType, SettingsProblem, TokenHeader } from './authentication.js';
import { fetchGoogleIdToken } from './google-id-token.js';

export interface GoogleOAuth2Settings {
  readonly type: 'GoogleOAuth2';
  /** Whom the ID token is for; `null`: the container's GOOGLE_AUDIENCE. */
  readonly audience: string | null;
  /** The header that carries the token: Authorization, or Proxy-Authorization for IAP before an MLflow with its own login. */
  readonly header: TokenHeader;
}

/** ID tokens from whatever Google credentials the container has: a service-account file or workload identity. */
export const googleOAuth2: AuthenticationType<GoogleOAuth2Settings> = {
  name: 'GoogleOAuth2',
  signsRequests: true,

  problems({ audience }): SettingsProblem[] {
    if (audience?.trim() !== '') return [];
    return [
      {
        severity: 'error',
        message: 'GoogleOAuth2: the audience is empty',
        remedy: 'set it to the OAuth client ID that protects MLflow, or to null to read GOOGLE_AUDIENCE at run time',
      },
    ];
  },

  baked: ({ audience, header }) => ({ type: 'GoogleOAuth2', audience, header }),

  variables: () => ['GOOGLE_AUDIENCE', 'GOOGLE_APPLICATION_CREDENTIALS'],

  async requestHeaders({ audience, header }, host) {
    const target = audience ?? host.environment.GOOGLE_AUDIENCE ?? '';
    if (target === '') {
      throw new KdeployError('credentials', 'GoogleOAuth2: no audience is set', {
        hint: 'set GOOGLE_AUDIENCE, or audience in kdeploy.yml, to the OAuth client ID that protects MLflow',
      });
    }
    return { [header]: `Bearer ${await fetchGoogleIdToken(target, host)}` };
  },
};
