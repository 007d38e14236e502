import { KdeployError } from '../errors.js';
import { googleReason } from '../registry/credentials/google.js';
import type { AuthenticationType, SettingsProblem, TokenHeader } from './authentication.js';

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

  async requestHeaders({ audience, header }, { environment }) {
    const target = audience ?? environment.GOOGLE_AUDIENCE ?? '';
    if (target === '') {
      throw new KdeployError('credentials', 'GoogleOAuth2: no audience is set', {
        hint: 'set GOOGLE_AUDIENCE, or audience in kdeploy.yml, to the OAuth client ID that protects MLflow',
      });
    }
    return { [header]: `Bearer ${await idToken(target, environment)}` };
  },
};

/** From a service-account file, the machine's own service account, or an impersonated one. */
async function idToken(audience: string, environment: NodeJS.ProcessEnv): Promise<string> {
  // Loaded here: 40 ms that only Google's users pay.
  const { GoogleAuth, UserRefreshClient } = await import('google-auth-library');
  const keyFilename = environment.GOOGLE_APPLICATION_CREDENTIALS ?? '';
  try {
    const client = await new GoogleAuth(keyFilename === '' ? {} : { keyFilename }).getIdTokenClient(audience);
    // The library would ask for one, and get one for another audience, if any; the container refuses it as well.
    if (client.idTokenProvider instanceof UserRefreshClient) {
      throw new Error('user credentials cannot issue ID tokens for an audience');
    }
    return await client.idTokenProvider.fetchIdToken(audience);
  } catch (error) {
    throw new KdeployError(
      'credentials',
      `Google did not issue an ID token for the audience ${audience}: ${googleReason(error)}`,
      {
        hint: 'ID tokens need a service account: set GOOGLE_APPLICATION_CREDENTIALS to its key file, or `gcloud auth application-default login --impersonate-service-account=…`',
      },
    );
  }
}
