import type { Agent, ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import { sendBody } from './send-body.js';
import { unpacked } from './unpack.js';
import type { AnswerHeaders, Wire, WireAnswer, WireRequest } from './wire.js';

/** A server that closes a connection while a request is on its way costs a try; few close one so soon. */
const IDLE_CONNECTION_MS = 4_000;

/**
 * HTTP as Node speaks it. Not its fetch: that keeps what it copies in memory, a gigabyte for an image of one, and takes
 * three times as long for it.
 */
export class HttpWire implements Wire {
  readonly #agents = new Map<string, Promise<Agent>>();

  async exchange(asked: WireRequest): Promise<WireAnswer> {
    const { method, url, headers, body, signal, onMoved = () => undefined } = asked;
    // Loaded here: they take 3 % of the start of every command.
    const { request } = await (url.protocol === 'https:' ? import('node:https') : import('node:http'));
    const agent = await this.#agentFor(url);
    signal.throwIfAborted();
    const options: RequestOptions = { method, headers: { ...headers, ...lengthOf(body) }, agent, signal };
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const sent = request(url, options);
      // Stays: what breaks later is told by the answer's body.
      sent.on('error', reject);
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

  /** Connections are used again, and keep no process from its end. */
  #agentFor({ protocol }: URL): Promise<Agent> {
    const known = this.#agents.get(protocol);
    if (known !== undefined) return known;
    const made = createAgent(protocol);
    this.#agents.set(protocol, made);
    return made;
  }
}

async function createAgent(protocol: string): Promise<Agent> {
  const { Agent } = await (protocol === 'https:' ? import('node:https') : import('node:http'));
  return new Agent({ keepAlive: true, timeout: IDLE_CONNECTION_MS });
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
