import { createServer, type AddressInfo } from 'node:net';
import { expect } from 'chai';
import { speaksTls } from '../../../src/network/speaks-tls.js';
import { selfSigned, startTlsServer } from '../../support/certificates.js';
import { FakeServer } from '../../support/fake-server.js';
import { TemporaryFolder } from '../../unit/temporary-folder.js';

describe('whether a server speaks TLS', () => {
  it('is so whatever its certificate is', async () => {
    const folder = await TemporaryFolder.create();
    const { certificate, key } = await selfSigned(folder, 'server', 'DNS:elsewhere.example.com');
    const [server, host] = await startTlsServer({ cert: certificate, key }, (_request, response) => response.end());
    expect(await speaksTls(new URL(`http://${host}`))).to.equal(true);
    server.close();
    await folder.remove();
  });

  it('is not so for plain HTTP', async () => {
    const server = await FakeServer.start();
    expect(await speaksTls(new URL(server.url))).to.equal(false);
    await server.stop();
  });

  it('is not so where the connection ends at once, or nobody listens', async () => {
    const server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    expect(await speaksTls(url)).to.equal(false);
    await new Promise((resolve) => server.close(resolve));
    expect(await speaksTls(url)).to.equal(false);
  });
});
