import { chmod } from 'node:fs/promises';
import { expect } from 'chai';
import { createBuilder, type CreateBuilderOptions } from '../../../src/builders/create-builder.js';
import { workTree } from '../../../src/project/sources/work-tree.js';
import { rejection } from '../../support/rejection.js';
import { tarEntries } from '../../unit/bake/tar-entries.js';
import { FakeEngine, json, records } from '../../unit/places/engine/fake-engine.js';
import { RecordingProgress } from '../../unit/recording-progress.js';
import { TemporaryFolder } from '../../unit/temporary-folder.js';
import { modelOf, projectOf, settings } from '../../unit/builders/projects.js';
import { buildRequest } from '../../unit/builders/requests.js';

describe('the builder that the settings name', () => {
  let folder: TemporaryFolder;
  let engine: FakeEngine;

  beforeEach(async () => {
    [folder, engine] = [await TemporaryFolder.create(), await FakeEngine.start()];
    await folder.write({ 'bin/kedro': '#!/bin/sh\necho "$@" > asked; echo "FROM scratch" > Dockerfile\n' });
    await chmod(folder.file('bin/kedro'), 0o755);
    await folder.write({ 'project/pyproject.toml': '' });
  });

  afterEach(async () => {
    await engine.stop();
    await folder.remove();
  });

  const request = () => buildRequest({ project: folder.file('project') });
  const create = (builder: 'kedro' | 'engine', changes: Partial<CreateBuilderOptions> = {}) => {
    const kedro = changes.kedro ?? folder.file('bin/kedro');
    const project = projectOf(folder.file('project'), workTree(folder.file('project')));
    return createBuilder({
      model: modelOf(project, settings({ builder }), { kedro }),
      settings: settings({ builder }),
      kedro,
      engine: { docker: engine.docker, host: 'unix:///x', origin: 'DOCKER_HOST' },
      environment: { DOCKER_CONFIG: folder.file('docker') },
      request: request(),
      ...changes,
    });
  };

  it('is kedro’s, with the project’s own kedro', async () => {
    expect((await create('kedro')).name).to.equal('kedro');
    expect((await rejection(create('kedro', { kedro: folder.file('none') }))).code).to.equal('tool-missing');
  });

  it('is the engine’s, which does without a kedro where there is a Dockerfile', async () => {
    await folder.write({ 'project/Dockerfile': 'FROM scratch' });
    engine.on('POST /build', records({ stream: 'done\n' }));
    const builder = await create('engine', { kedro: folder.file('none') });
    const progress = new RecordingProgress();
    await builder.build(request(), progress.recordingStep, new AbortController().signal);
    expect([builder.name, progress.said]).to.deep.equal(['engine', ['line done']]);
  });

  it('has kedro docker write a missing Dockerfile', async () => {
    engine.on('POST /build', records());
    const builder = await create('engine');
    await builder.build(request(), new RecordingProgress().recordingStep, new AbortController().signal);
    expect(engine.only('POST /build').body.toString()).to.contain('FROM scratch');
  });

  it('shows the base image’s registry the credentials that docker would, and no other registry’s', async () => {
    await folder.write({ 'project/Dockerfile': 'FROM registry.example.com/team/base:1' });
    const auth = Buffer.from('me:hunter2').toString('base64');
    const auths = { 'registry.example.com': { auth }, 'other.example.com': { auth } };
    await folder.write({ 'docker/config.json': JSON.stringify({ auths }) });
    engine.on('POST /build', records());
    const builder = await create('engine');
    await builder.build(request(), new RecordingProgress().recordingStep, new AbortController().signal);
    const header = String(engine.only('POST /build').headers['x-registry-config']);
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).to.deep.equal({
      'registry.example.com': { username: 'me', password: 'hunter2', serveraddress: 'registry.example.com' },
    });
  });

  it('shows them to the registry of the base image that the build arguments name', async () => {
    await folder.write({ 'project/Dockerfile': 'ARG MIRROR=docker.io\nFROM $MIRROR/team/base:1' });
    const auth = Buffer.from('me:hunter2').toString('base64');
    await folder.write({ 'docker/config.json': JSON.stringify({ auths: { 'mirror.example.com': { auth } } }) });
    engine.on('POST /build', records());
    const project = projectOf(folder.file('project'), workTree(folder.file('project')));
    const own = settings({ builder: 'engine' }, { args: { MIRROR: 'mirror.example.com' } });
    const builder = await create('engine', { model: modelOf(project, own), settings: own });
    await builder.build(request(), new RecordingProgress().recordingStep, new AbortController().signal);
    const header = String(engine.only('POST /build').headers['x-registry-config']);
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).to.have.property('mirror.example.com');
  });

  it('shows them to the registry of every image that the Dockerfile names, and passes over a name that is none', async () => {
    await folder.write({
      'project/Dockerfile': [
        'ARG MIRROR=base.example.com/mirror',
        'FROM ${MIRROR:-docker.io}/python:3.11 AS b',
        'COPY --from=tools.example.com:5000/uv:1 /uv /bin/',
        'FROM b AS c',
        'RUN --mount=type=bind,from=wheels.example.com/w,target=/w pip install /w/*',
        'FROM Not/A:Name:x',
        'COPY --from=b /x /x',
        'COPY --from=1 /y /y',
      ].join('\n'),
    });
    const auth = Buffer.from('me:hunter2').toString('base64');
    const names = ['base.example.com', 'tools.example.com:5000', 'wheels.example.com', 'https://index.docker.io/v1/'];
    const auths = Object.fromEntries(names.map((name) => [name, { auth }]));
    await folder.write({ 'docker/config.json': JSON.stringify({ auths }) });
    engine.on('POST /build', records()).on('POST /session', json({}));
    engine.onUpgrade((socket) => socket.end('HTTP/1.1 500 no\r\nContent-Length: 0\r\n\r\n'));
    const builder = await create('engine', {
      engine: { docker: engine.docker, host: 'unix:///x', origin: 'DOCKER_HOST', podman: '4.3.1' },
    });
    await builder.build(request(), new RecordingProgress().recordingStep, new AbortController().signal);
    const header = String(engine.only('POST /build').headers['x-registry-config']);
    const shown = JSON.parse(Buffer.from(header, 'base64url').toString()) as object;
    expect(Object.keys(shown).sort()).to.deep.equal(names.slice(0, 3).sort());
  });

  it('opens a BuildKit session only where the Dockerfile or a secret needs one', async () => {
    engine.on('POST /build', records()).on('POST /session', json({}));
    const builds = async (dockerfile: string, secrets: { id: string; env: string }[]): Promise<string | null> => {
      await folder.write({ 'project/Dockerfile': dockerfile });
      let opened: string | null = null;
      engine.onUpgrade((socket) => {
        opened = 'opened';
        socket.end('HTTP/1.1 500 no\r\nContent-Length: 0\r\n\r\n');
      });
      const own = { ...request(), secrets };
      const builder = await create('engine', { request: own });
      await builder
        .build(own, new RecordingProgress().recordingStep, new AbortController().signal)
        .catch(() => undefined);
      return opened;
    };
    expect(await builds('FROM scratch', [])).to.equal(null);
    expect(await builds('FROM scratch', [{ id: 'pip', env: 'PIP' }])).to.equal('opened');
    expect(await builds('FROM scratch\nRUN --mount=type=secret,id=pip true', [])).to.equal('opened');
  });

  it('sends secrets to Podman as files at the end of the context, under names that nobody has, and opens no session', async () => {
    await folder.write({ 'project/Dockerfile': 'FROM scratch\nRUN --mount=type=secret,id=pip true' });
    engine.on('POST /build', records());
    const own = { ...request(), secrets: [{ id: 'pip', env: 'PIP' }] };
    const builder = await create('engine', {
      request: own,
      engine: { docker: engine.docker, host: 'unix:///x', origin: 'DOCKER_HOST', podman: '4.3.1' },
      environment: { PIP: 'hunter2' },
    });
    await builder.build(own, new RecordingProgress().recordingStep, new AbortController().signal);
    const { query, body } = engine.only('POST /build');
    const [secret] = JSON.parse(query.get('secrets') ?? '') as string[];
    const file = /^id=pip,src=(kdeploy-build-secret-[0-9a-f-]{36})$/.exec(secret ?? '')?.[1];
    const last = (await tarEntries(body)).at(-1);
    expect([last?.header.name, last?.content.toString(), last?.header.mode]).to.deep.equal([file, 'hunter2', 0o600]);
    expect(engine.asked).to.deep.equal(['POST /build']);
  });

  it('refuses secrets on a Podman that would ignore them and leave their files to COPY', async () => {
    await folder.write({ 'project/Dockerfile': 'FROM scratch' });
    const own = { ...request(), secrets: [{ id: 'pip', env: 'PIP' }] };
    const builder = await create('engine', {
      request: own,
      engine: { docker: engine.docker, host: 'unix:///x', origin: 'DOCKER_HOST', podman: '3.4.4' },
      environment: { PIP: 'hunter2' },
    });
    const error = await rejection(
      builder.build(own, new RecordingProgress().recordingStep, new AbortController().signal),
    );
    expect([error.code, error.message]).to.deep.equal(['configuration', 'Podman 3.4.4 cannot take build secrets']);
    expect(engine.asked).to.deep.equal([]);
  });
});
