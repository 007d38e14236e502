import type { Agent, ClientRequest, IncomingMessage } from 'node:http';
import type { SecureContext } from 'node:tls';
import { authoritiesFor, contextWith } from '../../network/authorities.js';
import { ProxyFailure } from '../../network/failure.js';
import { proxyAsGo } from '../../network/proxy-as-go.js';
import { createAgent } from './agents.js';

/** How requests reach a server. */
export interface Route {
  readonly agent: Agent;
  /** Of the server's certificate; `undefined` for what Node trusts. */
  readonly secureContext: SecureContext | undefined;
  /** `tunnel`: a proxy passes on what it cannot read; `forward`: it is asked for the whole address. */
  readonly proxy: { readonly url: URL; readonly kind: 'tunnel' | 'forward' } | undefined;
  /** The server's certificate is not looked at. */
  readonly isInsecure: boolean;
}

/** What clients differ in. */
export interface Habits {
  readonly proxyFor: (url: URL, environment: NodeJS.ProcessEnv) => URL | undefined;
  /** Whether the user wants any certificate of a server accepted. */
  readonly isInsecure: (url: URL) => boolean;
}

const AS_GO: Habits = { proxyFor: proxyAsGo, isInsecure: () => false };

/**
 * The ways to servers: by default through the proxies and with the authorities that docker and other programs in Go would
 * use.
 */
export class Routes {
  readonly #known = new Map<string, Promise<Route>>();

  constructor(
    private readonly environment: NodeJS.ProcessEnv,
    private readonly dockerFolder?: string,
    private readonly habits: Habits = AS_GO,
  ) {}

  /** Throws KdeployError `configuration` for a proxy or a certificate that cannot be used. */
  to(url: URL): Promise<Route> {
    const known = this.#known.get(url.origin);
    if (known !== undefined) return known;
    const route = this.#find(url);
    this.#known.set(url.origin, route);
    return route;
  }

  async #find(url: URL): Promise<Route> {
    const proxy = this.habits.proxyFor(url, this.environment);
    if (url.protocol === 'https:') return this.#secure(url, proxy);
    const isSecure = proxy?.protocol === 'https:';
    return {
      agent: await createAgent(proxy?.protocol ?? url.protocol),
      secureContext: isSecure ? await this.#contextFor(proxy) : undefined,
      proxy: proxy && { url: proxy, kind: 'forward' },
      isInsecure: false,
    };
  }

  async #secure(url: URL, proxy: URL | undefined): Promise<Route> {
    const [secureContext, isInsecure] = [await this.#contextFor(url), this.habits.isInsecure(url)];
    if (proxy === undefined) return { agent: await createAgent(url.protocol), secureContext, proxy, isInsecure };
    const { HttpsProxyAgent } = await import('https-proxy-agent');
    const context = await this.#contextFor(proxy);
    const agent = new HttpsProxyAgent(proxy, { keepAlive: true, ...(context && { secureContext: context }) });
    // It would hand what a proxy says over as the registry's own answer.
    agent.on('proxyConnect', ({ statusCode }: IncomingMessage, request: ClientRequest) => {
      if (statusCode !== 200) request.destroy(new ProxyFailure(String(statusCode)));
    });
    return { agent, secureContext, proxy: { url: proxy, kind: 'tunnel' }, isInsecure };
  }

  async #contextFor({ host }: URL): Promise<SecureContext | undefined> {
    const authorities = await authoritiesFor(host, this.environment, this.dockerFolder);
    return authorities.length === 0 ? undefined : contextWith(authorities, this.environment);
  }
}
