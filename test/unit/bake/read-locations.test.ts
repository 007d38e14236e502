import { expect } from 'chai';
import { readLocations } from '../../../src/bake/read-locations.js';
import { EngineContainers } from '../../../src/places/engine/containers.js';
import { rejection } from '../../support/rejection.js';
import { FakeEngine, frame, hangUp, json, nothing, refuse } from '../places/engine/fake-engine.js';

const START = 'POST /containers/c1/start';
const REMOVE = 'DELETE /containers/c1';

describe('where kdeploy’s files go in an image', () => {
  let engine: FakeEngine;

  beforeEach(async () => {
    engine = await FakeEngine.start();
    engine
      .on('POST /containers/create', json({ Id: 'c1' }, 201))
      .on(START, nothing())
      .on('POST /containers/c1/wait', json({ StatusCode: 0 }))
      .on(REMOVE, nothing());
  });

  afterEach(async () => engine.stop());

  const prints = (stdout: string): void => {
    engine.on('POST /containers/c1/attach', (response) => response.end(frame(1, stdout)));
  };
  const ask = () => readLocations(new EngineContainers(engine.docker), 'sha256:built', ['/home/kedro/conf']);
  const ANSWER =
    '{"site_packages":["/usr/lib/site-packages"],"owner":[9,0],"real":{"/home/kedro/conf":"/data/conf"},"folders":{"/usr":[0,0,493,7]}}';

  it('is asked of that Python, without its environment and without a network', async () => {
    prints(`noise\n${ANSWER}\n\n`);
    expect(await ask()).to.deep.equal({
      owner: { uid: 9, gid: 0 },
      real: { '/home/kedro/conf': '/data/conf' },
      sitePackages: ['/usr/lib/site-packages'],
      folders: { '/usr': { uid: 0, gid: 0, mode: 0o755, mtime: 7 } },
    });
    const { Entrypoint, Cmd, HostConfig } = JSON.parse(engine.only('POST /containers/create').body.toString()) as {
      Entrypoint: string[];
      Cmd: string[];
      HostConfig: object;
    };
    expect(Entrypoint).to.deep.equal(['python']);
    expect(Cmd.slice(0, 2)).to.deep.equal(['-I', '-c']);
    expect(Cmd[4]).to.equal('/home/kedro/conf');
    expect(Cmd[2]).to.contain('sysconfig.get_path("purelib")').and.to.equal(Cmd[3]);
    expect(HostConfig).to.deep.equal({ NetworkMode: 'none' });
    expect(engine.asked.at(-1)).to.equal(REMOVE);
  });

  for (const stdout of ['', '[]', '{"a": 1}', 'Traceback']) {
    it(`is not known where Python answers ${JSON.stringify(stdout)}`, async () => {
      prints(stdout);
      expect(await ask()).to.equal(undefined);
    });
  }

  it('is nowhere in an image without Python, which the self-test will say', async () => {
    prints('');
    engine.on(START, refuse(400, 'exec: "python": executable file not found in $PATH'));
    expect(await ask()).to.equal(undefined);
    engine.on(START, nothing()).on('POST /containers/c1/wait', json({ StatusCode: 1 }));
    prints(ANSWER);
    expect(await ask()).to.equal(undefined);
  });

  it('is not known while the engine is gone', async () => {
    prints('');
    engine.on(START, hangUp(''));
    expect((await rejection(ask())).code).to.equal('engine-unreachable');
  });
});
