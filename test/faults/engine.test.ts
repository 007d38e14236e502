import { PassThrough, Readable } from 'node:stream';
import Docker from 'dockerode';
import { expect } from 'chai';
import { openBuildkitSession } from '../../src/places/engine/buildkit-session.js';
import { EngineBuilds } from '../../src/places/engine/builds.js';
import { superviseCalls } from '../../src/places/engine/calls.js';
import { connectEngine } from '../../src/places/engine/connection.js';
import { EngineContainer, EngineContainers } from '../../src/places/engine/containers.js';
import { EngineFault } from '../../src/places/engine/fault.js';
import { EngineImages } from '../../src/places/engine/images.js';
import { EngineStreamError } from '../../src/places/engine/message-stream.js';
import { EnginePushes } from '../../src/places/engine/pushes.js';
import { engineProduct } from '../../src/places/engine/product.js';
import { KdeployError } from '../../src/errors.js';
import { archive, FakeEngine, json, nothing, pathStat, records } from '../unit/places/engine/fake-engine.js';
import { TemporaryFolder } from '../unit/temporary-folder.js';
import { FAULTS, FaultProxy, type Fault } from './fault-proxy.js';

const ID = `sha256:${'a'.repeat(64)}`;
const IMAGE = { Id: ID, Os: 'linux', Architecture: 'amd64', Size: 1, Created: '', RootFS: {}, Config: {} };
const configuration = { env: [], entrypoint: [], cmd: [], workingDirectory: '/', user: '', labels: {} };
const { signal } = new AbortController();

/** Every call that is made of an engine, with how it is made. */
const CALLS: readonly [route: string, call: (docker: Docker) => Promise<unknown>][] = [
  ['GET /images/app:v1/json', (docker) => new EngineImages(docker).find('app:v1')],
  ['GET /images/app:v1/history', (docker) => new EngineImages(docker).history('app:v1')],
  ['GET /images/app:v1/get', async (docker) => drained(await new EngineImages(docker).export('app:v1'))],
  ['POST /images/app:v1/tag', (docker) => new EngineImages(docker).tag('app:v1', 'app', 'v2')],
  ['DELETE /images/app:v1', (docker) => new EngineImages(docker).remove('app:v1')],
  ['POST /v4.3.1/libpod/images/app:v1/untag', (docker) => new EngineImages(docker, '4.3.1').remove('app:v1')],
  ['POST /containers/create', (docker) => new EngineContainers(docker).create({ image: 'app', name: 'kdeploy-x' })],
  ['HEAD /containers/c1/archive', (docker) => container(docker).look('/etc')],
  ['GET /containers/c1/archive', (docker) => container(docker).readFile('/etc/passwd')],
  ['PUT /containers/c1/archive', (docker) => container(docker).putArchive('/', Buffer.from('tar'))],
  ['POST /commit', (docker) => container(docker).commit(configuration, 'comment', 'kdeploy-intermediate:x')],
  ['POST /containers/c1/attach', async (docker) => (await attached(docker)).ended],
  ['POST /containers/c1/start', (docker) => container(docker).start()],
  ['POST /containers/c1/wait', (docker) => container(docker).wait()],
  ['DELETE /containers/c1', (docker) => container(docker).remove()],
  ['POST /build', (docker) => new EngineBuilds(docker).build(Readable.from(['context']), BUILD)],
  ['POST /session', async (docker) => (await openBuildkitSession(docker, NOTHING)).close()],
  ['POST /images/app/push', (docker) => new EnginePushes(docker).push('app', 'v1', PUSH)],
  ['GET /distribution/app:v1/json', (docker) => new EnginePushes(docker).digestInRegistry('app:v1', undefined)],
  ['GET /info', (docker) => engineProduct(docker)],
  ['GET /version', (docker) => engineProduct(docker)],
  ['GET /_ping', (docker) => connectEngine(around(docker))],
];

const BUILD = {
  tag: 'kdeploy-intermediate:x',
  dockerfile: 'Dockerfile',
  platform: 'linux/amd64',
  buildArguments: {},
  registries: {},
  signal,
  onLine: () => undefined,
  session: undefined,
  secrets: [],
};
const PUSH = {
  credentials: undefined,
  plainHttp: false,
  signal,
  onProgress: () => undefined,
  onRetry: () => undefined,
};
const NOTHING = { secret: () => Promise.resolve(undefined), credentials: () => Promise.resolve(undefined) };

const container = (docker: Docker): EngineContainer => new EngineContainer(docker.getContainer('c1'));
const attached = (docker: Docker): Promise<{ ended: Promise<void> }> =>
  container(docker).attach(new PassThrough().resume(), new PassThrough().resume());

async function drained(stream: NodeJS.ReadableStream): Promise<void> {
  for await (const chunk of stream) expect(chunk).not.to.equal(undefined);
}

function around(docker: Docker): Parameters<typeof connectEngine>[0] {
  const { socketPath } = docker.modem as unknown as { socketPath: string };
  const environment = { DOCKER_HOST: `unix://${socketPath}` };
  return { environment, home: '/', platform: 'linux', exists: () => false };
}

