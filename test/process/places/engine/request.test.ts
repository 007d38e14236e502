import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { startRequest } from '../../../../src/places/engine/request.js';
import { selfSigned, startTlsServer } from '../../../support/certificates.js';
import { failure } from '../../../support/failure.js';
import { TemporaryFolder } from '../../../unit/temporary-folder.js';

describe('a request to the engine', () => {
  it('speaks TLS where that is asked for, and nowhere else', async () => {
    const folder = await TemporaryFolder.create();
    const own = await selfSigned(folder, 'engine');
    const [server] = await startTlsServer({ cert: own.certificate, key: own.key }, (_request, response) =>
      response.end('over TLS'),
    );
    try {
      const { port } = server.address() as AddressInfo;
      const options = { host: '127.0.0.1', agent: false, method: 'POST', path: '/x', port, ca: own.certificate };
      const send = (protocol: string | undefined): Promise<string> =>
        new Promise<IncomingMessage>((resolve, reject) => {
          startRequest(protocol, options, undefined, (error, answer) =>
            error === null ? resolve(answer as IncomingMessage) : reject(error),
          );
        }).then(text);
      expect(await send('https')).to.equal('over TLS');
      for (const protocol of ['http', undefined]) expect(await failure(send(protocol))).to.be.instanceOf(Error);
    } finally {
      server.closeAllConnections();
      server.close();
      await folder.remove();
    }
  });
});
