import { KdeployError } from '../errors.js';
import { fetchAsRequests } from '../network/fetch.js';
import { misplacedUri } from '../project/tracking/tracking-uri.js';
import { redactAddresses } from '../secrets/address.js';
import { rememberSecretsInAddress } from '../secrets/given-secrets.js';
import { tlsOfMlflow } from './tls.js';
import { workspaceHeader } from './workspace.js';

/** Who asks an MLflow server: this machine, as far as MLflow's own client would look at it. */
export interface MlflowClient {
  /** MLflow's client and requests read their settings here: certificates, proxies, the workspace. */
  readonly environment: NodeJS.ProcessEnv;
  /** Sent along; a token from an authentication type. */
  readonly headers: Readonly<Record<string, string>>;
  readonly fetch?: typeof fetch;
  readonly timeoutMilliseconds?: number;
}

/** As requests: enough for a gateway that moves a call, and an end to a circle. */
const MOST_REDIRECTS = 5;

/**
 * `GET <uri>/<path>`, as MLflow's own client asks: with everything that it reads from the environment, and with the user
 * and password of the URI as Basic. A redirect that keeps the method is followed; any other would turn what is logged
 * into a question, and may lead to a login page, so it is returned. Throws what fetch throws, and KdeployError
 * `configuration` for settings that MLflow would not take.
 */
export async function requestMlflow(uri: string, path: string, client: MlflowClient): Promise<Response> {
  expectServer(uri);
  rememberSecretsInAddress(uri);
  let url = new URL(`${uri.replace(/\/+$/, '')}/${path}`);
  let headers: Record<string, string> = { ...credentialsOf(url), ...client.headers };
  const workspace = workspaceHeader(client.environment);
  const ask = await asMlflowsClient(url, client);
  const signal = AbortSignal.timeout(client.timeoutMilliseconds ?? 10_000);
  for (let redirects = 0; ; redirects++) {
    const response = await ask(withoutCredentials(url), {
      headers: { ...workspace, ...headers },
      redirect: 'manual',
      signal,
    });
    const location = response.headers.get('location');
    const isFollowed = (response.status === 307 || response.status === 308) && redirects < MOST_REDIRECTS;
    if (!isFollowed || location === null || !URL.canParse(location, url.href)) return response;
    await response.body?.cancel();
    const target = new URL(location, url);
    if (target.host !== url.host && !isUpgrade(url, target)) headers = {};
    url = target;
  }
}

/** A browser would show it, and a call below it would go to the UI. */
function expectServer(uri: string): void {
  const misplaced = misplacedUri(uri);
  if (misplaced === undefined) return;
  throw new KdeployError(
    'configuration',
    `${redactAddresses(uri)} is the address of ${misplaced.of}, not of a server`,
    {
      hint: `set the tracking URI to ${misplaced.server}`,
    },
  );
}

/** The one place that says how MLflow's client makes a call: everything that it reads from the environment. */
async function asMlflowsClient(url: URL, { environment, fetch: ask }: MlflowClient): Promise<typeof fetch> {
  const tls = await tlsOfMlflow(url, environment);
  return ask ?? fetchAsRequests(environment, () => Promise.resolve(tls));
}

/** Credentials go on to the same host when plain HTTP becomes HTTPS, and to nobody else (requests, should_strip_auth). */
function isUpgrade(from: URL, to: URL): boolean {
  const isDefault = from.port === '' && to.port === '';
  return from.hostname === to.hostname && from.protocol === 'http:' && to.protocol === 'https:' && isDefault;
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
