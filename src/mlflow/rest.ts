import { requestMlflow } from './request.js';

/** A call to MLflow's REST API that was answered, with whatever status. */
export interface RestAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface RestOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly fetch?: typeof fetch;
}

/** `GET /api/2.0/mlflow/<path>` (mlflow/protos/service.proto). Throws what fetch throws; a body that is no JSON is empty. */
export async function getFromMlflow(uri: string, path: string, options: RestOptions): Promise<RestAnswer> {
  const answer = await requestMlflow(uri, `api/2.0/mlflow/${path}`, options);
  const body: unknown = await answer.json().catch(() => undefined);
  return { status: answer.status, body: isObject(body) ? body : {} };
}

/** Whether somebody in front of the REST API, or MLflow itself, lets nobody in: a login page is a redirect. */
export function isRefusal(status: number): boolean {
  return status === 401 || status === 403 || (status >= 300 && status < 400);
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
