import { createHash } from 'node:crypto';
import { createServer as createTcpServer } from 'node:net';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { expect } from 'chai';
import { connectEngine, locateEngine, type EngineSurroundings } from '../../../../src/places/engine/connection.js';
import { KdeployError } from '../../../../src/errors.js';
import { rejection } from '../../../support/rejection.js';
import { TemporaryFolder } from '../../temporary-folder.js';
import { EngineImages } from '../../../../src/places/engine/images.js';
import { FakeEngine, hangUp, nothing, refuse } from './fake-engine.js';
import { SshServer } from './ssh-server.js';

describe('the engine', () => {
  let home: TemporaryFolder;
  beforeEach(async () => {
    home = await TemporaryFolder.create();
  });

  afterEach(() => home.remove());

  const around = (changes: Partial<EngineSurroundings> = {}): EngineSurroundings => ({
    environment: {},
    home: home.path,
    platform: 'linux',
    exists: () => false,
    ...changes,
  });

  /** As `docker context create` and `docker context use` leave it. */
  const writeContext = async (name: string, meta: unknown, folder = '.docker'): Promise<string> => {
    const id = createHash('sha256').update(name).digest('hex');
    await home.write({
      [`${folder}/config.json`]: JSON.stringify({ currentContext: name }),
      [`${folder}/contexts/meta/${id}/meta.json`]: typeof meta === 'string' ? meta : JSON.stringify(meta),
    });
    return id;
  };
  const endpoint = (Host: string) => ({ Name: 'x', Endpoints: { docker: { Host } } });

  describe('is looked for', () => {
    it('at DOCKER_HOST before anything else', async () => {
      await writeContext('colima', endpoint('unix:///colima.sock'));
      const environment = { DOCKER_HOST: 'tcp://build:2375', DOCKER_CONTEXT: 'colima' };
      expect(await locateEngine(around({ environment, exists: () => true }))).to.deep.equal({
        host: 'tcp://build:2375',
        origin: 'DOCKER_HOST',
      });
    });

    it('at DOCKER_HOST with the certificates of DOCKER_CERT_PATH, or of the home folder, when TLS is asked for', async () => {
      const environment = { DOCKER_HOST: 'tcp://build:2376', DOCKER_TLS_VERIFY: '1' };
      expect(await locateEngine(around({ environment }))).to.have.property('certificates', home.file('.docker'));
      const elsewhere = { ...environment, DOCKER_CERT_PATH: '/certs' };
      expect(await locateEngine(around({ environment: elsewhere }))).to.have.property('certificates', '/certs');
      const empty = { ...environment, DOCKER_CERT_PATH: '' };
      expect(await locateEngine(around({ environment: empty }))).to.deep.equal({
        host: 'tcp://build:2376',
        origin: 'DOCKER_HOST',
        certificates: home.file('.docker'),
      });
      const off = { ...elsewhere, DOCKER_TLS_VERIFY: '' };
      expect(await locateEngine(around({ environment: off }))).not.to.have.property('certificates');
    });

    it('in the current context of the docker command', async () => {
      await writeContext('colima', endpoint('unix:///colima.sock'));
      expect(await locateEngine(around({ environment: { DOCKER_HOST: '' }, exists: () => true }))).to.deep.equal({
        host: 'unix:///colima.sock',
        origin: 'docker context "colima"',
      });
    });

    it('in the context of DOCKER_CONTEXT rather than the current one, and in the folder of DOCKER_CONFIG', async () => {
      await writeContext('one', endpoint('unix:///one.sock'), 'docker config');
      await writeContext('two', endpoint('unix:///two.sock'), 'docker config');
      const environment = { DOCKER_CONTEXT: 'one', DOCKER_CONFIG: home.file('docker config') };
      expect((await locateEngine(around({ environment }))).host).to.equal('unix:///one.sock');
    });

    it('with the certificates that the context has', async () => {
      const id = await writeContext('remote', endpoint('tcp://build:2376'));
      await home.write({ [`.docker/contexts/tls/${id}/docker/ca.pem`]: 'x' });
      expect(await locateEngine(around())).to.have.property(
        'certificates',
        home.file(`.docker/contexts/tls/${id}/docker`),
      );
    });

    for (const context of ['default', '', 3, null]) {
      it(`at the usual socket when the context is ${JSON.stringify(context)}`, async () => {
        await home.write({ '.docker/config.json': JSON.stringify({ currentContext: context }) });
        expect((await locateEngine(around({ exists: () => true }))).origin).to.equal('the default socket');
      });
    }

    it('at the usual socket when docker’s configuration is no JSON', async () => {
      await home.write({ '.docker/config.json': '{' });
      expect((await locateEngine(around({ exists: () => true }))).host).to.equal('unix:///var/run/docker.sock');
    });

    it('at the sockets of a rootless engine and of Docker Desktop', async () => {
      const only = (socket: string) =>
        around({ environment: { XDG_RUNTIME_DIR: '/run/user/7' }, exists: (file) => file === socket });
      expect(await locateEngine(only('/run/user/7/docker.sock'))).to.deep.equal({
        host: 'unix:///run/user/7/docker.sock',
        origin: 'the rootless socket',
      });
      expect((await locateEngine(only(`${home.path}/.docker/run/docker.sock`))).origin).to.equal(
        "Docker Desktop's socket",
      );
    });

    it('at Podman’s sockets, where there is no Docker', async () => {
      const sockets = ['/run/user/7/podman/podman.sock', '/run/podman/podman.sock'];
      for (const [index, origin] of ["Podman's rootless socket", "Podman's socket"].entries()) {
        const environment = { XDG_RUNTIME_DIR: '/run/user/7' };
        const exists = (file: string): boolean => sockets.slice(index).includes(file);
        expect(await locateEngine(around({ environment, exists }))).to.deep.equal({
          host: `unix://${sockets[index]}`,
          origin,
        });
      }
      expect((await locateEngine(around({ exists: () => true }))).origin).to.equal('the default socket');
    });

    it('in the current context where DOCKER_CONTEXT is set to nothing', async () => {
      await writeContext('colima', endpoint('unix:///colima.sock'));
      expect((await locateEngine(around({ environment: { DOCKER_CONTEXT: '' } }))).host).to.equal(
        'unix:///colima.sock',
      );
    });

    it('at its pipe on Windows', async () => {
      expect((await locateEngine(around({ platform: 'win32' }))).host).to.equal('npipe:////./pipe/docker_engine');
    });

    it('nowhere else: then the error says how to start one', async () => {
      const error = await rejection(locateEngine(around()));
      expect([error.code, error.message]).to.deep.equal([
        'engine-unreachable',
        'no Docker Engine was found on this machine',
      ]);
      expect(error.hint).to.contain('systemctl start docker');
    });

    for (const [what, meta] of [
      ['is no JSON', '{'],
      ['names no host', { Endpoints: { docker: {} } }],
      ['names an empty host', endpoint('')],
      ['names no text for a host', { Endpoints: { docker: { Host: 3 } } }],
      ['has no endpoint for docker', { Endpoints: {} }],
      ['has no endpoint', {}],
    ] as const) {
      it(`in no other place when the chosen context ${what}`, async () => {
        await writeContext('broken', meta);
        const error = await rejection(locateEngine(around({ exists: () => true })));
        expect(error.code).to.equal('engine-unreachable');
        const why =
          what === 'is no JSON' ? /^the docker context "broken" cannot be used: .*JSON/ : /: it has no docker host$/;
        expect(error.message).to.match(why);
        expect(error.hint).to.contain('docker context use default');
      });
    }

    it('in no other place when the chosen context does not exist', async () => {
      const error = await rejection(locateEngine(around({ environment: { DOCKER_CONTEXT: 'gone' } })));
      expect(error.message).to.contain('"gone" cannot be used: ENOENT');
    });
  });

  describe('is connected to', () => {
    it('when it answers', async () => {
      const engine = (await FakeEngine.start()).on('GET /_ping', nothing(200));
      const host = `unix://${engine.socket}`;
      const connection = await connectEngine(around({ environment: { DOCKER_HOST: host } }));
      expect([connection.host, connection.origin]).to.deep.equal([host, 'DOCKER_HOST']);
      await engine.stop();
    });

    it('as it was found, and not as dockerode reads the environment by itself', async () => {
      const engine = (await FakeEngine.start()).on('GET /_ping', nothing(200));
      const { DOCKER_HOST: ownHost, DOCKER_CERT_PATH: ownFolder } = process.env;
      // It throws for a certificate that is missing, also where none is asked for.
      const asked = { DOCKER_HOST: 'tcp://192.0.2.1:1', DOCKER_CERT_PATH: home.file('nowhere') };
      try {
        Object.assign(process.env, asked);
        const host = `unix://${engine.socket}`;
        expect((await connectEngine(around({ environment: { DOCKER_HOST: host } }))).host).to.equal(host);
        // Other programs are started with it.
        expect(process.env).to.include(asked);
        delete process.env.DOCKER_HOST;
        await connectEngine(around({ environment: { DOCKER_HOST: host } }));
        expect(process.env).not.to.have.property('DOCKER_HOST');
      } finally {
        delete process.env.DOCKER_CERT_PATH;
        if (ownHost !== undefined) process.env.DOCKER_HOST = ownHost;
        if (ownFolder !== undefined) process.env.DOCKER_CERT_PATH = ownFolder;
        await engine.stop();
      }
    });

    for (const [what, headers, podman] of [
      ['Podman, which says so', { 'Libpod-Api-Version': '4.3.1', Server: 'Libpod/4.3.1 (linux)' }, '4.3.1'],
      ['Docker', { Server: 'Docker/29.0.0 (linux)' }, undefined],
    ] as const) {
      it(`which may be ${what}`, async () => {
        const engine = (await FakeEngine.start()).on('GET /_ping', (response) =>
          response.writeHead(200, headers).end('OK'),
        );
        const environment = { DOCKER_HOST: `unix://${engine.socket}` };
        expect((await connectEngine(around({ environment }))).podman).to.equal(podman);
        await engine.stop();
      });
    }

    it('over TCP', async () => {
      const server = createServer((_request, response) => response.end('OK'));
      server.listen(0, 'localhost');
      await once(server, 'listening');
      const { port } = server.address() as { port: number };
      const connection = await connectEngine(around({ environment: { DOCKER_HOST: `tcp://localhost:${port}` } }));
      expect(connection.host).to.equal(`tcp://localhost:${port}`);
      server.close();
    });

    for (const [what, answer] of [
      ['refuses', refuse(500, 'not now')],
      ['hangs up', hangUp()],
    ] as const) {
      it(`and the error says where, when it ${what}`, async () => {
        const engine = (await FakeEngine.start()).on('GET /_ping', answer);
        const environment = { DOCKER_HOST: `unix://${engine.socket}` };
        const error = await rejection(connectEngine(around({ environment })));
        expect(error.message).to.equal(
          `cannot connect to the Docker Engine at unix://${engine.socket} (from DOCKER_HOST)`,
        );
        expect(error.cause).to.be.instanceOf(Error);
        await engine.stop();
      });
    }

    it('and the error says so when it does not answer', async () => {
      const engine = (await FakeEngine.start()).on('GET /_ping', () => undefined);
      const environment = { DOCKER_HOST: `unix://${engine.socket}` };
      const error = await rejection(connectEngine(around({ environment, patience: 20 })));
      expect([error.exitCode, error.message]).to.deep.equal([
        3,
        `the Docker engine at unix://${engine.socket} (from DOCKER_HOST) does not answer`,
      ]);
      expect((error.cause as Error).message).to.equal('the Docker engine does not answer (waited 0.02 s)');
      expect(error.hint).to.contain('restart Docker');
      await engine.stop();
    });

    it('and the error says so when something else answers', async () => {
      const engine = (await FakeEngine.start()).on('GET /_ping', (response) =>
        response.writeHead(200, { 'Content-Type': 'text/html' }).end('<html>Please log in.</html>'),
      );
      const environment = { DOCKER_HOST: `unix://${engine.socket}` };
      const error = await rejection(connectEngine(around({ environment })));
      expect(error.message).to.equal(`unix://${engine.socket} (from DOCKER_HOST) is not a Docker engine`);
      expect(error.hint).to.contain('login page');
      await engine.stop();
    });

    it('and waits for no answer after Ctrl-C', async () => {
      const interruption = new AbortController();
      const engine = (await FakeEngine.start()).on('GET /_ping', () =>
        interruption.abort(new KdeployError('interrupted', 'interrupted (SIGINT)')),
      );
      const environment = { DOCKER_HOST: `unix://${engine.socket}` };
      expect((await rejection(connectEngine(around({ environment }), interruption.signal))).code).to.equal(
        'interrupted',
      );
      await engine.stop();
    });

    it('and the error says so when nobody listens', async () => {
      const server = createTcpServer();
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as { port: number };
      server.close();
      await once(server, 'close');
      const environment = { DOCKER_HOST: `tcp://127.0.0.1:${port}` };
      expect((await rejection(connectEngine(around({ environment })))).code).to.equal('engine-unreachable');
    });

    it('and the error says so when there is no such socket', async () => {
      const environment = { DOCKER_HOST: `unix://${home.file('none.sock')}` };
      expect((await rejection(connectEngine(around({ environment })))).message).to.contain('none.sock');
    });

    it('through a pipe', async () => {
      const environment = { DOCKER_HOST: 'npipe:////./pipe/docker_engine' };
      const { cause } = await rejection(connectEngine(around({ environment })));
      expect((cause as Error).message).to.equal('connect ENOENT //./pipe/docker_engine');
    });

    it('over SSH, where docker makes the connection on the other machine', async () => {
      const engine = (await FakeEngine.start())
        .on('GET /_ping', (response) => response.writeHead(200, { 'Libpod-Api-Version': '4.3.1' }).end('OK'))
        .on('GET /images/app/json', refuse(500, 'not now'));
      const ssh = await SshServer.start(engine.socket);
      const environment = { DOCKER_HOST: `ssh://ada@${ssh.host}` };
      const { docker, podman } = await connectEngine(around({ environment }));
      expect(podman).to.equal('4.3.1');
      // What the engine says is read as over any other connection.
      expect((await rejection(new EngineImages(docker).find('app'))).message).to.contain(': not now');
      expect(ssh.seen).to.deep.equal(Array.from({ length: 2 }, () => 'ada: docker system dial-stdio'));
      await ssh.stop();
      await engine.stop();
    });

    it('not over SSH where nobody is let in', async () => {
      const ssh = await SshServer.start(undefined);
      const environment = { DOCKER_HOST: `ssh://ada@${ssh.host}` };
      const error = await rejection(connectEngine(around({ environment })));
      expect(error.message).to.equal(`cannot connect to the Docker Engine at ssh://ada@${ssh.host} (from DOCKER_HOST)`);
      expect((error.cause as Error).message).to.contain('authentication');
      await ssh.stop();
    });

    it('without a client certificate where there is none, as docker does', async () => {
      const environment = { DOCKER_HOST: 'tcp://127.0.0.1:1', DOCKER_TLS_VERIFY: '1' };
      const error = await rejection(connectEngine(around({ environment })));
      expect(error.message).to.contain('cannot connect to the Docker Engine at tcp://127.0.0.1:1');
    });
  });
});
