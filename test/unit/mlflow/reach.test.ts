import { execFile } from 'node:child_process';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { promisify } from 'node:util';
import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { reachMlflow } from '../../../src/mlflow/reach.js';
import type { RequestOptions } from '../../../src/mlflow/request.js';
import { TemporaryFolder } from '../temporary-folder.js';

describe('reaching an MLflow server', () => {
  const servers: Server[] = [];
  const sockets: Socket[] = [];
  const asked: { url: string | undefined; authorization: string | undefined }[] = [];

  beforeEach(() => asked.splice(0));
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
  });

  /** `127.0.0.1:port`. */
  const listen = async (server: Server): Promise<string> => {
    servers.push(server);
    server.on('connection', (socket) => sockets.push(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const serve = (answer: RequestListener): Promise<string> =>
    listen(
      createServer((request, response) => {
        asked.push({ url: request.url, authorization: request.headers.authorization });
        answer(request, response);
      }),
    );
  const always =
    (status: number, body = '', headers: Record<string, string> = {}): RequestListener =>
    (_request, response) =>
      response.writeHead(status, headers).end(body);

  describe('is told by its /version', () => {
    const answers: readonly [body: string, version: string | undefined][] = [
      ['2.22.0', '2.22.0'],
      ['3.1.1\n', '3.1.1'],
      ['3.2.0.dev0', '3.2.0.dev0'],
      ['3.0.0rc1', '3.0.0rc1'],
      ['2.9+local-1', '2.9+local-1'],
      ['2', undefined],
      ['', undefined],
      ['v2.22.0', undefined],
      ['"2.22.0"', undefined],
      ['{"version": "2.22.0"}', undefined],
      ['<html>MLflow 2.22.0</html>', undefined],
      ['2.22.0\n<script>', undefined],
    ];
    for (const [body, version] of answers) {
      it(`${JSON.stringify(body)} is ${version === undefined ? 'no MLflow' : `MLflow ${version}`}`, async () => {
        const host = await serve(always(200, body));
        expect(await reachMlflow(`http://${host}`)).to.deep.equal(
          version === undefined ? { kind: 'not-mlflow', status: 200 } : { kind: 'mlflow', version },
        );
      });
    }

    for (const path of ['', '/', '//']) {
      it(`at one address, however the URI ends (${JSON.stringify(path)})`, async () => {
        const host = await serve(always(200, '2.22.0'));
        await reachMlflow(`http://${host}${path}`);
        await reachMlflow(`http://${host}/team/mlflow${path}`);
        expect(asked.map(({ url }) => url)).to.deep.equal(['/version', '/team/mlflow/version']);
      });
    }

    for (const status of [404, 500, 503]) {
      it(`but not with status ${status}, whatever the body says`, async () => {
        const host = await serve(always(status, '2.22.0'));
        expect(await reachMlflow(`http://${host}`)).to.deep.equal({ kind: 'not-mlflow', status });
      });
    }

    it('but not when the answer breaks off', async () => {
      const host = await serve((_request, response) => {
        response.writeHead(200, { 'Content-Length': '10' });
        response.write('2.22.0', () => response.socket?.destroy());
      });
      expect(await reachMlflow(`http://${host}`)).to.deep.equal({ kind: 'not-mlflow', status: 200 });
    });
  });

  describe('that is guarded', () => {
    for (const status of [401, 403]) {
      it(`is told by status ${status}`, async () => {
        const host = await serve(always(status, '2.22.0'));
        expect(await reachMlflow(`http://${host}`)).to.deep.equal({ kind: 'guarded', status });
      });
    }

    for (const status of [301, 302, 303, 307, 308]) {
      it(`is told by a redirect to a login page (${status}), which is not followed`, async () => {
        const host = await serve((request, response) => {
          if (request.url === '/login') response.end('2.22.0');
          else response.writeHead(status, { Location: '/login' }).end();
        });
        expect(await reachMlflow(`http://${host}`)).to.deep.equal({ kind: 'guarded', status });
        expect(asked.map(({ url }) => url)).to.deep.equal(['/version']);
      });
    }

    const guarded = (authorization: string): RequestListener => {
      return (request, response) => {
        if (request.headers.authorization === authorization) response.end('2.22.0');
        else response.writeHead(401).end();
      };
    };

    it('lets a token in that is sent along', async () => {
      const host = await serve(guarded('Bearer hunter2-token'));
      const headers = { Authorization: 'Bearer hunter2-token' };
      expect(await reachMlflow(`http://${host}`, { headers })).to.have.property('kind', 'mlflow');
    });

    it('lets in the user and password of the URI, as MLflow’s own client sends them', async () => {
      const pair = Buffer.from('me@acme.io:hunter2 / secret').toString('base64');
      const host = await serve(guarded(`Basic ${pair}`));
      expect(await reachMlflow(`http://me%40acme.io:hunter2%20%2F%20secret@${host}`)).to.have.property(
        'kind',
        'mlflow',
      );
      expect(await reachMlflow(`http://me:wrong@${host}`)).to.deep.equal({ kind: 'guarded', status: 401 });
    });

    it('gets a given token rather than the URI’s password', async () => {
      const host = await serve(guarded('Bearer hunter2-token'));
      const headers = { Authorization: 'Bearer hunter2-token' };
      await reachMlflow(`http://me:hunter2@${host}`, { headers });
      expect(asked.map(({ authorization }) => authorization)).to.deep.equal(['Bearer hunter2-token']);
    });
  });

  describe('that does not answer', () => {
    it('is told by the system’s words where nobody listens', async () => {
      const host = await listen(createTcpServer());
      await new Promise((resolve) => servers.pop()?.close(resolve));
      expect(await reachMlflow(`http://${host}`)).to.deep.equal({
        kind: 'unreachable',
        reason: `ECONNREFUSED: connect ECONNREFUSED ${host}`,
      });
    });

    it('is not waited for longer than the limit', async () => {
      const host = await serve(() => undefined);
      const reached = await reachMlflow(`http://${host}`, { timeoutMilliseconds: 20 });
      expect(reached).to.deep.equal({
        kind: 'unreachable',
        reason: 'The operation was aborted due to timeout',
      });
    });

    it('is told when it hangs up', async () => {
      const host = await serve((request) => request.socket.destroy());
      expect(await reachMlflow(`http://${host}`)).to.deep.equal({
        kind: 'unreachable',
        reason: 'UND_ERR_SOCKET: other side closed',
      });
    });

    it('is told when it speaks something else than HTTP', async () => {
      const host = await listen(createTcpServer((socket) => socket.end('220 mail.acme.io ESMTP\r\n')));
      expect(await reachMlflow(`http://${host}`)).to.have.property('kind', 'unreachable');
    });

    it('is told apart from one whose address is none', async () => {
      expect(await reachMlflow('http://[half')).to.deep.equal({
        kind: 'unreachable',
        reason: 'ERR_INVALID_URL: Invalid URL',
      });
    });
  });

  describe('over TLS', () => {
    let folder: TemporaryFolder;

    beforeEach(async () => {
      folder = await TemporaryFolder.create();
    });

    afterEach(async () => folder.remove());

    const selfSigned = async (): Promise<string> => {
      const [key, certificate] = [folder.file('key.pem'), folder.file('certificate.pem')];
      const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
      const subject = ['-days', '1', '-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
      await promisify(execFile)('openssl', [...request, ...subject, '-keyout', key, '-out', certificate]);
      return listen(
        createTlsServer({ key: await readFile(key), cert: await readFile(certificate) }, (request, response) => {
          always(200, '2.22.0')(request, response);
        }),
      );
    };

    it('is told by its certificate, when nobody trusts that here', async () => {
      const host = await selfSigned();
      expect(await reachMlflow(`https://${host}`)).to.deep.equal({
        kind: 'tls',
        reason: 'DEPTH_ZERO_SELF_SIGNED_CERT: self-signed certificate',
      });
    });

    it('is not a matter of certificates where plain HTTP is spoken', async () => {
      const host = await serve(always(200, '2.22.0'));
      const reached = await reachMlflow(`https://${host}`);
      expect(reached.kind).to.equal('unreachable');
      expect(reached)
        .to.have.property('reason')
        .that.matches(/^it does not use TLS, [A-Z_]+$/);
    });

    const codes: readonly [code: string, kind: 'tls' | 'unreachable'][] = [
      ['CERT_HAS_EXPIRED', 'tls'],
      ['CERT_NOT_YET_VALID', 'tls'],
      ['SELF_SIGNED_CERT_IN_CHAIN', 'tls'],
      ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'tls'],
      ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'tls'],
      ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls'],
      ['ERR_SSL_WRONG_VERSION_NUMBER', 'unreachable'],
      ['ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', 'unreachable'],
      ['EPROTO', 'unreachable'],
      ['ENOTFOUND', 'unreachable'],
      ['ETIMEDOUT', 'unreachable'],
    ];
    for (const [code, kind] of codes) {
      it(`takes ${code} for ${kind === 'tls' ? 'a certificate’s' : 'a connection’s'}`, async () => {
        const cause = Object.assign(new Error('words'), { code });
        const fetch = (() =>
          Promise.reject(new TypeError('fetch failed', { cause }))) satisfies RequestOptions['fetch'];
        const reached = await reachMlflow('https://mlflow.acme.io', { fetch });
        expect(reached.kind).to.equal(kind);
        expect(reached).to.have.property('reason').that.contains(code);
      });
    }
  });

  describe('keeps secrets to itself', () => {
    it('the password of a URI, when nobody listens', async () => {
      const reached = await reachMlflow('http://me:hunter2-secret@127.0.0.1:1');
      expect(reached.kind).to.equal('unreachable');
      expect(JSON.stringify(reached)).not.to.contain('hunter2');
    });

    for (const uri of [
      'http://me:hunter2-%zz@127.0.0.1:1',
      'http://me:hunter2-secret@[half',
      'me:hunter2-secret@host',
    ]) {
      it(`a password in a text that is not a URI (${uri.replace(/hunter2-\w*/, '…')})`, async () => {
        expect(JSON.stringify(await reachMlflow(uri))).not.to.contain('hunter2');
      });
    }

    it('a token that no header can carry', async () => {
      const reached = await reachMlflow('http://127.0.0.1:1', { headers: { Authorization: 'Bearer hunter2\ntoken' } });
      expect(reached.kind).to.equal('unreachable');
      expect(JSON.stringify(reached)).not.to.contain('hunter2');
    });

    it('an address that the connection’s words quote', async () => {
      const fetch = (() =>
        Promise.reject(
          new TypeError('no way to https://me:hunter2-secret@mlflow.acme.io'),
        )) satisfies RequestOptions['fetch'];
      expect(await reachMlflow('https://mlflow.acme.io', { fetch })).to.deep.equal({
        kind: 'unreachable',
        reason: 'no way to https://***@mlflow.acme.io',
      });
    });
  });
});
