import { messageOf, systemCodeOf } from '../errors.js';
import { redactUri } from '../project/tracking-uri.js';

/** What came back from the address that is said to be an MLflow server. */
export type Reached =
  | { readonly kind: 'mlflow'; readonly version: string }
  /** Somebody guards it: a proxy, or MLflow's own login. */
  | { readonly kind: 'guarded'; readonly status: number }
  | { readonly kind: 'not-mlflow'; readonly status: number }
  | { readonly kind: 'tls'; readonly reason: string }
  | { readonly kind: 'unreachable'; readonly reason: string };

export interface ReachOptions {
  readonly fetch?: typeof fetch;
  readonly timeoutMilliseconds?: number;
  /** Sent along; a token from an authentication type. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Asks a tracking server who it is: `GET /version`, which MLflow answers with its version and nothing else
 * (mlflow/server/__init__.py). Redirects are not followed: a login page would answer 200.
 */
export async function reachMlflow(uri: string, options: ReachOptions = {}): Promise<Reached> {
  const { fetch: ask = fetch, timeoutMilliseconds = 10_000, headers = {} } = options;
  let answer: Response;
  try {
    const url = new URL(`${uri.replace(/\/+$/, '')}/version`);
    answer = await ask(withoutCredentials(url), {
      headers: { ...credentialsOf(url), ...headers },
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMilliseconds),
    });
  } catch (error) {
    const code = systemCodeOf(error) ?? '';
    if (isPlainHttpCode(code)) return { kind: 'unreachable', reason: `it does not speak https, ${code}` };
    const words = redactUri(code === '' ? messageOf(error) : `${code}: ${innermost(error)}`);
    // fetch quotes a header that it does not take.
    const reason = Object.values(headers).reduce((text, value) => text.replaceAll(value, '***'), words);
    return isCertificateCode(code) ? { kind: 'tls', reason } : { kind: 'unreachable', reason };
  }
  const text = await answer.text().catch(() => '');
  const isRedirect = answer.status >= 300 && answer.status < 400;
  if (answer.status === 401 || answer.status === 403 || isRedirect) return { kind: 'guarded', status: answer.status };
  const version = /^\s*(\d+\.\d+[\w.+-]*)\s*$/.exec(text)?.[1];
  return answer.ok && version !== undefined
    ? { kind: 'mlflow', version }
    : { kind: 'not-mlflow', status: answer.status };
}

/** fetch refuses a URL with a user and password, which Python's requests, and so MLflow, sends as Basic. */
function credentialsOf({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { Authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

function withoutCredentials(url: URL): string {
  const bare = new URL(url);
  bare.username = '';
  bare.password = '';
  return bare.href;
}

function isCertificateCode(code: string): boolean {
  return /^(CERT_|ERR_TLS_CERT|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_(GET|VERIFY))/.test(code);
}

/** What TLS says of a server that answers in plain HTTP. */
function isPlainHttpCode(code: string): boolean {
  return ['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG', 'EPROTO'].includes(code);
}

function innermost(error: unknown): string {
  let current = error;
  while (current instanceof Error && current.cause instanceof Error) current = current.cause;
  return messageOf(current);
}
