import { KdeployError } from '../errors.js';
import { noResponse, obstacleIn, type Obstacle } from './obstacle.js';
import { requestMlflow, type MlflowClient } from './request.js';
import { workspaceOf } from './workspace.js';

export type JsonObject = Readonly<Record<string, unknown>>;

/** What came of a call of MLflow's REST API. */
export type RestReply =
  | { readonly kind: 'ok'; readonly body: JsonObject }
  /** MLflow's own no, with its code. */
  | { readonly kind: 'error'; readonly status: number; readonly code: string }
  | Obstacle;

/** `GET /api/2.0/mlflow/<path>` (mlflow/protos/service.proto). Throws KdeployError `configuration` for unusable settings. */
export function getFromMlflow(uri: string, path: string, client: MlflowClient): Promise<RestReply> {
  return callMlflow(uri, `api/2.0/mlflow/${path}`, client);
}

/** The same by the path of the whole API. */
export async function callMlflow(uri: string, path: string, client: MlflowClient): Promise<RestReply> {
  let response: Response;
  let text: string;
  try {
    response = await requestMlflow(uri, path, client);
    text = await response.text();
  } catch (error) {
    if (error instanceof KdeployError) throw error;
    return noResponse(error, uri, client);
  }
  const { status } = response;
  const body = parse(text);
  const code = typeof body?.error_code === 'string' ? body.error_code : undefined;
  if (status === 200 && body !== undefined && code === undefined) return { kind: 'ok', body };
  const workspace = workspaceOf(client.environment);
  // With the status 500.
  if (code === 'FEATURE_DISABLED' && workspace !== undefined)
    return { kind: 'workspace', workspace, isSupported: false };
  if (code === undefined || status >= 500) return obstacleIn(response, text, uri, client);
  return status === 401 || status === 403 ? { kind: 'refused', status, code } : { kind: 'error', status, code };
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parse(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
