import type { AuthenticationType, SettingsProblem } from './authentication.js';
import { googleOAuth2, type GoogleOAuth2Settings } from './google-oauth2.js';
import { vars, type VarsSettings } from './vars.js';

/** One entry of `run_config.authentication`. */
export type AuthenticationSettings = GoogleOAuth2Settings | VarsSettings;

/** Every authentication type kdeploy knows. To add one: a file beside this one, its twin in the runtime, a line here. */
export const AUTHENTICATION_TYPES = { GoogleOAuth2: googleOAuth2, Vars: vars } as const;

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
