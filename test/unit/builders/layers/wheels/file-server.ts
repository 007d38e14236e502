import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** A server of files that can do badly: the first handlers answer one request each, the last one all others. */
export class FileServer {
  readonly requests: IncomingMessage[] = [];
  readonly handlers: Handler[] = [];
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      this.requests.push(request);
      const handler = this.handlers.length > 1 ? this.handlers.shift() : this.handlers[0];
      if (handler === undefined) response.writeHead(404).end();
      else handler(request, response);
    });
  }

  static async start(...handlers: Handler[]): Promise<FileServer> {
    const server = new FileServer();
    server.handlers.push(...handlers);
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  url(path: string): string {
    return `http://${this.host}${path}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** All of a file, or the range that is asked for. */
export function serve(content: Buffer): Handler {
  return (request, response) => {
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? Number.NaN);
    if (Number.isNaN(from)) response.writeHead(200, { 'content-length': content.length }).end(content);
    else if (from >= content.length) response.writeHead(416).end();
    else {
      const range = `bytes ${from}-${content.length - 1}/${content.length}`;
      response.writeHead(206, { 'content-range': range, 'content-length': content.length - from });
      response.end(content.subarray(from));
    }
  };
}

/** As `serve`, and breaks the connection after so many bytes. */
export function breakAfter(count: number, content: Buffer): Handler {
  return (request, response) => {
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const range = from === 0 ? {} : { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` };
    response.writeHead(from === 0 ? 200 : 206, { ...range, 'content-length': content.length - from });
    response.write(content.subarray(from, from + count), () => response.destroy());
  };
}

export function status(code: number, headers: Readonly<Record<string, string>> = {}): Handler {
  return (_, response) => {
    response.writeHead(code, headers).end('no');
  };
}

/** Only for who logs in so. */
export function guarded(username: string, password: string, handler: Handler): Handler {
  const wanted = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  return (request, response) => {
    if (request.headers.authorization === wanted) handler(request, response);
    else response.writeHead(401).end();
  };
}
