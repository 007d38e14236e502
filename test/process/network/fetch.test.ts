import { createServer, request as requestHttp, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { expect } from 'chai';
import { connectionProblem } from '../../../src/network/failure.js';
import { fetchAsRequests } from '../../../src/network/fetch.js';
import type { TlsSettings } from '../../../src/network/tls.js';
import { selfSigned, startTlsServer, type SelfSigned } from '../../support/certificates.js';
import { FakeServer } from '../../support/fake-server.js';
import { rejection } from '../../support/rejection.js';
import { TemporaryFolder } from '../../unit/temporary-folder.js';

const problemOf = (call: Promise<unknown>) => call.then(() => 'none', connectionProblem);

describe('fetching as requests would', () => {
  let folder: TemporaryFolder;
  let ours: SelfSigned;
  let client: SelfSigned;
  let server: Server;
  let host: string;

  before(async () => {
    folder = await TemporaryFolder.create();
    ours = await selfSigned(folder, 'server');
    client = await selfSigned(folder, 'client');
    [server, host] = await startTlsServer({ cert: ours.certificate, key: ours.key }, (_request, response) =>
      response.end('over TLS'),
    );
  });

  after(async () => {
    server.closeAllConnections();
    server.close();
    await folder.remove();
  });

  for (const variable of ['REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE']) {
    it(`trusts the authority that ${variable} names`, async () => {
      const response = await fetchAsRequests({ [variable]: ours.file })(`https://${host}`);
      expect(await response.text()).to.equal('over TLS');
    });
  }

  for (const environment of [{}, { SSL_CERT_FILE: 'server' }, { REQUESTS_CA_BUNDLE: 'client' }] as const) {
    it(`trusts no other authority, with ${JSON.stringify(environment)}`, async () => {
      const variables = Object.fromEntries(
        Object.entries(environment).map(([name, which]) => [name, (which === 'server' ? ours : client).file]),
      );
      expect(await problemOf(fetchAsRequests(variables)(`https://${host}`))).to.equal(
        'certificate-of-unknown-authority',
      );
    });
  }

  it('takes a certificate for another host as such, though its authority is trusted', async () => {
    const url = `https://localhost:${host.split(':')[1] ?? ''}`;
    expect(await problemOf(fetchAsRequests({ REQUESTS_CA_BUNDLE: ours.file })(url))).to.equal(
      'certificate-of-another-host',
    );
  });

  it('names the variable of a file that is not there, before any call', async () => {
    const error = await rejection(
      fetchAsRequests({ REQUESTS_CA_BUNDLE: folder.file('nowhere.pem') })(`https://${host}`),
    );
    expect(error.message).to.equal(`REQUESTS_CA_BUNDLE names ${folder.file('nowhere.pem')}, which does not exist`);
  });

  it('needs no authority for plain HTTP', async () => {
    const plain = await FakeServer.start(() => ({ body: 'plain' }));
    const response = await fetchAsRequests({ REQUESTS_CA_BUNDLE: folder.file('nowhere.pem') })(plain.url);
    expect(await response.text()).to.equal('plain');
    await plain.stop();
  });

  describe('from a server that wants to know who calls', () => {
    let strict: Server;
    let strictHost: string;

    before(async () => {
      const options = { cert: ours.certificate, key: ours.key, ca: client.certificate, requestCert: true };
      [strict, strictHost] = await startTlsServer(options, (_request, response) => response.end('known'));
    });

    after(() => {
      strict.closeAllConnections();
      strict.close();
    });

    const asking = (settings: TlsSettings) =>
      fetchAsRequests({}, () => Promise.resolve({ ca: ours.certificate, ...settings }))(`https://${strictHost}`);

    it('shows the certificate of the client', async () => {
      const response = await asking({ clientCertificate: client.certificate + client.key });
      expect(await response.text()).to.equal('known');
    });

    it('gets nothing without one', async () => {
      // With TLS 1.3 a server may only hang up; others send an alert.
      expect(await problemOf(asking({}))).to.be.oneOf(['reset', 'client-certificate']);
    });
  });

  describe('through a proxy', () => {
    let proxy: Server;
    let address: string;
    const asked: string[] = [];

    beforeEach(async () => {
      asked.splice(0);
      proxy = createServer((request, response) => {
        asked.push(`${request.method ?? ''} ${request.url ?? ''}`);
        const { url = '', headers } = request;
        request.pipe(requestHttp(url, { headers }, (answer) => answer.pipe(response)));
      });
      proxy.on('connect', ({ url = '' }, socket) => {
        asked.push(`CONNECT ${url}`);
        const [name, port] = url.split(':');
        const target = connect(Number(port), name, () => {
          socket.write('HTTP/1.1 200 OK\r\n\r\n');
          socket.pipe(target).pipe(socket);
        });
        target.on('error', () => socket.destroy());
        socket.on('error', () => target.destroy());
      });
      await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
      address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    });

    afterEach(() => {
      proxy.closeAllConnections();
      proxy.close();
    });

    it('asks a plain server by its whole address', async () => {
      const plain = await FakeServer.start(() => ({ body: 'plain' }));
      const response = await fetchAsRequests({ HTTP_PROXY: address })(`${plain.url}/x`, {
        headers: { Authorization: 'Bearer hunter2' },
      });
      expect(await response.text()).to.equal('plain');
      expect(asked).to.deep.equal([`GET ${plain.url}/x`]);
      expect(plain.asked[0]?.headers.authorization).to.equal('Bearer hunter2');
      await plain.stop();
    });

    it('goes through a tunnel to a server with TLS, and judges its certificate', async () => {
      const environment = { HTTPS_PROXY: address, REQUESTS_CA_BUNDLE: ours.file };
      expect(await (await fetchAsRequests(environment)(`https://${host}`)).text()).to.equal('over TLS');
      expect(await problemOf(fetchAsRequests({ HTTPS_PROXY: address })(`https://${host}`))).to.equal(
        'certificate-of-unknown-authority',
      );
      expect(asked).to.deep.equal([`CONNECT ${host}`, `CONNECT ${host}`]);
    });

    it('goes past it where NO_PROXY says so', async () => {
      const environment = { HTTPS_PROXY: address, NO_PROXY: '127.0.0.1', REQUESTS_CA_BUNDLE: ours.file };
      expect(await (await fetchAsRequests(environment)(`https://${host}`)).text()).to.equal('over TLS');
      expect(asked).to.deep.equal([]);
    });
  });
});
