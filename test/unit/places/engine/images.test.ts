import { buffer } from 'node:stream/consumers';
import { expect } from 'chai';
import { EngineImages, engineError, engineReason, statusOf } from '../../../../src/places/engine/images.js';
import { EngineRefusal } from '../../../../src/places/engine/answer.js';
import { rejection } from '../../../support/rejection.js';
import { FakeEngine, hangUp, json, nothing, refuse } from './fake-engine.js';

const INSPECTED = {
  Id: 'sha256:abc',
  Os: 'linux',
  Architecture: 'arm64',
  Variant: 'v8',
  Size: 918,
  Created: '2026-01-02T03:04:05Z',
  RepoTags: ['app:v1'],
  RepoDigests: ['app@sha256:def'],
  RootFS: { Type: 'layers', Layers: ['sha256:1', 'sha256:2'] },
  Config: {
    Env: ['PATH=/bin'],
    Entrypoint: ['tini', '--'],
    Cmd: ['kedro', 'run'],
    WorkingDir: '/home/kedro_docker',
    User: 'kedro_docker',
    Labels: { a: 'b' },
    Volumes: { '/data': {} },
  },
};

describe('the engine’s images', () => {
  let engine: FakeEngine;
  let images: EngineImages;

  beforeEach(async () => {
    engine = await FakeEngine.start();
    images = new EngineImages(engine.docker);
  });

  afterEach(async () => engine.stop());

  it('are described in the words of the house', async () => {
    engine.on('GET /images/app:v1/json', json(INSPECTED));
    expect(await images.find('app:v1')).to.deep.equal({
      id: 'sha256:abc',
      configuration: {
        env: ['PATH=/bin'],
        entrypoint: ['tini', '--'],
        cmd: ['kedro', 'run'],
        workingDirectory: '/home/kedro_docker',
        user: 'kedro_docker',
        labels: { a: 'b' },
      },
      platform: 'linux/arm64/v8',
      layers: ['sha256:1', 'sha256:2'],
      volumes: ['/data'],
      size: 918,
      tags: ['app:v1'],
      repoDigests: ['app@sha256:def'],
      created: '2026-01-02T03:04:05Z',
    });
  });

  it('have an ID with its algorithm, which Podman leaves off now and then', async () => {
    const hex = 'a'.repeat(64);
    for (const [given, id] of [
      [hex, `sha256:${hex}`],
      [`sha256:${hex}`, `sha256:${hex}`],
    ]) {
      engine.on('GET /images/app/json', json({ ...INSPECTED, Id: given }));
      expect((await images.find('app'))?.id).to.equal(id);
    }
  });

  it('have no digests on Podman, whose are not the registry’s', async () => {
    engine.on('GET /images/app/json', json(INSPECTED));
    expect((await new EngineImages(engine.docker, '4.3.1').find('app'))?.repoDigests).to.deep.equal([]);
  });

  const absent: readonly [how: string, config: unknown][] = [
    [
      'null and empty, as older engines do',
      { Env: null, Entrypoint: null, Cmd: null, Labels: null, WorkingDir: '', User: '' },
    ],
    ['left out, as engines from API 1.50 on do', {}],
    ['without any configuration', null],
  ];
  for (const [how, Config] of absent) {
    it(`have an empty configuration when everything is ${how}`, async () => {
      engine.on(
        'GET /images/scratch/json',
        json({ ...INSPECTED, Config, RepoTags: null, RepoDigests: null, RootFS: {} }),
      );
      const found = await images.find('scratch');
      expect(found?.configuration).to.deep.equal({
        env: [],
        entrypoint: [],
        cmd: [],
        workingDirectory: '/',
        user: '',
        labels: {},
      });
      expect([found?.layers, found?.tags, found?.repoDigests]).to.deep.equal([[], [], []]);
    });
  }

  it('take an entrypoint or a command that is one text for a list of one', async () => {
    engine.on('GET /images/old/json', json({ ...INSPECTED, Config: { Entrypoint: '/run.sh', Cmd: 'kedro' } }));
    const { entrypoint, cmd } = (await images.find('old'))?.configuration ?? {};
    expect([entrypoint, cmd]).to.deep.equal([['/run.sh'], ['kedro']]);
  });

  it('have no size and no time where the engine tells none, and no variable that has no value', async () => {
    engine.on('GET /images/bare/json', json({ Id: 'sha256:abc', Os: 'linux', Config: { Env: ['A=', 'B', 'C=d=e'] } }));
    const found = await images.find('bare');
    expect([found?.size, found?.created, found?.platform]).to.deep.equal([0, '', 'linux']);
    expect(found?.configuration.env).to.deep.equal(['A=', 'C=d=e']);
  });

  it('are undefined when there is none of that name, and an error when the engine cannot say', async () => {
    expect(await images.find('none:v1')).to.equal(undefined);
    engine.on('GET /images/broken/json', refuse(500, 'layer store is damaged'));
    const error = await rejection(images.find('broken'));
    expect(error.code).to.equal('engine-unreachable');
    expect(error.message).to.equal('the engine could not look up the image broken: layer store is damaged');
  });

  it('have a history, newest layer first', async () => {
    engine.on(
      'GET /images/sha256:abc/history',
      json([
        { CreatedBy: 'COPY . . # buildkit', Size: 12, Id: '<missing>' },
        { CreatedBy: 'RUN pip install', Size: 0, Comment: 'kdeploy' },
      ]),
    );
    expect(await images.history('sha256:abc')).to.deep.equal([
      { createdBy: 'COPY . . # buildkit', comment: '', size: 12 },
      { createdBy: 'RUN pip install', comment: 'kdeploy', size: 0 },
    ]);
    engine.on('GET /images/sha256:abc/history', json([{ Size: 3 }]));
    expect(await images.history('sha256:abc')).to.deep.equal([{ createdBy: '', comment: '', size: 3 }]);
  });

  describe('are exported', () => {
    const ROUTE = 'GET /images/app/get';

    it('as the engine sends them', async () => {
      engine.on(ROUTE, (response) => response.writeHead(200, { 'Content-Type': 'application/x-tar' }).end('the tar'));
      expect((await buffer(await images.export('app'))).toString()).to.equal('the tar');
    });

    it('whole, or not at all: what breaks off fails in a sentence', async () => {
      engine.on(ROUTE, hangUp('half a tar'));
      const error = await rejection(buffer(await images.export('app')));
      expect([error.code, error.message]).to.deep.equal([
        'engine-unreachable',
        'the engine broke off exporting app: the connection was closed before the answer was complete (aborted)',
      ]);
      expect(error.hint).to.equal('check that the engine is running with `docker info`, then try again');
    });

    it('not where the engine refuses, which says why', async () => {
      engine.on(ROUTE, refuse(404, 'No such image: app'));
      expect((await rejection(images.export('app'))).message).to.equal(
        'the engine could not export the image app: No such image: app',
      );
    });
  });

  it('are tagged by repository and tag, each on its own, so that a port is no tag', async () => {
    engine.on('POST /images/sha256:abc/tag', nothing(201));
    await images.tag('sha256:abc', 'localhost:5000/app', 'v1');
    const { query } = engine.only('POST /images/sha256:abc/tag');
    expect([query.get('repo'), query.get('tag')]).to.deep.equal(['localhost:5000/app', 'v1']);
  });

  it('are removed without force and without their parents, which are the build cache', async () => {
    engine.on('DELETE /images/app:v1', json([]));
    await images.remove('app:v1');
    const { query } = engine.only('DELETE /images/app:v1');
    expect([query.get('noprune'), query.get('force')]).to.deep.equal(['true', null]);
  });

  describe('lose a tag on Podman', () => {
    const untag = async (name: string, tags: string[]): Promise<void> => {
      engine.on(`GET /images/${name}/json`, json({ ...INSPECTED, RepoTags: tags }));
      for (const tag of tags) engine.on(`POST /v4.3.1/libpod/images/${tag}/untag`, nothing(201));
      await new EngineImages(engine.docker, '4.3.1').remove(name);
    };
    const full: readonly [name: string, tags: string[], removed: string][] = [
      ['app:v1', ['docker.io/library/app:v1', 'quay.io/app:v1'], 'docker.io/library/app:v1'],
      ['team/app:v1', ['docker.io/team/app:v1', 'localhost/team/app:v1'], 'docker.io/team/app:v1'],
      ['app:v1', ['localhost/app:v1'], 'localhost/app:v1'],
      ['localhost:5000/app:v1', ['localhost:5000/app:v1', 'localhost:5000/app:v2'], 'localhost:5000/app:v1'],
    ];
    for (const [name, tags, removed] of full) {
      it(`and keep their parents: ${name} of ${tags.join(' and ')}`, async () => {
        await untag(name, tags);
        const { query } = engine.only(`POST /v4.3.1/libpod/images/${removed}/untag`);
        expect(`${query.get('repo')}:${query.get('tag')}`).to.equal(removed);
        expect(engine.requests.some(({ method }) => method === 'DELETE')).to.equal(false);
      });
    }

    it('only where they have it', async () => {
      await untag('app:v1', ['quay.io/app:v1', 'docker.io/library/other-app:v1']);
      expect(engine.asked).to.deep.equal(['GET /images/app:v1/json']);
    });

    it('which may be gone already, but not be refused', async () => {
      const route = 'POST /v4.3.1/libpod/images/localhost/app:v1/untag';
      const remove = () => new EngineImages(engine.docker, '4.3.1').remove('app:v1');
      engine.on('GET /images/app:v1/json', json({ ...INSPECTED, RepoTags: ['localhost/app:v1'] }));
      engine.on(route, refuse(404, 'image not known'));
      await remove();
      engine.on(route, refuse(500, 'it is locked'));
      expect((await rejection(remove())).message).to.equal('the engine could not remove app:v1: it is locked');
    });

    it('but are removed by their ID', async () => {
      const id = `sha256:${'a'.repeat(64)}`;
      engine.on(`DELETE /images/${id}`, json([]));
      await new EngineImages(engine.docker, '4.3.1').remove(id);
      expect(engine.asked).to.deep.equal([`GET /images/${id}/json`, `DELETE /images/${id}`]);
    });
  });

  it('are not removed by their ID while they have a tag, which an engine would take away', async () => {
    const id = `sha256:${'a'.repeat(64)}`;
    engine
      .on(`GET /images/${id}/json`, json({ ...INSPECTED, RepoTags: ['app:v1'] }))
      .on(`DELETE /images/${id}`, json([]));
    await images.remove(id);
    expect(engine.asked).to.deep.equal([`GET /images/${id}/json`]);
    engine.on(`GET /images/${id}/json`, json({ ...INSPECTED, RepoTags: ['<none>:<none>'] }));
    await images.remove(id);
    expect(engine.asked).to.contain(`DELETE /images/${id}`);
  });

  for (const status of [404, 409]) {
    it(`are left alone, without a word, when removing answers ${status}: gone, or still needed`, async () => {
      engine.on('DELETE /images/x', refuse(status, 'conflict'));
      await images.remove('x');
      expect(engine.asked).to.deep.equal(['DELETE /images/x']);
    });
  }

  const refusals: readonly [what: string, route: string, act: () => Promise<unknown>, message: string][] = [
    [
      'tagging',
      'POST /images/x/tag',
      () => images.tag('x', 'app', 'v1'),
      'the engine could not tag app:v1: it is full',
    ],
    ['removing', 'DELETE /images/x', () => images.remove('x'), 'the engine could not remove x: it is full'],
    [
      'history',
      'GET /images/x/history',
      () => images.history('x'),
      'the engine could not read the history of x: it is full',
    ],
  ];
  for (const [what, route, act, message] of refusals) {
    it(`name what failed when ${what} does, in the engine’s own words`, async () => {
      engine.on(route, refuse(500, 'it is full'));
      const error = await rejection(act());
      expect([error.code, error.message]).to.deep.equal(['engine-unreachable', message]);
    });

    it(`are a KdeployError, not a bug, when the engine goes away while ${what}`, async () => {
      engine.on(route, hangUp());
      expect((await rejection(act())).message).to.contain('socket hang up');
    });
  }
});

describe('the engine’s refusals', () => {
  it('have a status where they came over HTTP, and none otherwise', () => {
    expect(statusOf(Object.assign(new Error('x'), { statusCode: 404 }))).to.equal(404);
    expect(statusOf(Object.assign(new Error('x'), { statusCode: '404' }))).to.equal(undefined);
    expect(statusOf(new Error('(HTTP code 404)'))).to.equal(undefined);
    expect(statusOf({ statusCode: 404 })).to.equal(undefined);
  });

  it('are told in the engine’s words', () => {
    expect(engineReason(new EngineRefusal('No such image: x', 404))).to.equal('No such image: x');
    expect(engineReason('text')).to.equal('text');
  });

  it('say what to look at', () => {
    const error = engineError('the engine could not do it', new Error('why'));
    expect(error.hint).to.equal(
      'check that the engine is running and has free disk space: `docker info`, `docker system df`',
    );
    expect(error.exitCode).to.equal(3);
  });
});
