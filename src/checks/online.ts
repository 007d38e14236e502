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
    const message = `this machine cannot authenticate as a container would: ${error.message}`;
    return [{ severity: 'error', message, remedy: error.hint ?? 'mend what the message says' }];
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
          ? `${uri} refuses the credentials that the container would send (HTTP ${reached.status})`
          : `${uri} wants authentication (HTTP ${reached.status}), and kdeploy.yml configures none`,
        remedy: authenticates
          ? 'check the audience, and that the account may use the server; `kdeploy auth token` shows what is sent'
          : 'name it under run_config.authentication: {type: GoogleOAuth2}, or {type: Vars, params: [MLFLOW_TRACKING_TOKEN]}',
      };
    case 'not-mlflow':
      return {
        severity: 'error',
        message: `${uri} answers (HTTP ${reached.status}), but not as an MLflow server`,
        remedy: 'check the path and port of the tracking URI',
      };
    case 'tls':
      return {
        severity: 'error',
        message: `the certificate of ${uri} is not trusted on this machine (${reached.reason})`,
        remedy: 'make its CA known: NODE_EXTRA_CA_CERTS here, REQUESTS_CA_BUNDLE in the container',
      };
    case 'unreachable':
      return {
        severity: 'error',
        message: `${uri} cannot be reached from this machine (${reached.reason})`,
        remedy: 'start the server or connect to its network; if only the cluster reaches it, check without --online',
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
          message: `${uri} has no experiment ${experiment} yet; the first run makes it`,
          remedy: 'nothing, unless the name is misspelt',
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
          message: `${uri} lets the container in, but not to its experiments`,
          remedy: 'give the account the right to read and write experiments',
        },
      ];
    case 'unknown':
      return [
        {
          severity: 'warning',
          message: `${uri} gave no clear answer about the experiment ${experiment}`,
          remedy: 'look at the server’s log',
        },
      ];
  }
}
