import type { ClientRequest, IncomingMessage } from 'node:http';
import type { RequestOptions } from 'node:https';
import { systemCodeOf } from '../../errors.js';
import { ProxyFailure } from '../../network/failure.js';
import { Routes, type Habits, type Route } from './route.js';
import { sendBody } from './send-body.js';
import { unpacked } from './unpack.js';
import type { AnswerHeaders, Wire, WireAnswer, WireRequest } from './wire.js';

/**
 * HTTP as Node speaks it. Not its fetch: that keeps what it copies in memory, a gigabyte for an image of one, takes three
 * times as long for it, and knows of no proxy.
 */
export class HttpWire implements Wire {
  readonly #routes: Routes;

  /** `dockerFolder`: where Docker has the authorities of registries. */
  constructor(environment: NodeJS.ProcessEnv = process.env, dockerFolder?: string, habits?: Habits) {
    this.#routes = new Routes(environment, dockerFolder, habits);
  }

  async exchange({ method, url, headers, body, signal, onMoved = () => undefined }: WireRequest): Promise<WireAnswer> {
    const route = await this.#routes.to(url);
    const { proxy, agent, secureContext, isInsecure } = route;
    const [address, more] = proxy?.kind === 'forward' ? forwarded(url, proxy.url) : [url, {}];
    // Loaded here: they take 3 % of the start of every command.
    const { request } = await (address.protocol === 'https:' ? import('node:https') : import('node:http'));
    const options: RequestOptions = {
      method,
      agent,
      signal,
      ...more,
      headers: { ...headers, ...more.headers, ...lengthOf(body) },
      ...(secureContext && { secureContext }),
      ...(isInsecure && { rejectUnauthorized: false }),
    };
    signal.throwIfAborted();
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const sent = request(address, options);
      const failed = failureOn(sent, route);
      // Stays: what breaks later is told by the answer's body.
      sent.on('error', (error) => reject(failed(error)));
      sent.once('response', (response) => {
        endWith(response, sent);
        resolve(response);
      });
      sendBody(sent, body, onMoved).catch((error: unknown) => {
        sent.destroy();
        reject(error instanceof Error ? error : new Error(String(error)));
      });
    });
    return { status: answer.statusCode ?? 0, headers: headersOf(answer), body: unpacked(answer, method) };
  }
}

/** A proxy is asked for the whole address (RFC 9112, 3.2.2). */
function forwarded(url: URL, proxy: URL): [address: URL, more: { path: string; headers: Record<string, string> }] {
  const [username, password] = [proxy.username, proxy.password].map(decodeURIComponent);
  const credentials = Buffer.from(`${username ?? ''}:${password ?? ''}`).toString('base64');
  const isKnown = proxy.username !== '' || proxy.password !== '';
  return [
    new URL(proxy.origin),
    { path: url.href, headers: { Host: url.host, ...(isKnown && { 'Proxy-Authorization': `Basic ${credentials}` }) } },
  ];
}

/** What fails before a proxy has let the request through is the proxy's. */
function failureOn(sent: ClientRequest, { proxy }: Route): (error: Error) => Error {
  if (proxy === undefined) return (error) => error;
  let isThrough = false;
  const through = () => {
    isThrough = true;
  };
  sent.once('socket', (socket) => {
    if (proxy.kind === 'forward' && socket.connecting) socket.once('connect', through);
    else through();
  });
  return (error) =>
    isThrough || error instanceof ProxyFailure || error.name === 'AbortError'
      ? error
      : new ProxyFailure(systemCodeOf(error) ?? 'FAILED', error);
}

/** Said of no body as well, where one is possible: without it, some servers wait for one. */
function lengthOf(body: WireRequest['body']): Record<string, string> {
  return body instanceof Uint8Array ? { 'Content-Length': String(body.length) } : {};
}

/** A server that answered before it had everything wants no more: what is left of the request would keep the connection. */
function endWith(answer: IncomingMessage, sent: ClientRequest): void {
  // Without a listener, one that breaks off before it is read would not say so.
  answer.on('error', () => undefined);
  answer.once('end', () => {
    if (!sent.writableEnded) sent.destroy();
  });
}

function headersOf({ headers }: IncomingMessage): AnswerHeaders {
  const value = (name: string): string | undefined => {
    const given = headers[name.toLowerCase()];
    return Array.isArray(given) ? given.join(', ') : given;
  };
  return { get: (name) => value(name) ?? null, has: (name) => value(name) !== undefined };
}
