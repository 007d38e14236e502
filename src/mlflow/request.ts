import { messageOf, systemCodeOf } from '../errors.js';
import { redactAddresses } from '../secrets/address.js';

export interface RequestOptions {
  readonly fetch?: typeof fetch;
  /** Sent along; a token from an authentication type. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMilliseconds?: number;
}

/**
 * `GET <uri>/<path>`, as MLflow's own client asks: a user and password in the URI are sent as Basic. Redirects are not
 * followed: a login page would answer 200. Throws what fetch throws; for its words use `requestFailure`.
 */
export async function requestMlflow(uri: string, path: string, options: RequestOptions = {}): Promise<Response> {
  const { fetch: ask = fetch, timeoutMilliseconds = 10_000, headers = {} } = options;
  const url = new URL(`${uri.replace(/\/+$/, '')}/${path}`);
  return ask(withoutCredentials(url), {
    headers: { ...credentialsOf(url), ...headers },
    redirect: 'manual',
    signal: AbortSignal.timeout(timeoutMilliseconds),
  });
}

/** Why there was no answer: `ECONNREFUSED: connect ECONNREFUSED 127.0.0.1:5000`. No secret is in it. */
export function requestFailure(error: unknown, headers: Readonly<Record<string, string>> = {}): string {
  const code = systemCodeOf(error);
  const words = code === undefined ? messageOf(error) : `${code}: ${innermost(error)}`;
  // fetch quotes a header that it does not take.
  return redactAddresses(Object.values(headers).reduce((text, value) => text.replaceAll(value, '***'), words));
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

/** fetch says "fetch failed", and of a host with several addresses each one's error says what the whole does not. */
function innermost(error: unknown): string {
  let current = error;
  while (current instanceof Error && current.cause instanceof Error) current = current.cause;
  return messageOf(current instanceof AggregateError && current.errors.length > 0 ? current.errors[0] : current);
}
