import { connect, type ClientHttp2Session, type IncomingHttpHeaders } from 'node:http2';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { expect } from 'chai';
import {
  openBuildkitSession,
  type BuildkitSession,
  type SessionAnswers,
} from '../../../../src/places/engine/buildkit-session.js';
import { rejection } from '../../../support/rejection.js';
import { FakeEngine } from './fake-engine.js';
import { field } from './protobuf.js';

interface Reply {
  /** grpc-status: 0 for OK. */
  readonly status: string;
  readonly message: Buffer;
  readonly details: string;
}

/**
 * Plays BuildKit on the engine's end of the session: a gRPC client by hand (HTTP/2, five bytes before each message), so
 * that what is tested is what goes over the wire.
 */
class FakeBuildkit {
  private constructor(
    private readonly http2: ClientHttp2Session,
    readonly request: IncomingMessage,
  ) {
    // A session that is shut down tells its client so (GOAWAY), which is what `close` is there for.
    http2.on('error', () => undefined);
  }

  static accept(engine: FakeEngine): Promise<FakeBuildkit> {
    return new Promise((resolve) => {
      engine.onUpgrade((socket: Duplex, request) => {
        socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n');
        resolve(new FakeBuildkit(connect('http://kdeploy', { createConnection: () => socket }), request));
      });
    });
  }

  call(method: string, message: Buffer = Buffer.alloc(0)): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const stream = this.http2.request({
        ':method': 'POST',
        ':path': method,
        'content-type': 'application/grpc',
        te: 'trailers',
      });
      const chunks: Buffer[] = [];
      let ending: IncomingHttpHeaders = {};
      stream.on('response', (headers) => (ending = headers));
      stream.on('trailers', (headers: IncomingHttpHeaders) => (ending = headers));
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('error', reject);
      stream.on('end', () =>
        resolve({
          status: String(ending['grpc-status']),
          details: decodeURIComponent(String(ending['grpc-message'] ?? '')),
          message: Buffer.concat(chunks).subarray(5),
        }),
      );
      const header = Buffer.alloc(5);
      header.writeUInt32BE(message.length, 1);
      stream.end(Buffer.concat([header, message]));
    });
  }

  closed(): Promise<void> {
    return new Promise((resolve) => this.http2.once('close', resolve));
  }
}

const SECRET = '/moby.buildkit.secrets.v1.Secrets/GetSecret';
const CREDENTIALS = '/moby.filesync.v1.Auth/Credentials';

describe('a BuildKit session', () => {
  let engine: FakeEngine;
  let session: BuildkitSession | undefined;

  beforeEach(async () => {
    engine = await FakeEngine.start();
  });

  afterEach(async () => {
    session?.close();
    session = undefined;
    await engine.stop();
  });

  const open = async (answers: Partial<SessionAnswers> = {}): Promise<FakeBuildkit> => {
    const accepted = FakeBuildkit.accept(engine);
    session = await openBuildkitSession(engine.docker, {
      secret: () => Promise.resolve(undefined),
      credentials: () => Promise.resolve(undefined),
      ...answers,
    });
    return accepted;
  };

  it('is announced with its ID and with what it answers to', async () => {
    const { request } = await open();
    expect([request.method, request.url]).to.deep.equal(['POST', '/session']);
    expect(request.headers).to.include({ upgrade: 'h2c', 'x-docker-expose-session-uuid': session?.id });
    expect(request.headers['x-docker-expose-session-grpc-method']).to.contain(SECRET);
  });

  it('hands out a secret by its ID, byte for byte', async () => {
    const bytes = Buffer.from([0, 255, 10, 195, 164]);
    const buildkit = await open({ secret: (id) => Promise.resolve(id === 'pip' ? bytes : undefined) });
    const reply = await buildkit.call(SECRET, field(1, 'pip'));
    expect([reply.status, reply.message]).to.deep.equal(['0', field(1, bytes)]);
  });

  it('says NOT_FOUND for a secret that was not given, so that a mount may do without', async () => {
    const buildkit = await open();
    const reply = await buildkit.call(SECRET, field(1, 'netrc'));
    expect([reply.status, reply.details]).to.deep.equal(['5', 'no secret netrc was given']);
  });

  it('fails the build, not the process, when a secret cannot be read', async () => {
    const buildkit = await open({ secret: () => Promise.reject(new Error('EACCES: pip.conf')) });
    const reply = await buildkit.call(SECRET, field(1, 'pip'));
    expect([reply.status, reply.details]).to.deep.equal(['13', 'EACCES: pip.conf']);
  });

  it('shows the credentials of the host that is asked for, and of no other', async () => {
    const buildkit = await open({
      credentials: (host) =>
        Promise.resolve(host === 'registry.example.com' ? { username: 'me', password: 'hunter2' } : undefined),
    });
    const reply = await buildkit.call(CREDENTIALS, field(1, 'registry.example.com'));
    expect(reply.message).to.deep.equal(Buffer.concat([field(1, 'me'), field(2, 'hunter2')]));
    const other = await buildkit.call(CREDENTIALS, field(1, 'registry.example.co'));
    expect([other.status, other.message]).to.deep.equal(['0', Buffer.alloc(0)]);
  });

  it('tells that it is alive, and knows nothing else', async () => {
    const buildkit = await open();
    expect((await buildkit.call('/grpc.health.v1.Health/Check')).message).to.deep.equal(Buffer.from([0x08, 1]));
    expect((await buildkit.call('/moby.filesync.v1.FileSync/DiffCopy')).status).to.equal('12');
  });

  it('ends when it is closed, so that the process can', async () => {
    const buildkit = await open();
    const closed = buildkit.closed();
    session?.close();
    await closed;
  });

  it('is refused in the engine’s words', async () => {
    const answers = { secret: () => Promise.resolve(undefined), credentials: () => Promise.resolve(undefined) };
    engine.onUpgrade((socket) =>
      socket.end('HTTP/1.1 500 Internal Server Error\r\nContent-Length: 30\r\n\r\n{"message":"no BuildKit here"}'),
    );
    const error = await rejection(openBuildkitSession(engine.docker, answers satisfies SessionAnswers));
    expect([error.code, error.message]).to.deep.equal([
      'engine-unreachable',
      'the engine did not open a BuildKit session: no BuildKit here',
    ]);
  });
});
