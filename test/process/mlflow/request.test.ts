import { expect } from 'chai';
import { requestMlflow, type MlflowClient } from '../../../src/mlflow/request.js';
import { selfSigned, startTlsServer } from '../../support/certificates.js';
import { FakeServer } from '../../support/fake-server.js';
import { rejection } from '../../support/rejection.js';
import { TemporaryFolder } from '../../unit/temporary-folder.js';

const TOKEN = { Authorization: 'Bearer hunter2-token' };

describe('a request to an MLflow server', () => {
  /** Not an MLflow, but a server that keeps what it was asked. */
  let server: FakeServer;

  beforeEach(async () => {
    server = await FakeServer.start(() => ({ body: 'here' }));
  });

  afterEach(() => server.stop());

  const ask = (uri: string, path = 'version', client: Partial<MlflowClient> = {}) =>
    requestMlflow(uri, path, { environment: {}, headers: {}, ...client });

  for (const ending of ['', '/', '//']) {
    it(`goes below the path of the URI, however that ends (${JSON.stringify(ending)})`, async () => {
      await ask(`${server.url}/team/mlflow${ending}`, 'api/x?y=z');
      expect(server.asked.map(({ method, url }) => `${method} ${url}`)).to.deep.equal(['GET /team/mlflow/api/x?y=z']);
    });
  }

  it('carries the headers that are given', async () => {
    const headers = { ...TOKEN, 'Proxy-Authorization': 'Bearer hunter2-other' };
    await ask(server.url, 'version', { headers });
    expect(server.asked[0]?.headers).to.include({
      authorization: 'Bearer hunter2-token',
      'proxy-authorization': 'Bearer hunter2-other',
    });
  });

  it('carries the user and password of the URI as Basic, decoded, unless there is something better', async () => {
    const uri = `http://me%40acme.io:hunter2%3A@${server.host}`;
    await ask(uri);
    await ask(uri, 'version', { headers: TOKEN });
    expect(server.asked.map(({ headers }) => headers.authorization)).to.deep.equal([
      `Basic ${Buffer.from('me@acme.io:hunter2:').toString('base64')}`,
      'Bearer hunter2-token',
    ]);
  });

  for (const status of [301, 302, 303]) {
    it(`follows no redirect that makes a question of what is logged, or leads to a login page (${status})`, async () => {
      server.answer = () => ({ status, headers: { Location: '/login' } });
      expect(await ask(server.url, 'version', { headers: TOKEN })).to.have.property('status', status);
      expect(server.asked).to.have.length(1);
    });
  }

  for (const status of [307, 308]) {
    it(`follows a redirect that keeps the method, with the credentials (${status})`, async () => {
      server.answer = ({ url }) =>
        url === '/new/version' ? { body: 'there' } : { status, headers: { Location: '/new/version' } };
      const response = await ask(`http://me:hunter2@${server.host}`, 'version');
      expect(await response.text()).to.equal('there');
      expect(server.asked.map(({ headers }) => headers.authorization)).to.deep.equal([
        `Basic ${Buffer.from('me:hunter2').toString('base64')}`,
        `Basic ${Buffer.from('me:hunter2').toString('base64')}`,
      ]);
    });

    it(`shows its credentials to no other server (${status})`, async () => {
      const other = await FakeServer.start(() => ({ body: 'elsewhere' }));
      server.answer = () => ({ status, headers: { Location: `${other.url}/version` } });
      await ask(server.url, 'version', { headers: TOKEN });
      expect(other.asked[0]?.headers).not.to.have.property('authorization');
      await other.stop();
    });
  }

  it('ends in a circle of redirects', async () => {
    server.answer = () => ({ status: 307, headers: { Location: '/version' } });
    expect(await ask(server.url)).to.have.property('status', 307);
    expect(server.asked).to.have.length(6);
  });

  it('is given up after a while', async () => {
    const fetch: MlflowClient['fetch'] = (_input, init) =>
      new Promise((_resolve, reject) => {
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason as Error));
      });
    const error = await ask(server.url, 'version', { fetch, timeoutMilliseconds: 1 }).catch(
      (reason: unknown) => reason,
    );
    expect(error).to.have.property('name', 'TimeoutError');
  });

  it('trusts what MLflow’s client would trust', async () => {
    const folder = await TemporaryFolder.create();
    const { certificate, key, file } = await selfSigned(folder, 'server');
    const [secure, host] = await startTlsServer({ cert: certificate, key }, (_request, response) =>
      response.end('3.1.0'),
    );
    const texts: string[] = [];
    for (const environment of [
      { MLFLOW_TRACKING_SERVER_CERT_PATH: file },
      { MLFLOW_TRACKING_INSECURE_TLS: 'true' },
      { REQUESTS_CA_BUNDLE: file },
    ]) {
      texts.push(await (await ask(`https://${host}`, 'version', { environment })).text());
    }
    expect(texts).to.deep.equal(['3.1.0', '3.1.0', '3.1.0']);
    secure.closeAllConnections();
    secure.close();
    await folder.remove();
  });

  it('is not made to a page of the UI, which would answer whatever is asked', async () => {
    const page = `${server.url}/team/#/experiments/3`;
    expect(await rejection(ask(page))).to.include({
      code: 'configuration',
      message: `${page} is the address of a page in MLflow's UI, not of a server`,
      hint: `set the tracking URI to ${server.url}/team`,
    });
    expect(server.asked).to.deep.equal([]);
  });

  it('is not made with settings that MLflow refuses', async () => {
    const environment = { MLFLOW_TRACKING_INSECURE_TLS: 'true', MLFLOW_TRACKING_SERVER_CERT_PATH: '/ca.pem' };
    expect((await rejection(ask(server.url, 'version', { environment }))).message).to.match(/are both set/);
    expect(server.asked).to.deep.equal([]);
  });
});
