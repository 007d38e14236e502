import { rm } from 'node:fs/promises';
import { expect } from 'chai';
import { EngineBuilder, type EngineBuilderParts } from '../../../src/builders/engine/engine-builder.js';
import type { BuildRequest } from '../../../src/builders/builder.js';
import type { EngineBuildOptions } from '../../../src/places/engine/builds.js';
import { EngineRefusal } from '../../../src/places/engine/answer.js';
import { EngineStreamError } from '../../../src/places/engine/message-stream.js';
import { KdeployError } from '../../../src/errors.js';
import { rejection } from '../../support/rejection.js';
import { RecordingProgress } from '../recording-progress.js';
import { everythingIn } from '../places/registry/refusal.js';
import { TemporaryFolder } from '../temporary-folder.js';
import { buildRequest } from './requests.js';

describe('the engine builder', () => {
  let folder: TemporaryFolder;
  let progress: RecordingProgress;
  let events: string[];
  let sent: EngineBuildOptions | undefined;
  let interruption: AbortController;

  beforeEach(async () => {
    folder = await (await TemporaryFolder.create()).write({ Dockerfile: 'FROM scratch', 'src/a.py': 'a' });
    [progress, events, sent, interruption] = [new RecordingProgress(), [], undefined, new AbortController()];
  });

  afterEach(async () => folder.remove());

  const parts = (changes: Partial<EngineBuilderParts> = {}): EngineBuilderParts => ({
    builds: {
      build: async (context, options) => {
        sent = options;
        events.push('build');
        for await (const chunk of context) events.push(...((chunk as Buffer).length > 0 ? [] : ['empty']));
      },
    },
    writeDockerfile: () => Promise.resolve(void events.push('write Dockerfile')),
    hasDockerfile: true,
    defaultBaseImage: () => Promise.resolve('python:3.11-slim'),
    openSession: () => Promise.resolve(undefined),
    contextSecrets: () => Promise.resolve([]),
    registries: () => Promise.resolve({ 'r.io': { username: 'me' } }),
    ...changes,
  });
  const build = (changes: Partial<EngineBuilderParts> = {}, request: Partial<BuildRequest> = {}) =>
    new EngineBuilder(parts(changes)).build(
      buildRequest({ project: folder.path, uid: 7, gid: 8, ...request }),
      progress.recordingStep,
      interruption.signal,
    );
  const failingWith = (failure: Error, line = ''): Pick<EngineBuilderParts, 'builds'> => ({
    builds: {
      build: (_context, { onLine }) => {
        if (line !== '') onLine(line);
        return Promise.reject(failure);
      },
    },
  });
  const session = (): EngineBuilderParts['openSession'] => () =>
    Promise.resolve({ id: 'session-1', close: () => void events.push('close session') });

  it('passes the arguments that kedro docker passes, and the user’s over them', async () => {
    await build({}, { buildArguments: [{ name: 'KEDRO_GID', value: '9' }] });
    expect(sent?.buildArguments).to.deep.equal({ KEDRO_UID: '7', KEDRO_GID: '9', BASE_IMAGE: 'python:3.11-slim' });
    expect(sent).to.deep.include({
      tag: 'kdeploy-intermediate:1',
      dockerfile: 'Dockerfile',
      platform: 'linux/amd64',
      registries: { 'r.io': { username: 'me' } },
      session: undefined,
    });
  });

  it('prefers the base image that was asked for, and does without one that nobody knows', async () => {
    await build({}, { baseImage: 'python:3.12' });
    expect(sent?.buildArguments).to.have.property('BASE_IMAGE', 'python:3.12');
    await build({ defaultBaseImage: () => Promise.resolve(undefined) });
    expect(sent?.buildArguments).not.to.have.property('BASE_IMAGE');
  });

  it('has a missing Dockerfile written first', async () => {
    await build({ hasDockerfile: false });
    expect(events).to.deep.equal(['write Dockerfile', 'build']);
  });

  it('shows the build’s lines without the values of build arguments', async () => {
    const builds: EngineBuilderParts['builds'] = {
      build: (_context, { onLine }) => {
        onLine('get hunter2-x');
        return Promise.resolve();
      },
    };
    await build({ builds }, { buildArguments: [{ name: 'TOKEN', value: 'hunter2-x' }] });
    expect(progress.said).to.deep.equal(['line get ***']);
  });

  describe('closes its session', () => {
    it('when the build is done', async () => {
      await build({ openSession: session() });
      expect(sent?.session).to.equal('session-1');
      expect(events).to.deep.equal(['build', 'close session']);
    });

    it('when the build fails', async () => {
      await rejection(build({ openSession: session(), ...failingWith(new EngineStreamError('x')) }));
      expect(events).to.deep.equal(['close session']);
    });

    it('when the project cannot even be read, for an open one would keep the process from ending', async () => {
      await build({ openSession: session() }, { project: folder.file('none') }).catch(() => undefined);
      expect(events).to.include('close session');
    });

    it('or does not open it, when the credentials cannot be had', async () => {
      const failure = new KdeployError('credentials', 'the helper failed');
      const openSession = () => Promise.resolve({ id: 's', close: () => expect.fail('it was never to be opened') });
      const registries = () => Promise.reject(failure);
      expect(await rejection(build({ openSession, registries }))).to.equal(failure);
    });
  });

  describe('fails', () => {
    it('with the engine’s words, the last lines and the next step, when the build does', async () => {
      const failure = new EngineStreamError('returned a non-zero code: 1');
      const error = await rejection(build(failingWith(failure, 'No matching distribution found for kedro==9')));
      expect([error.code, error.message]).to.deep.equal(['build-failed', 'the image could not be built']);
      expect((error.cause as Error).message).to.equal('returned a non-zero code: 1');
      expect(error.output).to.deep.equal(['No matching distribution found for kedro==9']);
      expect(error.hint).to.contain('fix the requirements');
    });

    it('the same way when the engine refuses it at once', async () => {
      const error = await rejection(build(failingWith(new EngineRefusal('dockerfile parse error on line 1', 400))));
      expect([error.code, (error.cause as Error).message]).to.deep.equal([
        'build-failed',
        'dockerfile parse error on line 1',
      ]);
    });

    it('without a build argument’s value, which Docker fills into the line that it quotes', async () => {
      const failure = new EngineStreamError('ADD failed: failed to GET https://me:hunter2-pw@host/x: 404');
      const buildArguments = [{ name: 'URL', value: 'https://me:hunter2-pw@host' }];
      const error = await rejection(
        build(failingWith(failure, 'ADD https://me:hunter2-pw@host/x'), { buildArguments }),
      );
      expect((error.cause as Error).message).to.equal('ADD failed: failed to GET ***/x: 404');
      expect(everythingIn(error) + progress.said.join()).not.to.contain('hunter2');
    });

    it('as an engine that went away, when the connection breaks', async () => {
      const error = await rejection(build(failingWith(new Error('read ECONNRESET'), 'Step 3/9')));
      expect([error.code, error.message, error.output]).to.deep.equal([
        'engine-unreachable',
        'the connection to the Docker Engine was lost during the build',
        ['Step 3/9'],
      ]);
    });

    it('with what a part of the house says, as it is', async () => {
      const failure = new KdeployError('engine-unreachable', 'no session');
      expect(await rejection(build(failingWith(failure)))).to.equal(failure);
    });

    it('as interrupted, whatever the engine says to that', async () => {
      const builds = {
        build: () => {
          interruption.abort();
          return Promise.reject(new EngineStreamError('context canceled'));
        },
      };
      expect((await rejection(build({ builds }))).code).to.equal('interrupted');
    });
  });

  it('leaves out a file that vanishes meanwhile, as docker does', async () => {
    await folder.write(Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`z/${at}`, 'x'.repeat(70_000)])));
    const received: Buffer[] = [];
    const builds: EngineBuilderParts['builds'] = {
      build: async (context) => {
        let bytes = 0;
        for await (const chunk of context) {
          received.push(chunk as Buffer);
          bytes += (chunk as Buffer).length;
          // The folder has been listed by then, and its last file is far from being read.
          if (bytes > 1_000_000) await rm(folder.file('z/9'), { force: true });
        }
      },
    };
    await build({ builds });
    const sent = Buffer.concat(received);
    expect([sent.includes('z/8\0'), sent.includes('z/9\0')]).to.deep.equal([true, false]);
  });
});
