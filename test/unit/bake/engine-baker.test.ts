import { expect } from 'chai';
import { EngineBaker, withEmptiedVariables } from '../../../src/bake/engine-baker.js';
import { EngineContainers } from '../../../src/engine/containers.js';
import type { BakePlan } from '../../../src/image/bake-plan.js';
import type { RunConfiguration } from '../../../src/image/run-configuration.js';
import { rejection } from '../../support/rejection.js';
import { FakeEngine, archive, hangUp, json, nothing, pathStat, refuse, type FakeEntry } from '../engine/fake-engine.js';
import { tarEntries } from './tar-entries.js';

const CONFIGURATION: RunConfiguration = {
  env: ['PATH=/bin'],
  entrypoint: ['python', '-m', 'kdeploy_runtime'],
  cmd: ['kedro', 'run'],
  workingDirectory: '/home/kedro',
  user: 'kedro',
  labels: { 'io.kdeploy.plan': 'p' },
};

const PLAN: BakePlan = {
  needs: [{ folder: '/home/kedro/conf', otherwise: 'the image has no conf/ folder' }],
  files: [
    { path: '/home/kedro/conf/prod/mlflow.yml', content: Buffer.from('server: {}') },
    { path: '/opt/kdeploy/lib/a.py', content: Buffer.from('a') },
  ],
  configuration: CONFIGURATION,
  digest: 'sha256:plan',
};

const IMAGE = { id: 'sha256:built', configuration: { ...CONFIGURATION, entrypoint: [], labels: {} } };
const PASSWD = 'root:x:0:0::/root:/bin/sh\nkedro:x:999:7::/home/kedro:/bin/sh\n';
const CONF_TIME = new Date('2024-05-06T07:08:09Z');
const REMOVE = 'DELETE /containers/c1';

