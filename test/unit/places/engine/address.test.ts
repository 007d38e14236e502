import { userInfo } from 'node:os';
import { expect } from 'chai';
import { dockerOptions } from '../../../../src/places/engine/address.js';
import { rejection } from '../../../support/rejection.js';
import { TemporaryFolder } from '../../temporary-folder.js';

describe('the address of an engine', () => {
  let folder: TemporaryFolder;
  before(async () => {
    folder = await TemporaryFolder.create();
  });
  after(() => folder.remove());

  const http = (host: string, port: number | string) => ({ protocol: 'http', host, port });
  const addresses: readonly [address: string, options: object][] = [
    ['unix:///run/user/7/docker.sock', { socketPath: '/run/user/7/docker.sock' }],
    // As they are, and no URLs.
    ['unix:///a folder/%41?b#c', { socketPath: '/a folder/%41?b#c' }],
    ['unix://', { socketPath: '/var/run/docker.sock' }],
    ['npipe:////./pipe/other', { socketPath: '//./pipe/other' }],
    ['npipe://', { socketPath: '//./pipe/docker_engine' }],
    ['tcp://build:4243', http('build', '4243')],
    ['tcp://build', http('build', 2375)],
    // A port that other protocols leave out.
    ['tcp://build:80', http('build', '80')],
    ['http://build:80', http('build', '80')],
    ['tcp://[::1]:2375', http('[::1]', '2375')],
    ['tcp://', http('localhost', 2375)],
    ['tcp://:4243', http('localhost', '4243')],
    [' tcp://build\n', http('build', 2375)],
    // As docker takes it.
    ['build', http('build', 2375)],
    ['build:4243', http('build', '4243')],
    [':4243', http('localhost', '4243')],
    ['10.1.2.3:4243', http('10.1.2.3', '4243')],
  ];
  for (const [address, options] of addresses) {
    it(`is read as docker reads it: ${JSON.stringify(address)}`, async () => {
      expect(await dockerOptions(address, undefined, {})).to.deep.equal(options);
    });
  }

  for (const address of [
    'tcp://build:port',
    'tcp://bu ild',
    'fd://3',
    'TCP://build',
    '://build',
    'docker://build',
    // Sockets, which docker does not take without their protocol either.
    '/var/run/docker.sock',
    'unix:/var/run/docker.sock',
    'tcp:///var/run/docker.sock',
    'tcp://unix:/run',
  ]) {
    it(`is refused where it is none, instead of another one being asked: ${address}`, async () => {
      const error = await rejection(dockerOptions(address, undefined, {}));
      expect([error.code, error.message]).to.deep.equal([
        'engine-unreachable',
        "the engine's address is not a valid URL",
      ]);
      expect(error.hint).to.contain('set DOCKER_HOST');
      expect(error.cause).to.be.instanceOf(Error);
    });
  }

  it('over SSH is reached as the user whom it names, or as oneself, with the keys of the agent', async () => {
    const environment = { SSH_AUTH_SOCK: '/run/agent' };
    const ssh = { protocol: 'ssh', host: 'build', sshOptions: { agent: '/run/agent' } };
    expect(await dockerOptions('ssh://ada@build:2222', undefined, environment)).to.deep.equal({
      ...ssh,
      username: 'ada',
      port: '2222',
    });
    expect(await dockerOptions('ssh://build', '/certificates', environment)).to.deep.equal({
      ...ssh,
      username: userInfo().username,
      port: 22,
    });
    expect(await dockerOptions('ssh://build', undefined, {})).to.have.deep.property('sshOptions', { agent: undefined });
  });

  it('over TLS is used with those certificates that there are', async () => {
    await folder.write({ 'all/ca.pem': 'A', 'all/cert.pem': 'C', 'all/key.pem': 'K', 'one/ca.pem': 'A' });
    const https = { protocol: 'https', host: 'build', port: 2376 };
    const read = (certificates: string, address = 'tcp://build') =>
      dockerOptions(address, folder.file(certificates), {});
    expect(await read('all')).to.deep.equal({ ...https, ca: 'A', cert: 'C', key: 'K' });
    expect(await read('one')).to.deep.equal({ ...https, ca: 'A' });
    expect(await read('none')).to.deep.equal(https);
    expect(await read('none', 'tcp://build:4243')).to.have.property('port', '4243');
    // A socket needs none.
    expect(await read('all', 'unix:///x.sock')).to.deep.equal({ socketPath: '/x.sock' });
  });

  it('is not used with a certificate that cannot be read, which the error names', async () => {
    await folder.write({ 'broken/key.pem/folder': '' });
    const error = await rejection(dockerOptions('tcp://build', folder.file('broken'), {}));
    expect([error.code, error.message, error.hint]).to.deep.equal([
      'engine-unreachable',
      `the certificate ${folder.file('broken/key.pem')} for the engine cannot be read`,
      'check DOCKER_CERT_PATH, or `docker context inspect`',
    ]);
    expect(error.cause).to.have.property('code', 'EISDIR');
  });
});
