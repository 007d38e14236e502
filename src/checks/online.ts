import { requestHeaders, type AuthenticationSettings } from '../authentication/types.js';
import { KdeployError } from '../errors.js';
import { experimentState, type ExperimentState } from '../mlflow/experiment.js';
import { reachMlflow, type Reached } from '../mlflow/reach.js';
import { classifyTrackingUri } from '../project/tracking/tracking-uri.js';
import type { Tracking } from '../project/tracking/tracking.js';
import type { Finding } from '../finding.js';

export interface OnlineCheckOptions {
  readonly tracking: Tracking | undefined;
  readonly authentication: readonly AuthenticationSettings[];
  readonly environment: NodeJS.ProcessEnv;
  readonly fetch?: typeof fetch;
}

type OnlineFinding = Omit<Finding, 'rule'>;

/**
 * Asks the MLflow server, authenticated as a container would be (with this machine's credentials): is it there, is it
 * MLflow, does it let us in, is the experiment usable. The only check that needs the network; on request.
 */
export async function checkOnline(options: OnlineCheckOptions): Promise<Finding[]> {
  const findings = await look(options);
  return findings.map((finding) => ({ rule: 'mlflow-online', ...finding }));
}

async function look({
  tracking,
  authentication,
  environment,
  fetch: ask = fetch,
}: OnlineCheckOptions): Promise<OnlineFinding[]> {
  if (tracking?.uri === undefined || !/^https?:/i.test(tracking.uri)) return [];
  const { uri, experiment } = tracking;
  let headers: Record<string, string>;
  try {
    headers = await requestHeaders(authentication, { environment, fetch: ask });
  } catch (error) {
    if (!(error instanceof KdeployError)) throw error;
    const message = `this machine cannot authenticate as the container would: ${error.message}`;
    return [{ severity: 'error', message, remedy: error.hint ?? 'resolve the problem above' }];
  }
  const { redacted } = classifyTrackingUri(uri);
  const reached = await reachMlflow(uri, { fetch: ask, headers });
  const problem = reachProblem(reached, redacted, authentication.length > 0);
  if (problem !== undefined) return [problem];
  // A server that is gone a moment after it answered is told as one that gave no clear answer.
  const state = await experimentState(uri, experiment, { headers, fetch: ask }).catch(() => 'unknown' as const);
  return experimentProblems(state, experiment, redacted);
}

function reachProblem(reached: Reached, uri: string, authenticates: boolean): OnlineFinding | undefined {
  switch (reached.kind) {
    case 'mlflow':
      return undefined;
    case 'guarded':
      return {
        severity: 'error',
        message: authenticates
          ? `${uri} rejects the credentials that the container would send (HTTP ${reached.status})`
          : `${uri} requires authentication (HTTP ${reached.status}), but kdeploy.yml configures none`,
        remedy: authenticates
          ? 'check the audience, and that the account has access to the server; `kdeploy auth token` shows what is sent'
          : 'configure it in kdeploy.yml: run_config.authentication: {type: GoogleOAuth2}, or {type: Vars, params: [MLFLOW_TRACKING_TOKEN]}',
      };
    case 'not-mlflow':
      return {
        severity: 'error',
        message: `${uri} responded (HTTP ${reached.status}), but it is not an MLflow server`,
        remedy: 'check the path and port of the tracking URI',
      };
    case 'tls':
      return {
        severity: 'error',
        message: `the certificate of ${uri} is not trusted on this machine (${reached.reason})`,
        remedy: 'trust its CA: set NODE_EXTRA_CA_CERTS here, and REQUESTS_CA_BUNDLE in the container',
      };
    case 'unreachable':
      return {
        severity: 'error',
        message: `${uri} cannot be reached from this machine (${reached.reason})`,
        remedy: 'start the server or connect to its network; if only the cluster can reach it, check without --online',
      };
  }
}

function experimentProblems(state: ExperimentState, experiment: string, uri: string): OnlineFinding[] {
  switch (state) {
    case 'active':
      return [];
    case 'missing':
      return [
        {
          severity: 'info',
          message: `experiment ${experiment} does not exist on ${uri} yet; the first run creates it`,
          remedy: 'nothing to do, unless the name is misspelled',
        },
      ];
    case 'deleted':
      return [
        {
          severity: 'warning',
          message: `the experiment ${experiment} is deleted on ${uri}; kedro-mlflow restores it unless restore_if_deleted is false`,
          remedy: 'restore it in MLflow, or choose another name',
        },
      ];
    case 'refused':
      return [
        {
          severity: 'error',
          message: `${uri} accepts the credentials, but denies access to experiments`,
          remedy: 'grant the account read and write access to experiments',
        },
      ];
    case 'unknown':
      return [
        {
          severity: 'warning',
          message: `${uri} returned an unexpected response for experiment ${experiment}`,
          remedy: "check the server's log",
        },
      ];
  }
}
