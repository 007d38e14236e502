import {
  createServer,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** What becomes of one request. */
export type Fault =
  | 'pass'
  /** Answered in the registry's place. */
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string | Buffer }
  /** Reset as soon as some of its body is there, of which the registry hears nothing. */
  | 'cut'
  /** Never answered. */
  | 'hold'
  | PassedOn
  /** The registry gives up the upload first, as one does that is restarted, and is asked then. */
  | 'forget';

/** Passed on, but not as it should be. */
interface PassedOn {
  readonly delayMs?: number;
  /** Reset when so many bytes of the request's body are at the registry, which keeps them or not. */
  readonly cutAfter?: number;
  /** The connection ends when so many bytes of the answer's body have passed. */
  readonly truncateAfter?: number;
  /** The byte at this place of the answer's body is another one. */
  readonly corruptAt?: number;
}

export interface Asked {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

export interface RegistryProxy {
  /** `127.0.0.1:41234`. */
  readonly address: string;
  /** Decides about each request; may be exchanged. Passes everything on at first. */
  decide: (request: Asked) => Fault;
  /** What was decided for which request, in order. */
  readonly log: readonly (Asked & { readonly fault: Fault })[];
  /** Resolves with the next request that is held. */
  nextHeld(): Promise<void>;
  /** Breaks off what is held. */
  dropHeld(): void;
  stop(): Promise<void>;
}

/** Stands in front of a real registry and does what networks and overloaded registries do. */
export async function startRegistryProxy(registry: string): Promise<RegistryProxy> {
  const waiting: (() => void)[] = [];
  const held: Socket[] = [];
  const log: (Asked & { fault: Fault })[] = [];
  const server = createServer((incoming, outgoing) => {
    const asked = { method: incoming.method ?? 'GET', path: incoming.url ?? '/', headers: incoming.headers };
    const fault = proxy.decide(asked);
    log.push({ ...asked, fault });
    if (fault === 'hold') {
      // Read, so that the other side goes on sending and notices nothing.
      incoming.resume();
      held.push(incoming.socket);
      waiting.splice(0).forEach((tell) => tell());
    } else if (fault === 'cut') incoming.once('data', () => incoming.socket.destroy());
    else if (typeof fault === 'object' && 'status' in fault) {
      const { status, headers = { 'content-type': 'text/plain' }, body = 'the proxy refuses\n' } = fault;
      incoming.resume();
      outgoing.writeHead(status, headers).end(body);
    } else void passOn(registry, fault, incoming, outgoing);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const proxy: RegistryProxy = {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    decide: () => 'pass',
    log,
    nextHeld: () => new Promise((resolve) => waiting.push(resolve)),
    dropHeld: () => held.splice(0).forEach((socket) => socket.destroy()),
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}

/** With the Host header as it came: the registry makes the addresses of its uploads from it, which lead back through the proxy. */
async function passOn(
  registry: string,
  fault: 'pass' | 'forget' | PassedOn,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  if (fault === 'forget') await forget(registry, incoming);
  const { delayMs, cutAfter, truncateAfter, corruptAt }: PassedOn = typeof fault === 'object' ? fault : {};
  if (delayMs !== undefined) await delay(delayMs);
  const [host, port] = registry.split(':');
  const { method, url: path, headers } = incoming;
  const upstream = httpRequest({ host, port, method, path, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    if (truncateAfter !== undefined) sendBeginning(answer, outgoing, truncateAfter);
    else if (corruptAt !== undefined) sendCorrupted(answer, outgoing, corruptAt);
    else answer.pipe(outgoing);
  });
  upstream.once('error', () => outgoing.destroy());
  // The registry hears of it where the client breaks off.
  incoming.once('close', () => {
    if (!incoming.complete) upstream.destroy();
  });
  if (cutAfter !== undefined) resetAfter(cutAfter, incoming, upstream);
  else incoming.pipe(upstream);
}

function resetAfter(limit: number, incoming: IncomingMessage, upstream: ReturnType<typeof httpRequest>): void {
  let passed = 0;
  incoming.on('data', (chunk: Buffer) => {
    const rest = chunk.subarray(0, limit - passed);
    passed += rest.length;
    // The client hears of it when the registry has had what there is.
    upstream.write(rest, () => {
      if (passed < limit) return;
      upstream.destroy();
      incoming.socket.resetAndDestroy();
    });
  });
  incoming.once('end', () => upstream.end());
}

function sendBeginning(answer: IncomingMessage, outgoing: ServerResponse, limit: number): void {
  let passed = 0;
  outgoing.flushHeaders();
  answer.on('data', (chunk: Buffer) => {
    const rest = chunk.subarray(0, limit - passed);
    passed += rest.length;
    outgoing.write(rest);
    if (passed < limit) return;
    answer.destroy();
    // When it has sent what it has.
    outgoing.socket?.destroySoon();
  });
  answer.once('end', () => outgoing.end());
}

function sendCorrupted(answer: IncomingMessage, outgoing: ServerResponse, place: number): void {
  let passed = 0;
  answer.on('data', (chunk: Buffer) => {
    const index = place - passed;
    if (index >= 0 && index < chunk.length) chunk.writeUInt8(chunk.readUInt8(index) ^ 1, index);
    passed += chunk.length;
    outgoing.write(chunk);
  });
  answer.once('end', () => outgoing.end());
}

/** OCI distribution spec, "Canceling an upload". */
async function forget(
  registry: string,
  { url = '/', headers: { authorization, host } }: IncomingMessage,
): Promise<void> {
  const { pathname, searchParams } = new URL(url, `http://${registry}`);
  searchParams.delete('digest');
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const [hostname, port] = registry.split(':');
    const path = `${pathname}?${searchParams.toString()}`;
    const headers = { ...(authorization !== undefined && { authorization }), ...(host !== undefined && { host }) };
    httpRequest({ hostname, port, method: 'DELETE', path, headers }, resolve).once('error', reject).end();
  });
  answer.resume();
  if (answer.statusCode !== 204) throw new Error(`the registry does not cancel an upload: ${answer.statusCode ?? 0}`);
}
