import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What somebody asked a fake server. */
export interface Asked {
  readonly method: string;
  /** The path with its query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** `hang-up`: no answer, and the connection is gone. An object as body is sent as JSON. */
export type Answer =
  | 'hang-up'
  | {
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string | object | null;
    };

/** A server on this machine that answers as the test says, and keeps what it was asked. */
export class FakeServer {
  readonly asked: Asked[] = [];
  answer: (asked: Asked) => Answer = () => ({ status: 404 });
  private readonly server: Server;
  private port = 0;

  private constructor() {
    this.server = createServer((request, response) => this.listen(request, response));
  }

  static async start(answer?: (asked: Asked) => Answer): Promise<FakeServer> {
    const fake = new FakeServer();
    if (answer !== undefined) fake.answer = answer;
    await new Promise<void>((resolve) => fake.server.listen(0, '127.0.0.1', resolve));
    fake.port = (fake.server.address() as AddressInfo).port;
    return fake;
  }

  /** `127.0.0.1:port`. */
  get host(): string {
    return `127.0.0.1:${this.port}`;
  }

  get url(): string {
    return `http://${this.host}`;
  }

  /** From then on nobody listens at its address. */
  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private readonly listen: RequestListener = (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const asked = { method, url, headers, body: Buffer.concat(chunks).toString() };
      this.asked.push(asked);
      const answer = this.answer(asked);
      if (answer === 'hang-up') {
        request.socket.destroy();
        return;
      }
      const { status = 200, headers: given = {}, body = '' } = answer;
      response.writeHead(status, given).end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  };
}
