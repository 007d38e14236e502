import { KdeployError } from '../errors.js';
import { flawOf, suspicionOf, type CredentialKind } from './credential-value.js';
import { CREDENTIAL_VARIABLES, isForRequests, isReadByClient, misspelledVariable } from './client-variables.js';
import { ENVIRONMENT_VARIABLE_NAME, type AuthenticationType, type SettingsProblem } from './authentication.js';

export interface VarsSettings {
  readonly type: 'Vars';
  /** Names of environment variables, such as MLFLOW_TRACKING_TOKEN. */
  readonly params: readonly string[];
}

/** What Airflow (or whatever starts the container) passes as environment variables: credentials, the workspace. */
export const vars: AuthenticationType<VarsSettings> = {
  name: 'Vars',
  signsRequests: false,

  problems({ params }): SettingsProblem[] {
    if (params.length === 0) {
      return [
        {
          severity: 'error',
          message: 'Vars: params lists no variables',
          remedy: 'list them: params: ["MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD"]',
        },
      ];
    }
    return params.flatMap((name) => problemWithName(name)).concat(incompletePair(params));
  },

  baked: ({ params }) => ({ type: 'Vars', params }),

  variables: ({ params }) => params,

  requestHeaders({ params }, { environment }) {
    const missing = params.filter((name) => isForRequests(name) && (environment[name] ?? '') === '');
    if (missing.length > 0) {
      throw new KdeployError('credentials', `not set in this shell: ${missing.join(', ')}`, {
        hint: `set ${missing.length === 1 ? 'it' : 'them'} as in the container: \`export ${missing[0] ?? ''}=…\``,
      });
    }
    for (const [name, value, kind] of credentialsIn(params, environment)) {
      const flaw = flawOf(value, kind);
      if (flaw === undefined) continue;
      throw new KdeployError('credentials', `${name} ${flaw}`, {
        hint: `correct the value: \`export ${name}=…\`${flaw.endsWith('line break') ? '; a Kubernetes Secret that was created from a file contains its line break' : ''}`,
      });
    }
    // Only what is listed: this shell's other credentials never reach the container.
    return Promise.resolve(headersOf(Object.fromEntries(params.map((name) => [name, environment[name]]))));
  },

  remarks: ({ params }, environment) =>
    credentialsIn(params, environment).flatMap(([name, value, kind]) => {
      const suspicion = suspicionOf(value, kind);
      return suspicion === undefined ? [] : [`${name} ${suspicion}`];
    }),
};

const KINDS: Readonly<Record<string, CredentialKind>> = {
  MLFLOW_TRACKING_USERNAME: 'user',
  MLFLOW_TRACKING_PASSWORD: 'password',
  MLFLOW_TRACKING_TOKEN: 'token',
};

function credentialsIn(
  params: readonly string[],
  environment: NodeJS.ProcessEnv,
): [name: string, value: string, kind: CredentialKind][] {
  return params.flatMap((name) => {
    const kind = KINDS[name];
    return kind === undefined ? [] : [[name, environment[name] ?? '', kind]];
  });
}

/** As MLflow's client does it (mlflow/utils/rest_utils.py): user and password win over a token. */
function headersOf(listed: NodeJS.ProcessEnv): Record<string, string> {
  const { MLFLOW_TRACKING_USERNAME: user, MLFLOW_TRACKING_PASSWORD: password, MLFLOW_TRACKING_TOKEN: token } = listed;
  if (user !== undefined && password !== undefined) {
    return { Authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
  }
  return token === undefined ? {} : { Authorization: `Bearer ${token}` };
}

function problemWithName(name: string): SettingsProblem[] {
  if (!ENVIRONMENT_VARIABLE_NAME.test(name)) {
    // The text may be a password that was put where its variable's name belongs, so it is not repeated.
    return [
      {
        severity: 'error',
        message: 'Vars: an entry of params is not a valid variable name',
        remedy: 'list names such as MLFLOW_TRACKING_TOKEN; the values are read in the container and never baked',
      },
    ];
  }
  if (isReadByClient(name)) return [];
  const meant = misspelledVariable(name);
  return [
    {
      severity: 'error',
      message: `Vars: MLflow does not read the variable ${name}`,
      remedy:
        meant === undefined
          ? `use the names that MLflow's client and its storage libraries read: ${CREDENTIAL_VARIABLES.slice(0, 3).join(', ')}, AWS_…, AZURE_…, GOOGLE_…`
          : `write ${meant}`,
    },
  ];
}

/** Basic authentication needs both halves: MLflow ignores a user name without a password. */
function incompletePair(params: readonly string[]): SettingsProblem[] {
  const pair = ['MLFLOW_TRACKING_USERNAME', 'MLFLOW_TRACKING_PASSWORD'];
  const missing = pair.filter((name) => !params.includes(name));
  if (missing.length !== 1) return [];
  return [
    {
      severity: 'warning',
      message: `Vars: basic authentication needs both variables, but ${missing.join('')} is not listed`,
      remedy: `add ${missing.join('')} to params`,
    },
  ];
}
