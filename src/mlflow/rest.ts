/** A call to MLflow's REST API that was answered, with whatever status. */
export interface RestAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface RestOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly fetch?: typeof fetch;
}

const TIMEOUT_MILLISECONDS = 10_000;

/** `GET /api/2.0/mlflow/<path>` (mlflow/protos/service.proto). Throws what fetch throws; a body that is no JSON is empty. */
export async function getFromMlflow(
  uri: string,
  path: string,
  { headers, fetch: ask = fetch }: RestOptions,
): Promise<RestAnswer> {
  const answer = await ask(`${uri.replace(/\/+$/, '')}/api/2.0/mlflow/${path}`, {
    headers: { ...headers },
    redirect: 'manual',
    signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
  });
  const body: unknown = await answer.json().catch(() => undefined);
  return { status: answer.status, body: isObject(body) ? body : {} };
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
