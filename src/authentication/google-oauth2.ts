import type { AuthenticationType, SettingsProblem } from './authentication.js';

export interface GoogleOAuth2Settings {
  readonly type: 'GoogleOAuth2';
  /** Whom the ID token is for; `null`: the container's GOOGLE_AUDIENCE. */
  readonly audience: string | null;
  /** The header that carries the token: Authorization, or Proxy-Authorization for IAP before an MLflow with its own login. */
  readonly header: 'Authorization' | 'Proxy-Authorization';
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
        message: 'the audience of GoogleOAuth2 is empty',
        remedy: 'write the OAuth client ID that MLflow is protected with, or null to read GOOGLE_AUDIENCE at run time',
      },
    ];
  },

  baked: ({ audience, header }) => ({ type: 'GoogleOAuth2', audience, header }),

  variables: () => ['GOOGLE_AUDIENCE', 'GOOGLE_APPLICATION_CREDENTIALS'],
};
