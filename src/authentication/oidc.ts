import { KdeployError } from '../errors.js';
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
    return { [settings.header]: `Bearer ${await fetchAccessToken(settings, secret, host.fetch)}` };
  },
};

async function clientSecret(settings: OidcSettings, environment: NodeJS.ProcessEnv): Promise<string> {
  const { client_secret_variable: variable, client_secret_file: file } = settings;
  if (file !== null) return readSecretFile(file, 'the client secret');
  // The runtime takes the line break away that `echo` leaves; so must we.
  const secret = (environment[variable ?? ''] ?? '').trim();
  if (secret !== '') return secret;
  throw new KdeployError('credentials', `the client secret is not set in this shell: ${variable ?? ''}`, {
    hint: `set it as the container gets it: \`export ${variable ?? ''}=…\``,
  });
}

function issuerProblems(issuer: string): SettingsProblem[] {
  let url: URL;
  try {
    url = new URL(issuer);
  } catch {
    return [
      problem(
        'the issuer of OIDC is not an address',
        'write it as the provider does: https://id.example.com/realms/ml',
      ),
    ];
  }
  if (url.username !== '' || url.password !== '') {
    // The address may contain a password, so it is not repeated.
    return [
      problem(
        'the issuer of OIDC has a user name or password in it',
        'take it out: the secret comes from a variable or a file',
      ),
    ];
  }
  if (url.protocol === 'https:') return [];
  if (url.protocol !== 'http:')
    return [problem(`the issuer of OIDC is no https address: ${issuer}`, 'write https://…')];
  return [
    {
      severity: 'warning',
      message: `the issuer of OIDC is asked without TLS, so the client secret can be read on the way: ${issuer}`,
      remedy: 'write https://…',
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
        'OIDC needs its client secret from one place',
        'write client_secret_variable: MLFLOW_CLIENT_SECRET, or client_secret_file: /var/run/secrets/mlflow/client-secret',
      ),
    ];
  }
  if (variable !== null && !ENVIRONMENT_VARIABLE_NAME.test(variable)) {
    // The text may be the secret itself, put where its variable's name belongs.
    return [
      problem(
        'client_secret_variable of OIDC is not the name of a variable',
        'write its name; the secret itself is never baked',
      ),
    ];
  }
  return file !== null && !file.startsWith('/')
    ? [
        problem(
          'client_secret_file of OIDC is not an absolute path',
          'write where the container has the file mounted: /var/run/secrets/…',
        ),
      ]
    : [];
}

function problem(message: string, remedy: string): SettingsProblem {
  return { severity: 'error', message, remedy };
}