/** What has no content to look at, and what its readers look through themselves. */
const WITHOUT_CONTENT =
  /^(?:POST .*(?:tag|start|attach|build|push)|DELETE .*|PUT .*|HEAD .*|GET \/(?:_ping|.*\/get|.*\/archive))$/;

const HARMLESS: Partial<Record<Fault, RegExp>> = {
  'an answer without content': WITHOUT_CONTENT,
  'an empty object': WITHOUT_CONTENT,
  'a list of numbers': WITHOUT_CONTENT,
  'null for an answer': WITHOUT_CONTENT,
  'ended in the middle of the answer': WITHOUT_CONTENT,
  'text that is no JSON': /\/(?:attach|get)$/,
  // The first file of an archive is all that is read.
  'cut in the middle of the answer': /^GET .*\/archive$/,
  // Some engines have no such question, and some proxies let nobody ask it: then the registry is asked.
  'a page with status 404': /^GET \/distribution\//,
};

const harmless = (fault: Fault, route: string): boolean =>
  HARMLESS[fault]?.test(route) === true || (/^GET \/(?:info|version)$/.test(route) && fault === 'an empty object');

describe('an engine’s answer', () => {
  let folder: TemporaryFolder;
  let engine: FakeEngine;
  let proxy: FaultProxy;
  let docker: Docker;

  beforeEach(async () => {
    folder = await TemporaryFolder.create();
    engine = (await FakeEngine.start())
      .on('GET /_ping', (response) => response.writeHead(200).end('OK'))
      .on('GET /images/app:v1/json', json({ ...IMAGE, RepoTags: ['app:v1'] }))
      .on('GET /images/app:v1/history', json([{ CreatedBy: 'x', Size: 1 }]))
      .on('GET /images/app:v1/get', archive({ name: 'manifest.json', content: '[]' }))
      .on('POST /images/app:v1/tag', nothing(201))
      .on('DELETE /images/app:v1', json([]))
      .on('POST /v4.3.1/libpod/images/app:v1/untag', nothing(201))
      .on('POST /containers/create', json({ Id: 'c1' }, 201))
      .on('HEAD /containers/c1/archive', pathStat('folder'))
      .on('GET /containers/c1/archive', archive({ name: 'passwd', content: 'root:x:0:0:::' }))
      .on('PUT /containers/c1/archive', nothing(200))
      .on('POST /commit', json({ Id: ID }, 201))
      .on('POST /containers/c1/attach', (response) => response.writeHead(200).end())
      .on('POST /containers/c1/start', nothing())
      .on('POST /containers/c1/wait', json({ StatusCode: 0 }))
      .on('DELETE /containers/c1', nothing())
      .on('POST /build', records({ stream: 'Step 1/1\n' }))
      .on('POST /images/app/push', records({ aux: { Digest: ID } }))
      .on('GET /distribution/app:v1/json', json({ Descriptor: { digest: ID } }))
      .on('GET /info', json({ OperatingSystem: 'Linux' }))
      .on('GET /version', json({ Components: [{ Name: 'Engine' }] }));
    proxy = await FaultProxy.start(folder.file('proxy.sock'), engine.socket);
    docker = new Docker({ socketPath: proxy.socket, host: undefined });
  });

  afterEach(async () => {
    await proxy.stop();
    await engine.stop();
    await folder.remove();
  });

  /** Whether a call ended well; what it failed with. */
  const outcomeOf = async (call: (docker: Docker) => Promise<unknown>, client = docker): Promise<unknown> =>
    call(client).then(
      () => undefined,
      (error: unknown) => error,
    );

  for (const [route, call] of CALLS) {
    it(`to ${route} is awaited to its end, and taken for what an engine said only where it did`, async function () {
      superviseCalls(docker);
      const impatient = new Docker({ socketPath: proxy.socket, host: undefined });
      superviseCalls(impatient, undefined, { answer: 20, change: 20, pulse: 5, ping: 5 });
      if (route !== 'POST /session') expect(await outcomeOf(call)).to.equal(undefined);
      for (const fault of Object.keys(FAULTS) as Fault[]) {
        if (fault === 'no answer at all' && route === 'GET /_ping') continue;
        // Where nothing is answered, the engine is silent altogether.
        proxy.spoil(fault, fault === 'no answer at all' ? /^/ : new RegExp(`^${escaped(route)}$`));
        const error = await outcomeOf(call, fault === 'no answer at all' ? impatient : docker);
        if (harmless(fault, route)) continue;
        expect(error, `${route}: ${fault}`).to.satisfy(
          (failed: unknown) =>
            failed instanceof KdeployError ||
            failed instanceof EngineFault ||
            failed instanceof EngineStreamError ||
            (failed instanceof Error && 'statusCode' in failed),
        );
        expect((error as Error).message, `${route}: ${fault}`).not.to.match(
          /undefined|Unexpected token|Cannot read|is not (?:a function|iterable)/,
        );
      }
    });
  }
});

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
