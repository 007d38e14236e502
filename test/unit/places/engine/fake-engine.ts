import { EventEmitter } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Duplex } from 'node:stream';
import Docker from 'dockerode';
import { pack } from 'tar-stream';
import { superviseCalls, type CallLimits } from '../../../../src/places/engine/calls.js';
import { TemporaryFolder } from '../../temporary-folder.js';

export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export type Answer = (response: ServerResponse, request: RecordedRequest) => void;

/**
 * A fake engine, no Docker: a real HTTP server on a unix socket that plays the answers which a test gives it, so that
 * dockerode and everything above it run for real. What a real engine does is tested in test/integration.
 */
export class FakeEngine {
  readonly requests: RecordedRequest[] = [];
  /** Emits `request` for each of them. */
  readonly seen = new EventEmitter();
  readonly docker: Docker;
  readonly calls: ReturnType<typeof superviseCalls>;
  private readonly answers = new Map<string, Answer>();
  private upgraded: ((socket: Duplex, request: IncomingMessage) => void) | undefined;

  private constructor(
    private readonly folder: TemporaryFolder,
    private readonly server: Server,
    readonly socket: string,
    limits: Partial<CallLimits>,
    signal: AbortSignal | undefined,
  ) {
    // `host` takes back what dockerode reads from DOCKER_HOST by itself.
    const options: object = { socketPath: socket, host: undefined };
    this.docker = new Docker(options);
    this.calls = superviseCalls(this.docker, signal, limits);
  }

  static async start(limits: Partial<CallLimits> = {}, signal?: AbortSignal): Promise<FakeEngine> {
    const folder = await TemporaryFolder.create();
    const socket = folder.file('engine.sock');
    const server = createServer((request, response) => void engine.receive(request, response));
    server.on('upgrade', (request, connection) => {
      if (engine.upgraded === undefined) connection.destroy();
      else engine.upgraded(connection, request);
    });
    const engine = new FakeEngine(folder, server, socket, limits, signal);
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    return engine;
  }

  /** How to answer `GET /images/x/json`. A later answer to the same replaces the earlier one. */
  on(route: string, answer: Answer): this {
    this.answers.set(route, answer);
    return this;
  }

  onUpgrade(take: (socket: Duplex, request: IncomingMessage) => void): this {
    this.upgraded = take;
    return this;
  }

  /** `GET /images/x/json`, as asked so far. */
  get asked(): string[] {
    return this.requests.map(({ method, path }) => `${method} ${path}`);
  }

  /** The one request to a route; none or several fail the test. */
  only(route: string): RecordedRequest {
    const found = this.requests.filter(({ method, path }) => `${method} ${path}` === route);
    if (found.length !== 1 || found[0] === undefined) throw new Error(`${route} was asked ${found.length} times`);
    return found[0];
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
    await this.folder.remove();
  }

  private async receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://engine');
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      // The client broke off; whatever it had asked has no answer.
      return;
    }
    const recorded: RecordedRequest = {
      method: request.method ?? '',
      path: decodeURIComponent(pathname),
      query: searchParams,
      headers: request.headers,
      body: Buffer.concat(chunks),
    };
    this.requests.push(recorded);
    this.seen.emit('request');
    const answer = this.answers.get(`${recorded.method} ${recorded.path}`);
    (answer ?? refuse(404, `no such thing: ${recorded.method} ${recorded.path}`))(response, recorded);
  }
}

export function json(body: unknown, status = 200): Answer {
  return (response) => response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}

/** As the engine refuses: a status and a JSON message. */
export function refuse(status: number, message: string): Answer {
  return json({ message }, status);
}

export function nothing(status = 204): Answer {
  return (response) => response.writeHead(status).end();
}

/** The engine goes away: the connection breaks, before any answer or in the middle of one. */
export function hangUp(after = ''): Answer {
  return (response) => {
    if (after === '') response.socket?.destroy();
    else response.write(after, () => response.socket?.destroy());
  };
}

/** An answer of JSON records, one a line, each in a chunk of its own. */
export function records(...messages: readonly object[]): Answer {
  return (response) => {
    response.writeHead(200, { 'Content-Type': 'application/json' });
    for (const message of messages) response.write(`${JSON.stringify(message)}\r\n`);
    response.end();
  };
}

export interface FakeEntry {
  readonly name: string;
  readonly content?: string;
  readonly type?: 'file' | 'directory' | 'symlink';
  readonly uid?: number;
  readonly gid?: number;
  readonly mode?: number;
  readonly mtime?: Date;
  readonly linkname?: string;
}

/** As GET /containers/{id}/archive answers. */
export function archive(...entries: readonly FakeEntry[]): Answer {
  return (response) => {
    response.writeHead(200, { 'Content-Type': 'application/x-tar' });
    const tar = pack();
    for (const { content, ...header } of entries) tar.entry(header, content ?? '');
    tar.finalize();
    tar.pipe(response);
  };
}

/** As HEAD /containers/{id}/archive tells what stands at a path: Go's os.FileMode, the type in the high bits. */
export function pathStat(kind: 'folder' | 'link' | 'file', size = 3): Answer {
  const mode = { folder: 2 ** 31, link: 2 ** 27, file: 0 }[kind] + 0o755;
  const stat = Buffer.from(JSON.stringify({ name: 'x', size, mode })).toString('base64');
  return (response) => response.writeHead(200, { 'X-Docker-Container-Path-Stat': stat }).end();
}

/** Engine API, "Attach to a container", stream format: 1 for stdout, 2 for stderr. */
export function frame(stream: 1 | 2, text: string): Buffer {
  const payload = Buffer.from(text);
  const header = Buffer.alloc(8);
  header.writeUInt8(stream, 0);
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}
