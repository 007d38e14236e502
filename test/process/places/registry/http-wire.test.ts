import { execFile } from 'node:child_process';
import { createServer, request as requestHttp, type IncomingMessage, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { connectionErrorOf } from '../../../../src/places/registry/connection-error.js';
import { HttpWire } from '../../../../src/places/registry/http-wire.js';
import type { WireAnswer } from '../../../../src/places/registry/wire.js';
import { selfSigned, startTlsServer, type SelfSigned } from '../../../support/certificates.js';
import { rejection } from '../../../support/rejection.js';
import { TemporaryFolder } from '../../../unit/temporary-folder.js';

const ask = (wire: HttpWire, url: string): Promise<WireAnswer> =>
  wire.exchange({
    method: 'GET',
    url: new URL(url),
    headers: { Authorization: 'Bearer hunter2-token' },
    signal: new AbortController().signal,
  });

async function read({ body }: WireAnswer): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

const problemOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'none',
    (error: unknown) => connectionErrorOf(error, 'GET', 'https://r.test/').problem,
  );

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

describe('the way to a registry', () => {
  let folder: TemporaryFolder;
  let ours: SelfSigned;
  let other: SelfSigned;
  let server: Server;
  let port: string;
  const served: IncomingMessage[] = [];

  before(async () => {
    folder = await TemporaryFolder.create();
    ours = await selfSigned(folder, 'server', 'IP:127.0.0.1,DNS:registry.test');
    other = await selfSigned(folder, 'other');
    const [started, host] = await startTlsServer({ cert: ours.certificate, key: ours.key }, (request, response) => {
      served.push(request);
      response.end('over TLS');
    });
    server = started;
    port = host.split(':')[1] ?? '';
  });

  beforeEach(() => served.splice(0));

  after(async () => {
    server.closeAllConnections();
    server.close();
    await folder.remove();
  });

  const wireWith = (environment: NodeJS.ProcessEnv): HttpWire => new HttpWire(environment, folder.file('certs.d'));

  describe('with TLS', () => {
    it('trusts no authority that nobody named', async () => {
      for (const environment of [{}, { SSL_CERT_FILE: other.file }, { REQUESTS_CA_BUNDLE: ours.file }])
        expect(await problemOf(ask(wireWith(environment), `https://127.0.0.1:${port}/`))).to.equal(
          'certificate-of-unknown-authority',
        );
    });

    it('trusts that of SSL_CERT_FILE', async () => {
      const answer = await ask(wireWith({ SSL_CERT_FILE: ours.file }), `https://127.0.0.1:${port}/`);
      expect(await read(answer)).to.equal('over TLS');
    });

    it('trusts that of NODE_EXTRA_CA_CERTS besides another', async function () {
      // Node itself knows of it there, and takes it from its own environment.
      if ('getCACertificates' in process.getBuiltinModule('node:tls')) this.skip();
      const wire = wireWith({ SSL_CERT_FILE: other.file, NODE_EXTRA_CA_CERTS: ours.file });
      expect(await read(await ask(wire, `https://127.0.0.1:${port}/`))).to.equal('over TLS');
    });

    it('trusts what Docker trusts for this registry, and for no other', async () => {
      await folder.write({ [path.join('certs.d', `127.0.0.1:${port}`, 'ca.crt')]: ours.certificate });
      expect(await read(await ask(wireWith({}), `https://127.0.0.1:${port}/`))).to.equal('over TLS');
      const [elsewhere, host] = await startTlsServer({ cert: ours.certificate, key: ours.key }, (_, response) =>
        response.end(),
      );
      expect(await problemOf(ask(wireWith({}), `https://${host}/`))).to.equal('certificate-of-unknown-authority');
      elsewhere.close();
    });

    it('brings a large answer whole, also where it is read slowly', async () => {
      const layer = Buffer.from(Array.from({ length: 3_000_000 }, (_, index) => (index * 7) % 251));
      const [large, host] = await startTlsServer({ cert: ours.certificate, key: ours.key }, (_, response) =>
        response.end(layer),
      );
      const { body } = await ask(wireWith({ SSL_CERT_FILE: ours.file }), `https://${host}/`);
      const chunks: Uint8Array[] = [];
      for await (const chunk of body) {
        if (chunks.push(chunk) % 20 === 0) await wait(5);
      }
      expect(Buffer.concat(chunks).equals(layer)).to.equal(true);
      large.closeAllConnections();
      large.close();
    });

    it('names the variable of a file that is not there', async () => {
      const missing = folder.file('nowhere.pem');
      const error = await rejection(ask(wireWith({ SSL_CERT_FILE: missing }), `https://127.0.0.1:${port}/`));
      expect([error.code, error.message]).to.deep.equal([
        'configuration',
        `SSL_CERT_FILE names ${missing}, which does not exist`,
      ]);
    });
  });

  describe('through a proxy', () => {
    let proxy: Server;
    let address: string;
    let refusal: string | undefined;
    const asked: string[] = [];
    const credentials: (string | undefined)[] = [];

    beforeEach(async () => {
      asked.splice(0);
      credentials.splice(0);
      refusal = undefined;
      proxy = createServer((request, response) => {
        asked.push(`${request.method ?? ''} ${request.url ?? ''}`);
        credentials.push(request.headers['proxy-authorization']);
        const { pathname, port: at } = new URL(request.url ?? '');
        const headers = { ...request.headers };
        delete headers['proxy-authorization'];
        request.pipe(
          requestHttp({ host: '127.0.0.1', port: at, path: pathname, headers }, (answer) => answer.pipe(response)),
        );
      });
      proxy.on('connect', ({ url = '', headers }, socket) => {
        asked.push(`CONNECT ${url}`);
        credentials.push(headers['proxy-authorization']);
        socket.on('error', () => undefined);
        if (refusal !== undefined) {
          socket.end(refusal);
          return;
        }
        const target = connect(Number(url.split(':')[1]), '127.0.0.1', () => {
          socket.write('HTTP/1.1 200 OK\r\n\r\n');
          socket.pipe(target).pipe(socket);
        });
        target.on('error', () => socket.destroy());
      });
      address = `http://me:p%40ss@127.0.0.1:${await listening(proxy)}`;
    });

    afterEach(() => {
      proxy.closeAllConnections();
      proxy.close();
    });

    const me = `Basic ${Buffer.from('me:p@ss').toString('base64')}`;

    it('is a tunnel where the registry has TLS, whose certificate is judged', async () => {
      const wire = wireWith({ HTTPS_PROXY: address, SSL_CERT_FILE: ours.file });
      for (let count = 0; count < 2; count++)
        expect(await read(await ask(wire, `https://registry.test:${port}/`))).to.equal('over TLS');
      expect([asked, credentials]).to.deep.equal([[`CONNECT registry.test:${port}`], [me]]);
      expect(served.map(({ headers }) => [headers.authorization, headers['proxy-authorization']])).to.deep.equal([
        ['Bearer hunter2-token', undefined],
        ['Bearer hunter2-token', undefined],
      ]);
      expect(await problemOf(ask(wireWith({ HTTPS_PROXY: address }), `https://registry.test:${port}/`))).to.equal(
        'certificate-of-unknown-authority',
      );
    });

    it('is asked for the whole address where it has none', async () => {
      const plain = createServer((request, response) =>
        response.end(`${request.headers.host ?? ''} ${request.url ?? ''}`),
      );
      const host = `registry.test:${await listening(plain)}`;
      const answer = await ask(wireWith({ HTTP_PROXY: address }), `http://${host}/v2/`);
      expect(await read(answer)).to.equal(`${host} /v2/`);
      expect([asked, credentials]).to.deep.equal([[`GET http://${host}/v2/`], [me]]);
      plain.closeAllConnections();
      plain.close();
    });

    it('is left out where NO_PROXY says so, and to this machine', async () => {
      const environment = { HTTPS_PROXY: address, NO_PROXY: '.test', SSL_CERT_FILE: ours.file };
      expect(await problemOf(ask(wireWith(environment), 'https://registry.test/'))).to.be.oneOf([
        'unknown-host',
        'name-service',
      ]);
      await read(await ask(wireWith({ ...environment, NO_PROXY: '' }), `https://127.0.0.1:${port}/`));
      expect(asked).to.deep.equal([]);
    });

    it('is not the registry: what it refuses is never taken for an answer', async () => {
      const challenge = 'WWW-Authenticate: Bearer realm="https://thief.test/"\r\n';
      for (const status of [
        '401 Unauthorized',
        '403 Forbidden',
        '407 Proxy Authentication Required',
        '502 Bad Gateway',
      ]) {
        refusal = `HTTP/1.1 ${status}\r\n${challenge}Content-Length: 0\r\n\r\n`;
        const error = await ask(wireWith({ HTTPS_PROXY: address }), 'https://registry.test/').catch(
          (reason: unknown) => reason,
        );
        expect(error).to.have.property('code', `ERR_PROXY_${status.slice(0, 3)}`);
      }
      expect(served).to.deep.equal([]);
    });

    it('is told as what cannot be reached, where it cannot', async () => {
      const variables = { HTTPS_PROXY: 'http://127.0.0.1:1', HTTP_PROXY: 'http://127.0.0.1:1' };
      for (const scheme of ['http', 'https']) {
        const error = await ask(wireWith(variables), `${scheme}://registry.test/`).catch((reason: unknown) => reason);
        expect(error).to.have.property('code', 'ERR_PROXY_ECONNREFUSED');
      }
    });
  });

  it('keeps no process from its end', async () => {
    const program = `
      import { HttpWire } from ${JSON.stringify(path.resolve('src/places/registry/http-wire.ts'))};
      const url = new URL('https://127.0.0.1:${port}/');
      const { body } = await new HttpWire(process.env).exchange({ method: 'GET', url, headers: {}, signal: new AbortController().signal });
      for await (const chunk of body) process.stdout.write(chunk);
      process.stdout.write(' ' + Date.now());
      process.on('exit', () => process.stdout.write(' ' + Date.now()));
    `;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--import=tsx', '--input-type=module', '--eval', program],
      { env: { ...process.env, SSL_CERT_FILE: ours.file }, timeout: 30_000 },
    );
    const [, finished, ended] = /^over TLS (\d+) (\d+)$/.exec(stdout) ?? [];
    expect(Number(ended) - Number(finished)).to.be.lessThan(2_000);
  });
});
