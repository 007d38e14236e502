import { rememberSecret } from '../secrets/given-secrets.js';
import { thisMachine, type AuthenticationType, type Host, type SettingsProblem } from './authentication.js';
import { googleOAuth2, type GoogleOAuth2Settings } from './google-oauth2.js';
import { oidc, type OidcSettings } from './oidc.js';
import { tokenFile, type TokenFileSettings } from './token-file.js';
import { vars, type VarsSettings } from './vars.js';

/** One entry of `run_config.authentication`. */
export type AuthenticationSettings = GoogleOAuth2Settings | VarsSettings | OidcSettings | TokenFileSettings;

/** Every authentication type kdeploy knows. To add one: a file beside this one, its twin in the runtime, a line here. */
export const AUTHENTICATION_TYPES = {
  GoogleOAuth2: googleOAuth2,
  Vars: vars,
  OIDC: oidc,
  TokenFile: tokenFile,
} as const;

function typeOf<S extends AuthenticationSettings>(settings: S): AuthenticationType<S> {
  // The compiler cannot see that the entry under `settings.type` takes exactly these settings; the keys above say so.
  return AUTHENTICATION_TYPES[settings.type] as unknown as AuthenticationType<S>;
}

export function authenticationProblems(settings: AuthenticationSettings): SettingsProblem[] {
  return typeOf(settings).problems(settings);
}

/** The value of KDEPLOY_AUTH, which the runtime reads: types and names, never a value. */
export function bakedAuthentication(all: readonly AuthenticationSettings[]): string {
  return JSON.stringify({ types: all.map((settings) => typeOf(settings).baked(settings)) });
}

export function signsRequests(all: readonly AuthenticationSettings[]): boolean {
  return all.some((settings) => typeOf(settings).signsRequests);
}

/** The environment variables that containers need from whoever starts them, each once. */
export function authenticationVariables(all: readonly AuthenticationSettings[]): string[] {
  return [...new Set(all.flatMap((settings) => typeOf(settings).variables(settings)))];
}

/** What a container would send to MLflow, all types together, in the order in which they are configured. */
export async function requestHeaders(
  all: readonly AuthenticationSettings[],
  host: Host = thisMachine(process.env),
): Promise<Record<string, string>> {
  const each = await Promise.all(all.map((settings) => typeOf(settings).requestHeaders(settings, host)));
  const headers = Object.assign({}, ...each) as Record<string, string>;
  // `Bearer x`: the token alone may be quoted, too.
  for (const value of Object.values(headers)) rememberSecret(value.replace(/^\w+ /, ''));
  return headers;
}

/** What may be the reason when a server refuses the headers: `MLFLOW_TRACKING_PASSWORD ends with a space`. */
export function refusalRemarks(all: readonly AuthenticationSettings[], environment: NodeJS.ProcessEnv): string[] {
  return all.flatMap((settings) => typeOf(settings).remarks?.(settings, environment) ?? []);
}
