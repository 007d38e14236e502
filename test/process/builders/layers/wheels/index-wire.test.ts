import type { Server } from 'node:http';
import { expect } from 'chai';
import { indexWire } from '../../../../../src/builders/layers/wheels/index-wire.js';
import { connectionProblem } from '../../../../../src/network/failure.js';
import { selfSigned, startTlsServer, type SelfSigned } from '../../../../support/certificates.js';
import { FakeServer } from '../../../../support/fake-server.js';
import { TemporaryFolder } from '../../../../unit/temporary-folder.js';

describe('the way to an index', () => {
  let folder: TemporaryFolder;
  let ours: SelfSigned;
  let server: Server;
  let host: string;

  before(async () => {
    folder = await TemporaryFolder.create();
    ours = await selfSigned(folder, 'server');
    [server, host] = await startTlsServer({ cert: ours.certificate, key: ours.key }, (_request, response) =>
      response.end('over TLS'),
    );
  });
  after(async () => {
    server.closeAllConnections();
    server.close();
    await folder.remove();
  });

  const ask = async (environment: NodeJS.ProcessEnv, url = `https://${host}/a.whl`): Promise<string> => {
    const { signal } = new AbortController();
    try {
      const { body } = await indexWire(environment).exchange({ method: 'GET', url: new URL(url), headers: {}, signal });
      let text = '';
      for await (const chunk of body) text += Buffer.from(chunk).toString();
      return text;
    } catch (error) {
      return connectionProblem(error);
    }
  };

  it('trusts the authority that SSL_CERT_FILE names', async () => {
    expect(await ask({ SSL_CERT_FILE: ours.file })).to.equal('over TLS');
  });

  for (const named of ['127.0.0.1', 'HOST', 'https://HOST', 'other.example.com 127.0.0.1']) {
    it(`accepts any certificate from what UV_INSECURE_HOST names: ${named}`, async () => {
      expect(await ask({ UV_INSECURE_HOST: named.replace('HOST', host) })).to.equal('over TLS');
    });
  }

  for (const named of ['', '127.0.0.1:1', 'http://127.0.0.1', 'localhost', '127.0.0', '::']) {
    it(`accepts no other one: ${JSON.stringify(named)}`, async () => {
      expect(await ask({ UV_INSECURE_HOST: named })).to.equal('certificate-of-unknown-authority');
    });
  }

  it('leads through the proxy that ALL_PROXY names, as for uv and pip', async () => {
    const proxy = await FakeServer.start(() => ({ body: 'through the proxy' }));
    try {
      expect(await ask({ ALL_PROXY: proxy.url }, 'http://index.example.com/a.whl')).to.equal('through the proxy');
      expect(proxy.asked.map(({ url }) => url)).to.deep.equal(['http://index.example.com/a.whl']);
    } finally {
      await proxy.stop();
    }
  });
});
