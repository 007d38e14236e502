import { createHash } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { expect } from 'chai';
import { connectEngine, type EngineSurroundings } from '../../../../src/places/engine/connection.js';
import { selfSigned, startTlsServer, type SelfSigned } from '../../../support/certificates.js';
import { rejection } from '../../../support/rejection.js';
import { TemporaryFolder } from '../../../unit/temporary-folder.js';

type TlsRequest = IncomingMessage & { readonly socket: Pick<TLSSocket, 'getPeerCertificate'> };

describe('the engine over TLS', () => {
  let folder: TemporaryFolder;
  let own: SelfSigned;
  let client: SelfSigned;
  let stranger: SelfSigned;
  let engine: Server;
  let address: string;
  /** The names on the certificates that it was shown. */
  let shown: string[];

  before(async () => {
    folder = await TemporaryFolder.create();
    [own, client, stranger] = await Promise.all([
      selfSigned(folder, 'engine'),
      selfSigned(folder, 'client'),
      selfSigned(folder, 'stranger'),
    ]);
    const options = { cert: own.certificate, key: own.key, ca: client.certificate, requestCert: true };
    [engine, address] = await startTlsServer(options, (request, response) => {
      const { subject } = (request as TlsRequest).socket.getPeerCertificate();
      shown.push(String(subject.CN));
      response.end('OK');
    });
  });

  beforeEach(() => {
    shown = [];
  });

  after(async () => {
    engine.close();
    await folder.remove();
  });

  const connect = (environment: NodeJS.ProcessEnv) => {
    const surroundings: EngineSurroundings = {
      environment,
      home: folder.file('home'),
      platform: 'linux',
      exists: () => false,
    };
    return connectEngine(surroundings);
  };
  const connectWith = async (files: Readonly<Record<string, string>>, host = `tcp://${address}`) => {
    const certificates = await TemporaryFolder.create();
    await certificates.write(files);
    try {
      return await connect({ DOCKER_HOST: host, DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: certificates.path });
    } finally {
      await certificates.remove();
    }
  };
  const reason = async (connecting: Promise<unknown>): Promise<string> => {
    const error = await rejection(connecting);
    expect(error.code).to.equal('engine-unreachable');
    expect(error.message).to.match(/^cannot connect to the Docker Engine at tcp:/);
    return String((error.cause as NodeJS.ErrnoException).code);
  };

  it('is shown the client certificate of DOCKER_CERT_PATH, and known by its authority', async () => {
    const files = { 'ca.pem': own.certificate, 'cert.pem': client.certificate, 'key.pem': client.key };
    expect((await connectWith(files)).host).to.equal(`tcp://${address}`);
    expect(shown).to.deep.equal(['client']);
  });

  it('is not trusted with the certificate of another authority, nor with none', async () => {
    const identity = { 'cert.pem': client.certificate, 'key.pem': client.key };
    const untrusted = 'DEPTH_ZERO_SELF_SIGNED_CERT';
    expect(await reason(connectWith({ ...identity, 'ca.pem': stranger.certificate }))).to.equal(untrusted);
    expect(await reason(connectWith(identity))).to.equal(untrusted);
    expect(shown).to.deep.equal([]);
  });

  it('is not trusted under a name that its certificate is not for', async () => {
    const files = { 'ca.pem': own.certificate, 'cert.pem': client.certificate, 'key.pem': client.key };
    const host = `tcp://${address.replace('127.0.0.1', 'localhost')}`;
    expect(await reason(connectWith(files, host))).to.equal('ERR_TLS_CERT_ALTNAME_INVALID');
    expect(shown).to.deep.equal([]);
  });

  it('refuses a client without a certificate, and one with a certificate that it does not know', async () => {
    for (const identity of [{}, { 'cert.pem': stranger.certificate, 'key.pem': stranger.key }]) {
      const error = await rejection(connectWith({ 'ca.pem': own.certificate, ...identity }));
      expect(error.code).to.equal('engine-unreachable');
    }
    expect(shown).to.deep.equal([]);
  });

  it('is shown the certificates of the docker context', async () => {
    const id = createHash('sha256').update('remote').digest('hex');
    const place = `home/.docker/contexts/tls/${id}/docker`;
    await folder.write({
      'home/.docker/config.json': JSON.stringify({ currentContext: 'remote' }),
      [`home/.docker/contexts/meta/${id}/meta.json`]: JSON.stringify({
        Endpoints: { docker: { Host: `tcp://${address}` } },
      }),
      [`${place}/ca.pem`]: own.certificate,
      [`${place}/cert.pem`]: client.certificate,
      [`${place}/key.pem`]: client.key,
    });
    expect((await connect({})).origin).to.equal('docker context "remote"');
    expect(shown).to.deep.equal(['client']);
  });

  it('is not spoken to in TLS without DOCKER_TLS_VERIFY, as docker does', async () => {
    expect((await rejection(connect({ DOCKER_HOST: `tcp://${address}` }))).code).to.equal('engine-unreachable');
    expect(shown).to.deep.equal([]);
  });

  it('is at port 2376, and without TLS at 2375, unless the address has one', async () => {
    const places = async (environment: NodeJS.ProcessEnv): Promise<string> => {
      const { cause } = await rejection(connect({ DOCKER_HOST: 'tcp://127.0.0.2', ...environment }));
      return (cause as Error).message;
    };
    expect(await places({ DOCKER_TLS_VERIFY: '1' })).to.contain('127.0.0.2:2376');
    expect(await places({})).to.contain('127.0.0.2:2375');
  });
});