describe('baking on the engine', () => {
  let engine: FakeEngine;
  /** What is in the container, by path. */
  let content: Map<string, { kind: 'folder' | 'link' | 'file'; entry?: FakeEntry }>;

  beforeEach(async () => {
    engine = await FakeEngine.start();
    content = new Map([
      ['/home', { kind: 'folder' }],
      ['/home/kedro', { kind: 'folder' }],
      [
        '/home/kedro/conf',
        { kind: 'folder', entry: { name: 'conf/', type: 'directory', uid: 5, gid: 6, mode: 0o750, mtime: CONF_TIME } },
      ],
      ['/etc/passwd', { kind: 'file', entry: { name: 'passwd', content: PASSWD } }],
      ['/etc/group', { kind: 'file', entry: { name: 'group', content: 'staff:x:50:\n' } }],
    ]);
    engine
      .on('POST /containers/create', json({ Id: 'c1' }, 201))
      .on(REMOVE, nothing())
      .on('PUT /containers/c1/archive', nothing(200))
      .on('POST /commit', json({ Id: 'sha256:baked' }, 201))
      .on('HEAD /containers/c1/archive', (response, request) => {
        const found = content.get(request.query.get('path') ?? '');
        (found ? pathStat(found.kind) : refuse(404, 'none'))(response, request);
      })
      .on('GET /containers/c1/archive', (response, request) => {
        const found = content.get(request.query.get('path') ?? '');
        (found?.entry ? archive(found.entry) : refuse(404, 'none'))(response, request);
      });
  });

  afterEach(async () => engine.stop());

  const bake = (plan: BakePlan = PLAN) => new EngineBaker(new EngineContainers(engine.docker)).bake(IMAGE, plan);
  const withUser = (user: string): BakePlan => ({ ...PLAN, configuration: { ...CONFIGURATION, user } });

  it('copies the files into a container that never starts, commits it, and takes it away', async () => {
    expect(await bake()).to.equal('sha256:baked');
    expect(engine.asked.filter((asked) => !asked.startsWith('HEAD') && !asked.startsWith('GET'))).to.deep.equal([
      'POST /containers/create',
      'PUT /containers/c1/archive',
      'POST /commit',
      REMOVE,
    ]);
    const { query, body } = engine.only('PUT /containers/c1/archive');
    expect(query.get('path')).to.equal('/');
    const entries = await tarEntries(body);
    expect(entries.map(({ header: { name, uid, gid } }) => [name, uid, gid])).to.deep.equal([
      ['home/kedro/conf/', 5, 6],
      ['home/kedro/conf/prod/', 999, 7],
      ['home/kedro/conf/prod/mlflow.yml', 999, 7],
      ['opt/', 999, 7],
      ['opt/kdeploy/', 999, 7],
      ['opt/kdeploy/lib/', 999, 7],
      ['opt/kdeploy/lib/a.py', 999, 7],
    ]);
    expect(entries[0]?.header).to.deep.include({ mode: 0o750, mtime: CONF_TIME });
  });

  it('commits the plan’s configuration', async () => {
    await bake();
    expect(JSON.parse(engine.only('POST /commit').body.toString())).to.deep.equal({
      Env: ['PATH=/bin'],
      Entrypoint: ['python', '-m', 'kdeploy_runtime'],
      Cmd: ['kedro', 'run'],
      WorkingDir: '/home/kedro',
      User: 'kedro',
      Labels: { 'io.kdeploy.plan': 'p' },
    });
  });

  it('names a command for an image that has none: it is never run, but the engine wants one', async () => {
    await bake({ ...PLAN, configuration: { ...CONFIGURATION, cmd: [] } });
    expect(JSON.parse(engine.only('POST /containers/create').body.toString())).to.have.deep.property('Cmd', ['true']);
    expect(JSON.parse(engine.only('POST /commit').body.toString())).to.have.deep.property('Cmd', []);
  });

  it('copies nothing when the plan has no files', async () => {
    await bake({ ...PLAN, files: [], needs: [] });
    expect(engine.asked).to.deep.equal(['POST /containers/create', 'POST /commit', REMOVE]);
  });

  it('leaves a folder that is a link a link', async () => {
    content.set('/opt', { kind: 'link' });
    await bake();
    const names = (await tarEntries(engine.only('PUT /containers/c1/archive').body)).map(
      ({ header: { name } }) => name,
    );
    expect(names).to.include('opt/kdeploy/').and.not.to.include('opt/');
  });

  const owners: readonly [user: string, uid: number, gid: number][] = [
    ['', 0, 0],
    ['kedro', 999, 7],
    ['kedro:staff', 999, 50],
    ['4242', 4242, 0],
    ['4242:4343', 4242, 4343],
  ];
  for (const [user, uid, gid] of owners) {
    it(`gives the files to ${uid}:${gid} where the image’s USER is ${JSON.stringify(user)}`, async () => {
      await bake(withUser(user));
      const last = (await tarEntries(engine.only('PUT /containers/c1/archive').body)).at(-1)?.header;
      expect([last?.uid, last?.gid]).to.deep.equal([uid, gid]);
    });
  }

  it('reads /etc/group only for a group’s name: each look costs', async () => {
    await bake();
    const read = engine.requests.filter(({ method }) => method === 'GET').map(({ query }) => query.get('path'));
    expect(read).not.to.include('/etc/group');
  });

  describe('refuses, and leaves nothing behind,', () => {
    const refusedWith = async (message: string, plan?: BakePlan): Promise<void> => {
      const error = await rejection(bake(plan));
      expect([error.code, error.message]).to.deep.equal(['bake-failed', message]);
      expect(engine.asked.at(-1)).to.equal(REMOVE);
      expect(engine.asked).not.to.include('POST /commit');
    };

    it('an image without the folder that the plan needs', async () => {
      content.delete('/home/kedro/conf');
      await refusedWith('the image has no conf/ folder');
    });

    it('an image with a file in that folder’s place', async () => {
      content.set('/home/kedro/conf', { kind: 'file' });
      await refusedWith('the image has no conf/ folder');
    });

    it('an image whose user is nobody', async () => {
      await refusedWith("the image's USER nobody is not in its /etc/passwd", withUser('nobody'));
      content.delete('/etc/passwd');
    });

    it('an image with a user but without /etc/passwd', async () => {
      content.delete('/etc/passwd');
      await refusedWith("the image's USER kedro is not in its /etc/passwd");
    });
  });

  const failures: readonly [what: string, route: string][] = [
    ['cannot create the container', 'POST /containers/create'],
    ['cannot tell what is in it', 'HEAD /containers/c1/archive'],
    ['cannot read from it', 'GET /containers/c1/archive'],
    ['cannot take the files', 'PUT /containers/c1/archive'],
    ['cannot commit', 'POST /commit'],
  ];
  for (const [what, route] of failures) {
    for (const [how, answer] of [
      ['refuses', refuse(500, 'no space left on device')],
      ['goes away', hangUp()],
    ] as const) {
      it(`fails in a sentence, with no container left, when the engine ${what} and ${how}`, async () => {
        engine.on(route, answer);
        expect((await rejection(bake())).code).to.equal('engine-unreachable');
        const created = route !== 'POST /containers/create';
        expect(engine.asked.includes(REMOVE)).to.equal(created);
      });
    }
  }
});

describe('variables that a plan leaves out', () => {
  it('are emptied, for commit would bring them back', () => {
    const plan = { ...CONFIGURATION, env: ['PATH=/bin', 'A=1'] };
    const image = { ...CONFIGURATION, env: ['PATH=/usr/bin', 'KEDRO_ENV=prod', 'PYTHONPATH=/opt/kdeploy/lib', 'A=2'] };
    expect(withEmptiedVariables(plan, image)).to.deep.equal({
      ...CONFIGURATION,
      env: ['PATH=/bin', 'A=1', 'KEDRO_ENV=', 'PYTHONPATH='],
    });
  });

  it('are none when the plan has them all', () => {
    expect(withEmptiedVariables(CONFIGURATION, CONFIGURATION)).to.deep.equal(CONFIGURATION);
  });
});
