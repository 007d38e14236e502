import { refusalRemarks, type AuthenticationSettings } from '../authentication/types.js';
import { connectionFailure, sentenceOf, type ConnectionFailure } from '../network/failure.js';
import { speaksTls } from '../network/speaks-tls.js';
import { redactAddresses } from '../secrets/address.js';
import type { MlflowClient } from './request.js';
import { BUNDLES_OF_MLFLOW } from './tls.js';

/**
 * What stands between a client and MLflow's API. Each has a fix of its own, so each gets a sentence of its own; the
 * runtime tells the same apart (templates/runtime/kdeploy_runtime/server/responses.py).
 */
export type Obstacle =
  /** By MLflow itself, which has a code for it, or by a proxy, perhaps with a redirect to its login page. */
  | { readonly kind: 'refused'; readonly status: number; readonly code?: string; readonly login?: string }
  /** MLflow's protection against DNS rebinding: it says nothing about who asks. */
  | { readonly kind: 'host-name'; readonly status: number; readonly host: string }
  | { readonly kind: 'moved'; readonly status: number; readonly location: string; readonly isToHttps: boolean }
  | { readonly kind: 'web-page'; readonly status: number }
  | { readonly kind: 'unavailable'; readonly status: number }
  /** The server does not have the workspace that MLFLOW_WORKSPACE names, or no workspaces at all. */
  | { readonly kind: 'workspace'; readonly workspace: string; readonly isSupported: boolean }
  | { readonly kind: 'not-mlflow'; readonly status: number }
  | ({ readonly kind: 'no-response' } & ConnectionFailure);

/** Those of mlflow/utils/request_utils.py that MLflow's client tries again. */
const TRANSIENT = new Set([408, 425, 429, 500, 502, 503, 504]);

/** nginx's page for a client without a certificate, or with one that it does not trust; its status is 400 then. */
const NO_CLIENT_CERTIFICATE = /<title>400 (?:No required SSL certificate was sent|The SSL certificate error)<\/title>/i;

/** What a response means that is not MLflow's own. */
export async function obstacleIn(
  response: Response,
  text: string,
  uri: string,
  { environment }: MlflowClient,
): Promise<Obstacle> {
  const { status } = response;
  const url = new URL(uri);
  if ((status === 400 || status === 403) && /^\s*Invalid Host header/i.test(text))
    return { kind: 'host-name', status, host: url.host };
  if (status === 401 || status === 403) return { kind: 'refused', status };
  const location = response.headers.get('location');
  if (status >= 300 && status < 400 && location !== null && URL.canParse(location, url.href))
    return redirection(status, url, new URL(location, url));
  // nginx and Go tell in words that they expect HTTPS; whether it is so can be asked.
  if (status === 400 && url.protocol === 'http:' && (await speaksTls(url)))
    return { kind: 'no-response', ...sentenceOf('expects-https', environment) };
  if (NO_CLIENT_CERTIFICATE.test(text))
    return { kind: 'no-response', ...sentenceOf('client-certificate', environment) };
  if (TRANSIENT.has(status)) return { kind: 'unavailable', status };
  const isPage = /\bhtml\b/i.test(response.headers.get('content-type') ?? '') || /^\s*<(?:!doctype )?html/i.test(text);
  return { kind: isPage && status === 200 ? 'web-page' : 'not-mlflow', status };
}

/** What fetch threw, as an obstacle. */
export async function noResponse(
  error: unknown,
  uri: string,
  { environment, headers }: MlflowClient,
): Promise<Obstacle> {
  // fetch quotes a header that it does not take.
  const secrets = Object.values(headers);
  const failure = connectionFailure(error, environment, { bundle: BUNDLES_OF_MLFLOW, secrets });
  const mayExpectHttps = ['reset', 'not-http', 'timeout'].includes(failure.problem) && /^http:/i.test(uri);
  if (mayExpectHttps && (await speaksTls(new URL(uri))))
    return { kind: 'no-response', ...sentenceOf('expects-https', environment) };
  return { kind: 'no-response', ...failure };
}

