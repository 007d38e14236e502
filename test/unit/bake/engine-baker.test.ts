import { expect } from 'chai';
import { EngineBaker } from '../../../src/bake/engine-baker.js';
import { EngineContainers } from '../../../src/places/engine/containers.js';
import { EngineImages } from '../../../src/places/engine/images.js';
import type { BakePlan } from '../../../src/image/bake-plan.js';
import type { RunConfiguration } from '../../../src/image/run-configuration.js';
import { rejection } from '../../support/rejection.js';
import {
  FakeEngine,
  archive,
  frame,
  hangUp,
  json,
  nothing,
  pathStat,
  refuse,
  type FakeEntry,
} from '../places/engine/fake-engine.js';
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

const IMAGE = {
  id: 'sha256:built',
  configuration: { ...CONFIGURATION, entrypoint: [], labels: {} },
  layers: ['sha256:base', 'sha256:project'],
  volumes: ['/home/kedro/data'],
};
/** As Podman gives it. */
const BARE_ID = 'b'.repeat(64);
const BAKED = `sha256:${BARE_ID}`;
const PASSWD = 'root:x:0:0::/root:/bin/sh\nkedro:x:999:7::/home/kedro:/bin/sh\n';
const CONF_TIME = new Date('2024-05-06T07:08:09Z');
const REMOVE = 'DELETE /containers/c1';
const CREATE = 'POST /containers/create';
const COMMIT = 'POST /commit';
const TAG = 'kdeploy-intermediate:x-baked';
const INSPECT = `GET /images/${BAKED}/json`;
const REMOVE_IMAGE = `DELETE /images/${BAKED}`;

