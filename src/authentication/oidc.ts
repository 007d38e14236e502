import { KdeployError } from '../errors.js';
import { secretInAddress } from '../secrets/address.js';
import { rememberSecret } from '../secrets/given-secrets.js';
import { trimmedSecret } from './credential-value.js';
import { fetchAccessToken } from './oidc-token.js';
import { readSecretFile } from './secret-file.js';
import {
  ENVIRONMENT_VARIABLE_NAME,
  type AuthenticationType,
  type SettingsProblem,
  type TokenHeader,
} from './authentication.js';

export interface OidcSettings {
  readonly type: 'OIDC';
  /** The provider's address, below which `/.well-known/openid-configuration` is (OpenID Connect Discovery 1.0). */
  readonly issuer: string;
  readonly client_id: string;
  /** The variable that contains the client secret; or a file does. */
  readonly client_secret_variable: string | null;
  /** The file that contains the client secret, mounted into the container. */
  readonly client_secret_file: string | null;
  readonly scope: string | null;
  readonly audience: string | null;
  readonly header: TokenHeader;
}

/** Access tokens from an OpenID provider (Keycloak, Auth0, Okta, Dex), by the client credentials grant (RFC 6749, 4.4). */
export const oidc: AuthenticationType<OidcSettings> = {
  name: 'OIDC',
  signsRequests: true,

  problems(settings): SettingsProblem[] {
    return [...issuerProblems(settings.issuer), ...secretProblems(settings)];
  },

  baked: (settings) => ({ ...settings }),

  variables: ({ client_secret_variable: variable }) => (variable === null ? [] : [variable]),

  async requestHeaders(settings, host) {
    const secret = await clientSecret(settings, host.environment);
    rememberSecret(secret);
    return { [settings.header]: `Bearer ${await fetchAccessToken(settings, secret, host.fetch)}` };
  },
};

async function clientSecret(settings: OidcSettings, environment: NodeJS.ProcessEnv): Promise<string> {
  const { client_secret_variable: variable, client_secret_file: file } = settings;
  if (file !== null) return readSecretFile(file, 'the client secret');
  // The runtime takes the line break away that `echo` leaves; so must we.
  const secret = trimmedSecret(environment[variable ?? ''] ?? '');
  if (secret !== '') return secret;
  throw new KdeployError('credentials', `the client secret is not set in this shell: ${variable ?? ''}`, {
    hint: `set it as in the container: \`export ${variable ?? ''}=…\``,
  });
}

function issuerProblems(issuer: string): SettingsProblem[] {
  let url: URL;
  try {
    url = new URL(issuer);
  } catch {
    return [
      problem('OIDC: the issuer is not a URL', 'use the issuer URL of the provider: https://id.example.com/realms/ml'),
    ];
  }
  if (secretInAddress(issuer) !== 'none') {
    // The address may contain a password, so it is not repeated.
    return [
      problem(
        'OIDC: the issuer contains a user name or password',
        'remove it: the secret comes from a variable or a file',
      ),
    ];
  }
  if (url.protocol === 'https:') return [];
  if (url.protocol !== 'http:') return [problem(`OIDC: the issuer is not an https URL: ${issuer}`, 'use https://…')];
  return [
    {
      severity: 'warning',
      message: `OIDC: the issuer is reached without TLS, so the client secret can be intercepted: ${issuer}`,
      remedy: 'use https://…',
    },
  ];
}

function secretProblems({
  client_secret_variable: variable,
  client_secret_file: file,
}: OidcSettings): SettingsProblem[] {
  if ((variable === null) === (file === null)) {
    return [
      problem(
        'OIDC: exactly one of client_secret_variable and client_secret_file is needed',
        'set client_secret_variable: MLFLOW_CLIENT_SECRET, or client_secret_file: /var/run/secrets/mlflow/client-secret',
      ),
    ];
  }
  if (variable !== null && !ENVIRONMENT_VARIABLE_NAME.test(variable)) {
    // The text may be the secret itself, put where its variable's name belongs.
    return [
      problem(
        'OIDC: client_secret_variable is not a valid variable name',
        'use the name of the variable, not the secret itself; kdeploy never bakes secrets',
      ),
    ];
  }
  return file !== null && !file.startsWith('/')
    ? [
        problem(
          'OIDC: client_secret_file is not an absolute path',
          'use the path where the file is mounted in the container: /var/run/secrets/…',
        ),
      ]
    : [];
}

function problem(message: string, remedy: string): SettingsProblem {
  return { severity: 'error', message, remedy };
}
