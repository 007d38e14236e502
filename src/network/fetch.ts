import type * as Undici from 'undici';
import { proxyFor } from './proxy.js';
import { tlsOfRequests, type TlsSettings } from './tls.js';

/**
 * A fetch that goes the way Python's requests would: through the proxies and with the certificates that the environment
 * names. So a server that a container cannot reach is not reached here either. `readTls` is asked once, before the first
 * https call; what it throws, the call throws.
 */
export function fetchAsRequests(
  environment: NodeJS.ProcessEnv,
  readTls: () => Promise<TlsSettings> = () => tlsOfRequests(environment),
): typeof fetch {
  let tls: Promise<TlsSettings> | undefined;
  const dispatchers = new Map<string, Undici.Dispatcher>();
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const proxy = proxyFor(url, environment);
    const settings = url.protocol === 'https:' ? await (tls ??= readTls()) : {};
    if (proxy === undefined && Object.keys(settings).length === 0) return fetch(input, init);
    // Loaded here: few machines need it, and Node's own fetch takes no dispatcher of another version.
    const undici = await import('undici');
    const key = `${url.protocol} ${proxy?.href ?? ''}`;
    const dispatcher = dispatchers.get(key) ?? createDispatcher(undici, url, proxy, connectOptions(settings));
    dispatchers.set(key, dispatcher);
    const call = undici.fetch as unknown as (input: unknown, init: object) => Promise<Response>;
    return call(input instanceof Request ? input.url : input, { ...init, dispatcher });
  };
}

interface ConnectOptions {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly rejectUnauthorized?: false;
}

function connectOptions({ ca, clientCertificate, verify }: TlsSettings): ConnectOptions {
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(clientCertificate === undefined ? {} : { cert: clientCertificate, key: clientCertificate }),
    ...(verify === undefined ? {} : { rejectUnauthorized: verify }),
  };
}

function createDispatcher(
  { Agent, ProxyAgent }: Pick<typeof Undici, 'Agent' | 'ProxyAgent'>,
  url: URL,
  proxy: URL | undefined,
  tls: ConnectOptions,
): Undici.Dispatcher {
  if (proxy === undefined) return new Agent({ connect: tls });
  // An http server is asked for by its whole URL, as requests asks; a tunnel is what many proxies refuse for port 80.
  return new ProxyAgent({ uri: proxy.href, requestTls: tls, proxyTls: tls, proxyTunnel: url.protocol === 'https:' });
}