describe('baking on the engine', () => {
  let engine: FakeEngine;
  /** What is in the container, by path. */
  let content: Map<string, { kind: 'folder' | 'link' | 'file'; size?: number; entry?: FakeEntry }>;
  /** What the engine tells of the image that was committed. */
  let committed: { Config: Record<string, unknown>; RootFS: { Layers: string[] } };

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
    committed = {
      Config: {
        Env: ['PATH=/bin'],
        Entrypoint: ['python', '-m', 'kdeploy_runtime'],
        Cmd: ['kedro', 'run'],
        WorkingDir: '/home/kedro',
        User: 'kedro',
        Labels: { 'io.kdeploy.plan': 'p' },
      },
      RootFS: { Layers: ['sha256:base', 'sha256:project', 'sha256:bake'] },
    };
    engine
      .on(CREATE, json({ Id: 'c1' }, 201))
      .on(REMOVE, nothing())
      .on('PUT /containers/c1/archive', (response, request) => {
        content.set('/home/kedro/conf/prod/mlflow.yml', { kind: 'file', size: 10 });
        content.set('/opt/kdeploy/lib/a.py', { kind: 'file', size: 1 });
        nothing(200)(response, request);
      })
      .on(COMMIT, json({ Id: BAKED }, 201))
      .on(INSPECT, (response, request) => json({ Id: BAKED, Os: 'linux', Size: 1, ...committed })(response, request))
      .on(REMOVE_IMAGE, json([]))
      .on('HEAD /containers/c1/archive', (response, request) => {
        const found = content.get(request.query.get('path') ?? '');
        (found ? pathStat(found.kind, found.size) : refuse(404, 'none'))(response, request);
      })
      .on('GET /containers/c1/archive', (response, request) => {
        const found = content.get(request.query.get('path') ?? '');
        (found?.entry ? archive(found.entry) : refuse(404, 'none'))(response, request);
      });
  });

  afterEach(async () => engine.stop());

  const bake = (plan: BakePlan = PLAN, image = IMAGE) =>
    new EngineBaker(new EngineContainers(engine.docker), new EngineImages(engine.docker)).bake(image, plan, TAG);
  const withUser = (user: string): BakePlan => ({ ...PLAN, configuration: { ...CONFIGURATION, user } });

  it('copies the files into a container that never starts, commits it, and takes it away', async () => {
    expect(await bake()).to.equal(BAKED);
    expect(
      engine.asked.slice(0, engine.asked.indexOf(INSPECT)).filter((asked) => !/^(HEAD|GET)/.test(asked)),
    ).to.deep.equal([CREATE, 'PUT /containers/c1/archive', COMMIT, REMOVE]);
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

  it('puts the file that leads Python to the runtime where the image’s own Python looks, of its own time', async () => {
    const lib = '/usr/local/lib/python3.11/site-packages';
    const folders = { [lib]: [0, 0, 0o755, 1] };
    const locations = JSON.stringify({ owner: [999, 7], real: {}, site_packages: [lib], folders });
    const entry = { name: 'site-packages/', type: 'directory' as const, uid: 0, gid: 0, mode: 0o755, mtime: CONF_TIME };
    for (const folder of ['/usr', '/usr/local', '/usr/local/lib', '/usr/local/lib/python3.11'])
      content.set(folder, { kind: 'folder' });
    content.set(lib, { kind: 'folder', entry });
    content.set(`${lib}/kdeploy.pth`, { kind: 'file', size: 3 });
    engine
      .on('POST /containers/c1/start', nothing())
      .on('POST /containers/c1/wait', json({ StatusCode: 0 }))
      .on('POST /containers/c1/attach', (response) => response.end(frame(1, locations)));
    committed.Config.Labels = { 'io.kdeploy.plan': 'p', 'io.kdeploy.locations': locations };
    await bake({ ...PLAN, pathFile: { path: 'kdeploy.pth', content: Buffer.from('/x\n') } });
    const entries = await tarEntries(engine.only('PUT /containers/c1/archive').body);
    const restated = entries.find(({ header }) => header.name === `${lib.slice(1)}/`)?.header;
    expect(restated).to.deep.include({ uid: 0, gid: 0, mode: 0o755, mtime: CONF_TIME });
    expect(entries.at(-1)?.header).to.deep.include({ name: `${lib.slice(1)}/kdeploy.pth`, uid: 999, mode: 0o644 });
    // A later bake in a registry makes its layer by that alone.
    expect(engine.only(COMMIT).body.toString()).to.include(JSON.stringify(locations));
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
    committed.Config = { ...committed.Config, Entrypoint: null, Cmd: ['true'] };
    await bake({ ...PLAN, files: [], needs: [], configuration: { ...CONFIGURATION, entrypoint: [], cmd: [] } });
    expect(JSON.parse(engine.only(CREATE).body.toString())).to.have.deep.property('Cmd', ['true']);
  });

  it('creates the container with all that is committed, for Podman reads nothing else', async () => {
    await bake();
    const created = JSON.parse(engine.requests[0]?.body.toString() ?? '') as object;
    expect(created).to.deep.include(JSON.parse(engine.only(COMMIT).body.toString()));
    expect(created).to.have.property('UnsetEnvAll', true);
  });

  it('gives the ID with its algorithm, which Podman leaves off', async () => {
    engine.on(COMMIT, json({ Id: BARE_ID }, 201));
    expect(await bake()).to.equal(BAKED);
  });

  it('copies nothing when the plan has no files', async () => {
    await bake({ ...PLAN, files: [], needs: [] });
    expect(engine.asked).to.deep.equal([CREATE, COMMIT, REMOVE, INSPECT]);
  });

  it('leaves a folder that is a link a link', async () => {
    content.set('/opt', { kind: 'link' });
    await bake();
    const names = (await tarEntries(engine.only('PUT /containers/c1/archive').body)).map(
      ({ header: { name } }) => name,
    );
    expect(names).to.include('opt/kdeploy/').and.not.to.include('opt/');
  });

  it('says that a folder it needs is a link to something that did not get into the image', async () => {
    content.set('/home/kedro/conf', { kind: 'link' });
    expect(await bake(), 'one that leads to a folder is followed').to.equal(BAKED);
    const words = 'Error processing tar file(exit status 1): mkdir /home/kedro/conf/prod: no such file or directory';
    engine.on('PUT /containers/c1/archive', refuse(500, words));
    const error = await rejection(bake());
    expect([error.code, error.message]).to.deep.equal([
      'bake-failed',
      '/home/kedro/conf is a link to a folder, which the image does not have',
    ]);
    expect(error.hint).to.contain('.dockerignore');
    content.set('/home/kedro/conf/.', { kind: 'folder' });
    expect((await rejection(bake())).message, 'another reason').to.contain('could not write to /');
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
      committed.Config.User = user;
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

  describe('reads back what was committed, and', () => {
    type Change = (image: typeof committed) => void;
    const config =
      (changes: Record<string, unknown>): Change =>
      (image) => {
        image.Config = { ...image.Config, ...changes };
      };
    const refused: readonly [how: string, change: Change, problem: string][] = [
      [
        'whose entrypoint is the old one',
        config({ Entrypoint: null }),
        'its entrypoint is [] instead of ["python","-m","kdeploy_runtime"]',
      ],
      ['whose command is lost', config({ Cmd: [] }), 'its command is [] instead of ["kedro","run"]'],
      ['with another folder', config({ WorkingDir: '' }), 'its working directory is / instead of /home/kedro'],
      ['with another user', config({ User: '' }), 'its user is not set instead of kedro'],
      ['without a variable', config({ Env: [] }), 'its variable PATH is missing'],
      ['with another value', config({ Env: ['PATH=/hunter2'] }), 'its variable PATH has another value'],
      [
        'with a variable of the engine',
        config({ Env: ['PATH=/bin', 'http_proxy=http://me:hunter2@proxy'] }),
        'its variable http_proxy was not planned',
      ],
      ['without a label', config({ Labels: null }), 'its label io.kdeploy.plan is missing'],
      [
        'with another label',
        config({ Labels: { 'io.kdeploy.plan': 'x' } }),
        'its label io.kdeploy.plan has another value',
      ],
      [
        'with a label that kdeploy did not write',
        config({ Labels: { 'io.kdeploy.plan': 'p', 'io.kdeploy.env': 'prod' } }),
        'its label io.kdeploy.env was not planned',
      ],
      [
        'on other layers',
        ({ RootFS }) => RootFS.Layers.shift(),
        'its layers do not start with those of the built image',
      ],
    ];
    const REFUSAL = 'the engine created an image that differs from the plan: ';
    const isRefused = async (problem: string): Promise<void> => {
      const error = await rejection(bake());
      expect([error.code, error.message]).to.deep.equal(['bake-failed', REFUSAL + problem]);
      expect(engine.asked.at(-1)).to.equal(REMOVE_IMAGE);
    };
    for (const [how, change, problem] of refused) {
      it(`refuses and removes an image ${how}`, async () => {
        change(committed);
        await isRefused(problem);
      });
    }

    it('refuses and removes an image without the files', async () => {
      engine.on(COMMIT, (response, request) => {
        content.delete('/opt/kdeploy/lib/a.py');
        json({ Id: BAKED }, 201)(response, request);
      });
      await isRefused('/opt/kdeploy/lib/a.py is missing or has another size');
    });

    it('refuses and removes an image with a file of another size', async () => {
      engine.on(COMMIT, (response, request) => {
        content.set('/home/kedro/conf/prod/mlflow.yml', { kind: 'file', size: 0 });
        json({ Id: BAKED }, 201)(response, request);
      });
      await isRefused('/home/kedro/conf/prod/mlflow.yml is missing or has another size');
    });

    it('refuses an image that the engine does not have', async () => {
      engine.on(INSPECT, refuse(404, 'no such image'));
      await isRefused('the engine does not have it');
    });

    it('names all that is different', async () => {
      config({ User: 'root', Env: ['PATH=/bin', 'TERM=xterm'] })(committed);
      await isRefused('its user is root instead of kedro; its variable TERM was not planned');
    });

    it('takes an image that the engine labelled, with its variables in another order', async () => {
      const plan = { ...PLAN, configuration: { ...CONFIGURATION, env: ['PATH=/bin', 'A=1'] } };
      config({ Env: ['A=1', 'PATH=/bin'], Labels: { 'io.kdeploy.plan': 'p', 'io.buildah.version': '1.28' } })(
        committed,
      );
      expect(await bake(plan)).to.equal(BAKED);
    });
  });

  it('refuses to bake into a volume, for a commit leaves it out', async () => {
    for (const volume of ['/home/kedro', '/home/kedro/', '/home/kedro/conf']) {
      const error = await rejection(bake(PLAN, { ...IMAGE, volumes: ['/data', volume] }));
      expect([error.code, error.message]).to.deep.equal([
        'bake-failed',
        `the image declares VOLUME ${volume}, so /home/kedro/conf/prod/mlflow.yml cannot be baked into it`,
      ]);
    }
    expect(engine.asked).to.deep.equal([]);
    await bake(PLAN, { ...IMAGE, volumes: ['/home/kedro/conf/pro', '/home/kedro/data', '/opt/kdep'] });
  });

  const failures: readonly [what: string, route: string][] = [
    ['cannot create the container', CREATE],
    ['cannot tell what is in it', 'HEAD /containers/c1/archive'],
    ['cannot read from it', 'GET /containers/c1/archive'],
    ['cannot take the files', 'PUT /containers/c1/archive'],
    ['cannot commit', COMMIT],
    ['cannot tell what was committed', INSPECT],
  ];
  for (const [what, route] of failures) {
    for (const [how, answer] of [
      ['refuses', refuse(500, 'no space left on device')],
      ['goes away', hangUp()],
    ] as const) {
      it(`fails in a sentence, with no container left, when the engine ${what} and ${how}`, async () => {
        engine.on(route, answer);
        expect((await rejection(bake())).code).to.equal('engine-unreachable');
        const created = route !== CREATE;
        expect(engine.asked.includes(REMOVE)).to.equal(created);
      });
    }
  }
});
