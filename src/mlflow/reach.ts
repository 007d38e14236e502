import { systemCodeOf } from '../errors.js';
import { requestFailure, requestMlflow, type RequestOptions } from './request.js';
import { isRefusal } from './rest.js';

/** What came back from the address that is said to be an MLflow server. */
export type Reached =
  | { readonly kind: 'mlflow'; readonly version: string }
  /** Somebody guards it: a proxy, or MLflow's own login. */
  | { readonly kind: 'guarded'; readonly status: number }
  | { readonly kind: 'not-mlflow'; readonly status: number }
  | { readonly kind: 'tls'; readonly reason: string }
  | { readonly kind: 'unreachable'; readonly reason: string };

/**
 * Asks a tracking server who it is: `GET /version`, which MLflow answers with its version and nothing else
 * (mlflow/server/__init__.py).
 */
export async function reachMlflow(uri: string, options: RequestOptions = {}): Promise<Reached> {
  let answer: Response;
  try {
    answer = await requestMlflow(uri, 'version', options);
  } catch (error) {
    const code = systemCodeOf(error) ?? '';
    if (isPlainHttpCode(code)) return { kind: 'unreachable', reason: `it does not use TLS, ${code}` };
    const reason = requestFailure(error, options.headers);
    return isCertificateCode(code) ? { kind: 'tls', reason } : { kind: 'unreachable', reason };
  }
  const text = await answer.text().catch(() => '');
  if (isRefusal(answer.status)) return { kind: 'guarded', status: answer.status };
  const version = /^\s*(\d+\.\d+[\w.+-]*)\s*$/.exec(text)?.[1];
  return answer.ok && version !== undefined
    ? { kind: 'mlflow', version }
    : { kind: 'not-mlflow', status: answer.status };
}

function isCertificateCode(code: string): boolean {
  return /^(CERT_|ERR_TLS_CERT|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_(GET|VERIFY))/.test(code);
}

/** What TLS says about a server that answers in plain HTTP. */
function isPlainHttpCode(code: string): boolean {
  return ['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG', 'EPROTO'].includes(code);
}