function redirection(status: number, from: URL, to: URL): Obstacle {
  const isLogin = /\b(?:log-?in|sign-?in|oauth2?|auth|sso|saml|authorize)\b/i.test(to.pathname);
  if (to.hostname !== from.hostname || isLogin) return { kind: 'refused', status, login: to.host };
  const path = to.pathname.replace(/\/api\/\d\.\d\/.*$/, '');
  const isToHttps = from.protocol === 'http:' && to.protocol === 'https:';
  return { kind: 'moved', status, location: redactAddresses(`${to.protocol}//${to.host}${path}`), isToHttps };
}

export interface ObstacleText {
  readonly message: string;
  readonly remedy: string;
}

export interface Attempt {
  /** Fit for messages. */
  readonly uri: string;
  /** Of kdeploy.yml: what the headers came from. */
  readonly authentication: readonly AuthenticationSettings[];
  readonly environment: NodeJS.ProcessEnv;
}

/** In words. */
export function describeObstacle(obstacle: Obstacle, attempt: Attempt): ObstacleText {
  const [predicate, remedy] = wordsFor(obstacle, attempt);
  return { message: `${attempt.uri} ${predicate}`, remedy };
}

function wordsFor(obstacle: Obstacle, { authentication, environment }: Attempt): [predicate: string, remedy: string] {
  switch (obstacle.kind) {
    case 'refused': {
      const answer = `HTTP ${obstacle.status}${obstacle.login === undefined ? '' : ` to ${obstacle.login}`}`;
      const remarks = refusalRemarks(authentication, environment);
      if (remarks.length > 0)
        return [
          `rejects the credentials that the container would send (${answer}): ${remarks.join(', and ')}`,
          'correct the value, here and where the container gets it',
        ];
      return authentication.length > 0
        ? [
            `rejects the credentials that the container would send (${answer})`,
            'check the audience, and that the account has access to the server; `kdeploy auth token` shows what is sent',
          ]
        : [
            `requires authentication (${answer}), but kdeploy.yml configures none`,
            'configure it in kdeploy.yml: run_config.authentication: {type: GoogleOAuth2}, or {type: Vars, params: [MLFLOW_TRACKING_TOKEN]}',
          ];
    }
    case 'host-name':
      return [
        `does not accept the host name ${obstacle.host} (HTTP ${obstacle.status}, Invalid Host header)`,
        `start the MLflow server with --allowed-hosts ${obstacle.host}`,
      ];
    case 'moved':
      return [
        `redirects to ${obstacle.isToHttps ? 'HTTPS' : obstacle.location} (HTTP ${obstacle.status}), and a redirected POST becomes a GET`,
        obstacle.isToHttps
          ? 'write https:// in the tracking URI'
          : `set the tracking URI to ${obstacle.location}, if the MLflow server is there`,
      ];
    case 'web-page':
      return [
        `responds with a web page (HTTP ${obstacle.status}), not with MLflow's API; it may be a login page`,
        'check which authentication a proxy in front of the server expects, and the path of the tracking URI',
      ];
    case 'workspace':
      return obstacle.isSupported
        ? [
            `has no workspace ${obstacle.workspace}, which MLFLOW_WORKSPACE names`,
            'create it, or correct MLFLOW_WORKSPACE',
          ]
        : [
            `has no workspaces, but MLFLOW_WORKSPACE is ${obstacle.workspace}`,
            'start the MLflow server with --enable-workspaces, or unset MLFLOW_WORKSPACE',
          ];
    case 'unavailable':
      return [`responded with HTTP ${obstacle.status}`, "try again later, or check the server's log"];
    case 'not-mlflow':
      return [
        `responded (HTTP ${obstacle.status}), but not as an MLflow server`,
        'check the path and port of the tracking URI',
      ];
    case 'no-response':
      return [obstacle.predicate, obstacle.remedy];
  }
}
