import { chmod } from 'node:fs/promises';
import { expect } from 'chai';
import { authoritiesFor } from '../../../src/network/authorities.js';
import { rejection } from '../../support/rejection.js';
import { TemporaryFolder } from '../temporary-folder.js';

const pem = (name: string): string => `-----BEGIN CERTIFICATE-----\n${name}\n-----END CERTIFICATE-----\n`;

describe('the authorities for a registry', () => {
  let folder: TemporaryFolder;
  beforeEach(async () => {
    folder = await TemporaryFolder.create();
    await folder.write({
      'certs.d/r.io:5000/b.crt': pem('b'),
      'certs.d/r.io:5000/a.crt': pem('a'),
      'certs.d/r.io:5000/client.cert': pem('client'),
      'certs.d/r.io:5000/client.key': 'key',
      'certs.d/r.io:5000/empty.crt': '',
      'ca.pem': pem('c'),
    });
  });
  afterEach(() => folder.remove());

  const found = (host: string, environment: NodeJS.ProcessEnv = {}) =>
    authoritiesFor(host, environment, folder.file('certs.d'));

  it('are those that Docker has for its host and port, and for no other', async () => {
    expect(await found('r.io:5000')).to.deep.equal([pem('a'), pem('b')]);
    for (const other of ['r.io', 'r.io:443', 'io:5000', 'x.r.io:5000']) expect(await found(other)).to.deep.equal([]);
  });

  it('are those of SSL_CERT_FILE as well', async () => {
    expect(await found('r.io:5000', { SSL_CERT_FILE: folder.file('ca.pem') })).to.deep.equal([
      pem('c'),
      pem('a'),
      pem('b'),
    ]);
    expect(await found('r.io', { SSL_CERT_FILE: '' })).to.deep.equal([]);
  });

  it('are none where only the daemon may read them', async function () {
    if (process.getuid?.() === 0) this.skip();
    await chmod(folder.file('certs.d/r.io:5000/a.crt'), 0);
    expect(await found('r.io:5000')).to.deep.equal([pem('b')]);
    await chmod(folder.file('certs.d/r.io:5000'), 0);
    expect(await found('r.io:5000')).to.deep.equal([]);
    await chmod(folder.file('certs.d/r.io:5000'), 0o700);
  });

  it('are not guessed where the variable names none', async () => {
    const error = await rejection(found('r.io', { SSL_CERT_FILE: folder.file('certs.d/r.io:5000/client.key') }));
    expect([error.code, error.message]).to.deep.equal([
      'configuration',
      `SSL_CERT_FILE names ${folder.file('certs.d/r.io:5000/client.key')}, which contains no certificate in PEM format`,
    ]);
  });
});
