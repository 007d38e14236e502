import { requestMlflow, type MlflowClient } from './request.js';

/** `GET /version`, which MLflow answers with its version and nothing else; `undefined` where it is not told. */
export async function mlflowVersion(uri: string, client: MlflowClient): Promise<string | undefined> {
  const response = await requestMlflow(uri, 'version', client).catch(() => undefined);
  const text = (await response?.text().catch(() => '')) ?? '';
  return response?.ok === true ? /^\s*(\d+\.\d+[\w.+-]*)\s*$/.exec(text)?.[1] : undefined;
}
