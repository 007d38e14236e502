import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** What the proxy does to an answer. */
export const FAULTS = {
  'cut before the answer': ({ client }) => client.destroy(),
  'closed without an answer': ({ client }) => client.end(),
  'cut in the middle of the answer': ({ client, answered }) =>
    answered((response, body) => {
      response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': body.length + 100 });
      response.write(body, () => client.destroy());
    }),
  'ended in the middle of the answer': ({ client, answered }) =>
    answered((response, body) => {
      // As HTTP/1.0 does, where nothing tells how long the answer is.
      client.end(`HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n${body.toString().slice(0, 5)}`);
      response.destroy();
    }),
  'done, and cut before the answer': ({ client, answered }) => answered(() => client.destroy()),
  'a page with status 200': page(200),
  'a page with status 404': page(404),
  'a page with status 502': page(502),
  'a redirect to a page': ({ response }) => response.writeHead(302, { Location: 'https://login.test/' }).end(),
  'text that is no JSON': ({ response }) => response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"'),
  'null for an answer': ({ response }) => response.writeHead(200, { 'Content-Type': 'application/json' }).end('null'),
  'an empty object': ({ response }) => response.writeHead(200, { 'Content-Type': 'application/json' }).end('{}'),
  'a list of numbers': ({ response }) => response.writeHead(200, { 'Content-Type': 'application/json' }).end('[1]'),
  'an answer without content': ({ response }) => response.writeHead(200).end(),
  'status 500': ({ response }) => response.writeHead(500, { 'Content-Type': 'application/json' }).end(REFUSAL),
  'no answer at all': () => undefined,
} satisfies Readonly<Record<string, (exchange: Exchange) => unknown>>;

export type Fault = keyof typeof FAULTS;

const REFUSAL = JSON.stringify({ message: 'no space left on device' });

interface Exchange {
  readonly client: Socket;
  readonly response: ServerResponse;
  /** Lets the server do what it was asked to, and hands over its answer. */
  readonly answered: (take: (response: ServerResponse, body: Buffer) => void) => void;
}

function page(status: number): (exchange: Exchange) => unknown {
  return ({ response }) =>
    response
      .writeHead(status, { 'Content-Type': 'text/html; charset=utf-8' })
      .end('<html><body>Please log in.</body></html>');
}

interface Upstream {
  readonly socketPath?: string;
  readonly host?: string;
  readonly port?: number;
}

/** In front of a server: it passes everything on but what it is to spoil. */
export class FaultProxy {
  /** `POST /images/x/tag`, of what was spoiled. */
  readonly spoiled: string[] = [];
  private fault: Fault | undefined;
  private routes = /^/;
  private times = Infinity;
  private skipped = 0;

  private constructor(
    private readonly server: Server,
    /** The socket that the proxy listens at; empty on a port. */
    readonly socket: string,
    private readonly upstream: Upstream,
  ) {}

  static async start(socket: string, upstream: string): Promise<FaultProxy> {
    return FaultProxy.listen(socket, { socketPath: upstream });
  }

  /** In front of a server on a port of this machine. */
  static async startOnPort(upstream: string): Promise<FaultProxy> {
    const [host = '', port] = upstream.split(':');
    return FaultProxy.listen('', { host, port: Number(port) });
  }

  private static async listen(socket: string, upstream: Upstream): Promise<FaultProxy> {
    const server = createServer((incoming, response) => proxy.serve(incoming, response));
    const proxy = new FaultProxy(server, socket, upstream);
    server.on('upgrade', (incoming, client, head) => proxy.upgrade(incoming, client, head));
    const place = socket === '' ? { host: '127.0.0.1', port: 0 } : { path: socket };
    await new Promise<void>((resolve) => server.listen(place, resolve));
    return proxy;
  }

  /** `127.0.0.1:port`. */
  get host(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** From now on these requests meet this fault, as often as told, after some that do not. */
  spoil(fault: Fault, routes = /^/, times = Infinity, skipped = 0): this {
    [this.fault, this.routes, this.times, this.skipped] = [fault, routes, times, skipped];
    return this;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private serve(incoming: IncomingMessage, response: ServerResponse): void {
    const answered: Exchange['answered'] = (take) =>
      this.forward(incoming, response, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () => take(response, Buffer.concat(chunks)));
      });
    const route = `${incoming.method ?? ''} ${(incoming.url ?? '').replace(/\?.*$/, '')}`;
    const isMet = this.fault !== undefined && this.times > 0 && this.routes.test(route) && this.skipped-- <= 0;
    if (this.fault !== undefined && isMet) {
      this.times -= 1;
      this.spoiled.push(route);
      FAULTS[this.fault]({ client: incoming.socket, response, answered });
      return;
    }
    this.forward(incoming, response, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.on('error', () => response.destroy());
      answer.pipe(response);
    });
  }

  private forward(incoming: IncomingMessage, response: ServerResponse, take: (answer: IncomingMessage) => void): void {
    const { method, url: path, headers } = incoming;
    const forwarded = request({ ...this.upstream, method, path, headers, agent: false }, take);
    forwarded.on('error', () => response.destroy());
    response.once('close', () => forwarded.destroy());
    incoming.pipe(forwarded);
  }

  /** Connections that become raw: sessions of BuildKit. */
  private upgrade(incoming: IncomingMessage, client: Duplex, head: Buffer): void {
    const server = connect({ path: this.upstream.socketPath ?? '' });
    const lines = incoming.rawHeaders.reduce(
      (text, each, index) => text + each + (index % 2 === 0 ? ': ' : '\r\n'),
      `${incoming.method ?? ''} ${incoming.url ?? ''} HTTP/1.1\r\n`,
    );
    server.write(`${lines}\r\n`);
    server.write(head);
    client.pipe(server).pipe(client);
    client.on('error', () => server.destroy());
    server.on('error', () => client.destroy());
  }
}
