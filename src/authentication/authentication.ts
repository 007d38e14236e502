import { fetchAsRequests } from '../network/fetch.js';

/**
 * One way for a container to authenticate to MLflow. One file each, listed in `types.ts`; the Python side has its twin
 * of the same name in templates/runtime/kdeploy_runtime/authentication/.
 */
export interface AuthenticationType<Settings = unknown> {
  /** The `type` in kdeploy.yml: `GoogleOAuth2`, `Vars`. */
  readonly name: string;

  /** True when requests are signed by the runtime's MLflow plugin, so that MLFLOW_TRACKING_AUTH=kdeploy must be baked. */
  readonly signsRequests: boolean;

  /** What is wrong with the settings, a sentence each, with what to write instead; empty when they are fine. */
  problems(settings: Settings): SettingsProblem[];

  /** What the container is told (KDEPLOY_AUTH): names only, never a value. */
  baked(settings: Settings): Readonly<Record<string, unknown>>;

  /** The environment variables that the container reads; `kdeploy run` passes them through. */
  variables(settings: Settings): readonly string[];

  /**
   * The headers that a container with the credentials of this machine would send, for `kdeploy auth token` and
   * `kdeploy check --online`. Throws KdeployError `credentials` naming what is missing, never a value.
   */
  requestHeaders(settings: Settings, host: Host): Promise<Readonly<Record<string, string>>>;

  /** What is remarkable about the credentials once a server has refused them, a clause each; never a value. */
  remarks?(settings: Settings, environment: NodeJS.ProcessEnv): readonly string[];
}

/** This machine, as far as authentication is concerned. */
export interface Host {
  readonly environment: NodeJS.ProcessEnv;
  readonly fetch: typeof fetch;
}

/** With the certificates and proxies that a container with these variables would use. */
export function thisMachine(environment: NodeJS.ProcessEnv): Host {
  return { environment, fetch: fetchAsRequests(environment) };
}

export interface SettingsProblem {
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly remedy: string;
}

/** The header that carries a token: Proxy-Authorization for a proxy in front of an MLflow with its own login. */
export type TokenHeader = 'Authorization' | 'Proxy-Authorization';

/** What a shell can export (POSIX, "Environment Variable Definition"). */
export const ENVIRONMENT_VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
