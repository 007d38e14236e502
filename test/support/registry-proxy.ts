import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** What becomes of one request: it is passed on, answered in the registry's place, cut off after some bytes, or never answered. */
export type Fault = 'pass' | { readonly status: number } | 'cut' | 'hold';

export interface RegistryProxy {
  /** `127.0.0.1:41234`. */
  readonly address: string;
  /** Decides about each request; may be exchanged. Passes everything on at first. */
  decide: (request: { readonly method: string; readonly path: string }) => Fault;
  /** What was decided for which request, in order. */
  readonly log: readonly { readonly method: string; readonly path: string; readonly fault: Fault }[];
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
  const log: { method: string; path: string; fault: Fault }[] = [];
  const server = createServer((incoming, outgoing) => {
    const asked = { method: incoming.method ?? 'GET', path: incoming.url ?? '/' };
    const fault = proxy.decide(asked);
    log.push({ ...asked, fault });
    if (fault === 'pass') passOn(registry, incoming, outgoing);
    else if (fault === 'hold') {
      // Read, so that the other side goes on sending and notices nothing.
      incoming.resume();
      held.push(incoming.socket);
      waiting.splice(0).forEach((tell) => tell());
    } else if (fault === 'cut') incoming.once('data', () => incoming.socket.destroy());
    else {
      incoming.resume();
      outgoing.writeHead(fault.status, { 'content-type': 'text/plain' }).end('the proxy refuses\n');
    }
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
function passOn(registry: string, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const [host, port] = registry.split(':');
  const upstream = httpRequest(
    { host, port, method: incoming.method, path: incoming.url, headers: incoming.headers },
    (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    },
  );
  upstream.once('error', () => outgoing.destroy());
  incoming.pipe(upstream);
}
