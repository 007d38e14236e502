import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TinyWheel } from './tiny-wheel.js';

/** Who may ask for an index. */
export interface IndexUser {
  readonly username: string;
  readonly password: string;
}

/**
 * Package indexes on this machine (PEP 503), each below its name: `/company/simple/`. A request for another host, which
 * reaches it as a proxy, is refused, and noted like every other.
 */
export class PackageIndexes {
  /** `GET /company/simple/alpha/`, `CONNECT pypi.org:443`. */
  readonly asked: string[] = [];
  readonly #wheels = new Map<string, TinyWheel[]>();
  readonly #users = new Map<string, IndexUser>();
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      const { url = '', method = '', headers } = request;
      this.asked.push(`${method} ${url}`);
      const [, index = '', kind = '', name = ''] = decodeURIComponent(url).split('/');
      const user = this.#users.get(index);
      if (user !== undefined && headers.authorization !== `Basic ${btoa(`${user.username}:${user.password}`)}`) {
        response.writeHead(401, { 'www-authenticate': 'Basic realm="index"' }).end();
        return;
      }
      const wheels = this.#wheels.get(index) ?? [];
      const file = kind === 'files' ? wheels.find(({ filename }) => filename === name) : undefined;
      const page = kind === 'simple' ? wheels.filter(({ filename }) => projectOf(filename) === name) : [];
      if (file !== undefined) response.writeHead(200, { 'content-length': file.bytes.length }).end(file.bytes);
      else if (page.length === 0) response.writeHead(404).end();
      else response.writeHead(200, { 'content-type': 'text/html' }).end(page.map(link).join('\n'));
    });
    this.#server.on('connect', (request, socket) => {
      this.asked.push(`CONNECT ${request.url ?? ''}`);
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    });
  }

  static async start(): Promise<PackageIndexes> {
    const indexes = new PackageIndexes();
    await new Promise<void>((resolve) => indexes.#server.listen(0, '127.0.0.1', resolve));
    return indexes;
  }

  /** `127.0.0.1:port`. */
  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Offers wheels in an index, and returns its URL. */
  offer(index: string, wheels: readonly TinyWheel[], user?: IndexUser): string {
    this.#wheels.set(index, [...wheels]);
    if (user !== undefined) this.#users.set(index, user);
    return this.url(index);
  }

  url(index: string): string {
    return `http://${this.host}/${index}/simple/`;
  }

  /** The URL with the user and password in it. */
  urlFor(index: string, { username, password }: IndexUser): string {
    return this.url(index).replace('://', `://${username}:${password}@`);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

export function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function projectOf(filename: string): string {
  return (filename.split('-')[0] ?? '').replace(/[-_.]+/g, '-').toLowerCase();
}

function link({ filename, bytes }: TinyWheel): string {
  return `<a href="../../files/${encodeURIComponent(filename)}#sha256=${sha256(bytes)}">${filename}</a>`;
}
