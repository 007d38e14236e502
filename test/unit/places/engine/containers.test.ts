import { Writable } from 'node:stream';
import { expect } from 'chai';
import { EngineContainers, type EngineContainer } from '../../../../src/places/engine/containers.js';
import type { RunConfiguration } from '../../../../src/image/run-configuration.js';
import { rejection } from '../../../support/rejection.js';
import { FakeEngine, archive, frame, hangUp, json, nothing, pathStat, refuse } from './fake-engine.js';

const CREATE = 'POST /containers/create';
const REMOVE = 'DELETE /containers/c1';

class Sink extends Writable {
  text = '';

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

describe('the engine’s containers', () => {
  let engine: FakeEngine;
  let containers: EngineContainers;

  beforeEach(async () => {
    engine = await FakeEngine.start();
    engine.on(CREATE, json({ Id: 'c1' }, 201)).on(REMOVE, nothing());
    containers = new EngineContainers(engine.docker);
  });

  afterEach(async () => engine.stop());

  const create = (): Promise<EngineContainer> => containers.create({ image: 'app', name: 'kdeploy-bake-1' });

  it('are created with what was asked for', async () => {
    await containers.create({
      image: 'sha256:abc',
      name: 'kdeploy-self-test-1',
      entrypoint: ['python'],
      command: ['-V'],
      env: ['A=1', 'B'],
      network: 'none',
      mounts: ['/data:/data:ro'],
      platform: 'linux/amd64',
    });
    const { query, body } = engine.only(CREATE);
    expect([query.get('name'), query.get('platform')]).to.deep.equal(['kdeploy-self-test-1', 'linux/amd64']);
    expect(JSON.parse(body.toString())).to.deep.include({
      Image: 'sha256:abc',
      Entrypoint: ['python'],
      Cmd: ['-V'],
      Env: ['A=1', 'B'],
      HostConfig: { NetworkMode: 'none', Binds: ['/data:/data:ro'] },
    });
  });

  it('leave to the image what was not asked for', async () => {
    await create();
    const body = JSON.parse(engine.only(CREATE).body.toString()) as object;
    expect(body).not.to.have.any.keys('Entrypoint', 'Cmd', 'Env');
    expect(body).to.have.deep.property('HostConfig', {});
  });

  it('carry the process that made them and the time, but for one whose labels would get into an image', async () => {
    const labels = async (configuration?: RunConfiguration): Promise<unknown> => {
      engine.requests.splice(0);
      await containers.create({ image: 'app', name: 'x', ...(configuration && { configuration }) });
      return (JSON.parse(engine.only(CREATE).body.toString()) as { Labels: unknown }).Labels;
    };
    const made = (await labels()) as Record<string, string>;
    expect(made['io.kdeploy.process']).to.match(new RegExp(`^[0-9a-f]{12}-${process.pid}-\\d{10}$`));
    const configuration = { env: [], entrypoint: [], cmd: [], workingDirectory: '/', user: '', labels: { a: 'b' } };
    expect(await labels(configuration)).to.deep.equal({ a: 'b' });
  });

  it('say from which image none could be made', async () => {
    engine.on(CREATE, refuse(404, 'No such image: app'));
    expect((await rejection(create())).message).to.equal(
      'the engine could not create a container from app: No such image: app',
    );
  });

  describe('that are used', () => {
    const using = <T>(work: () => Promise<T>) => containers.using({ image: 'app', name: 'kdeploy-bake-1' }, work);

    it('are removed afterwards, with their volumes and even while they run', async () => {
      expect(await using(() => Promise.resolve('done'))).to.equal('done');
      expect(engine.asked).to.deep.equal([CREATE, REMOVE]);
      const { query } = engine.only(REMOVE);
      expect([query.get('force'), query.get('v')]).to.deep.equal(['true', 'true']);
    });

    it('are removed when the work fails, which is what is told', async () => {
      const failure = new Error('the work failed');
      const told = await using(() => Promise.reject(failure)).catch((error: unknown) => error);
      expect(told).to.equal(failure);
      expect(engine.asked).to.deep.equal([CREATE, REMOVE]);
    });

    it('tell the first failure, also when they cannot be removed', async () => {
      engine.on(REMOVE, hangUp());
      const failure = new Error('the work failed');
      expect(await using(() => Promise.reject(failure)).catch((error: unknown) => error)).to.equal(failure);
    });

    it('fail when only the removing does: nothing may be left behind unseen', async () => {
      engine.on(REMOVE, refuse(500, 'device busy'));
      expect((await rejection(using(() => Promise.resolve()))).message).to.equal(
        'the engine could not remove a container: device busy',
      );
    });

    for (const status of [404, 409]) {
      it(`may be gone already, or be going (${status})`, async () => {
        engine.on(REMOVE, refuse(status, 'removal is in progress'));
        expect(await using(() => Promise.resolve('done'))).to.equal('done');
      });
    }
  });

  describe('that are looked into', () => {
    const ARCHIVE = 'GET /containers/c1/archive';

    it('give the first entry’s header, and the content of a file', async () => {
      const mtime = new Date('2024-05-06T07:08:09Z');
      engine.on(
        ARCHIVE,
        archive(
          { name: 'conf/', type: 'directory', uid: 999, gid: 7, mode: 0o750, mtime },
          { name: 'conf/base/x', content: 'y' },
        ),
      );
      expect(await (await create()).stat('/home/conf')).to.deep.include({
        type: 'directory',
        uid: 999,
        gid: 7,
        mode: 0o750,
        mtime,
      });
      expect(engine.only(ARCHIVE).query.get('path')).to.equal('/home/conf');
    });

    const LOOK = 'HEAD /containers/c1/archive';
    for (const [stands, kind] of [
      ['folder', 'folder'],
      ['link', 'link'],
      ['file', 'other'],
    ] as const) {
      it(`tell a ${stands} without reading it`, async () => {
        const container = await create();
        engine.on(LOOK, pathStat(stands));
        expect(await container.kindOf('/opt')).to.equal(kind);
        expect(engine.only(LOOK).query.get('path')).to.equal('/opt');
      });
    }

    it('name the path that could not be looked for', async () => {
      const container = await create();
      engine.on(LOOK, refuse(404, 'none'));
      expect(await container.kindOf('/opt')).to.equal(undefined);
      engine.on(LOOK, hangUp());
      expect((await rejection(container.kindOf('/opt'))).message).to.contain('could not look up /opt');
    });

    it('read a file of many chunks', async () => {
      const content = 'ä'.repeat(200_000);
      engine.on(ARCHIVE, archive({ name: 'passwd', content }));
      expect((await (await create()).readFile('/etc/passwd'))?.toString()).to.equal(content);
    });

    it('tell what is not there by undefined', async () => {
      const container = await create();
      engine.on(ARCHIVE, refuse(404, 'Could not find the file'));
      expect([await container.stat('/x'), await container.readFile('/x')]).to.deep.equal([undefined, undefined]);
    });

    it('name the path that could not be read', async () => {
      const container = await create();
      engine.on(ARCHIVE, refuse(500, 'damaged'));
      expect((await rejection(container.stat('/x'))).message).to.equal(
        'the engine could not read /x in the container: damaged',
      );
    });

    it('are a KdeployError, not a bug, when the engine goes away in the middle', async () => {
      const container = await create();
      engine.on(ARCHIVE, hangUp('half a tar'));
      expect((await rejection(container.readFile('/x'))).code).to.equal('engine-unreachable');
    });
  });

  it('take an archive below a folder, and replace no folder by a file', async () => {
    engine.on('PUT /containers/c1/archive', nothing(200));
    await (await create()).putArchive('/home', Buffer.from('tar'));
    const { query, body } = engine.only('PUT /containers/c1/archive');
    expect([query.get('path'), query.get('noOverwriteDirNonDir'), body.toString()]).to.deep.equal([
      '/home',
      'true',
      'tar',
    ]);
    engine.on('PUT /containers/c1/archive', refuse(400, 'cannot overwrite'));
    expect((await rejection((await create()).putArchive('/home', Buffer.from('tar')))).message).to.equal(
      'the engine could not write to /home: cannot overwrite',
    );
  });

  it('are committed with exactly the given configuration, values as data', async () => {
    engine.on('POST /commit', json({ Id: 'sha256:new' }, 201));
    const id = await (
      await create()
    ).commit(
      {
        env: ['A="$b\n'],
        entrypoint: ['python', '-m', 'kdeploy_runtime'],
        cmd: ['kedro run'],
        workingDirectory: '/w',
        user: 'u',
        labels: { 'a b': 'c"d' },
      },
      'comment',
      'localhost:5000/kdeploy-intermediate:x',
    );
    expect(id).to.equal('sha256:new');
    const { query, body } = engine.only('POST /commit');
    expect(Object.fromEntries(query)).to.deep.equal({
      container: 'c1',
      comment: 'comment',
      pause: 'false',
      repo: 'localhost:5000/kdeploy-intermediate',
      tag: 'x',
    });
    expect(JSON.parse(body.toString())).to.deep.equal({
      Env: ['A="$b\n'],
      Entrypoint: ['python', '-m', 'kdeploy_runtime'],
      Cmd: ['kedro run'],
      WorkingDir: '/w',
      User: 'u',
      Labels: { 'a b': 'c"d' },
    });
  });

  it('say so when no image could be made of one', async () => {
    engine.on('POST /commit', refuse(500, 'no space left on device'));
    const configuration = { env: [], entrypoint: [], cmd: [], workingDirectory: '/', user: '', labels: {} };
    expect((await rejection((await create()).commit(configuration, '', 'a:b'))).message).to.equal(
      'the engine could not commit the baked container: no space left on device',
    );
  });

  describe('that run', () => {
    const ATTACH = 'POST /containers/c1/attach';

    it('give stdout and stderr apart, frames cut anywhere', async () => {
      const bytes = Buffer.concat([frame(1, 'out ä\n'), frame(2, 'err\n'), frame(1, 'more\n')]);
      engine.on(ATTACH, (response) => {
        for (const byte of bytes) response.write(Buffer.from([byte]));
        response.end();
      });
      const [stdout, stderr] = [new Sink(), new Sink()];
      const { ended } = await (await create()).attach(stdout, stderr);
      await ended;
      expect([stdout.text, stderr.text]).to.deep.equal(['out ä\nmore\n', 'err\n']);
    });

    it('break off without bringing the process down when nobody waits for their output', async () => {
      const unhandled: unknown[] = [];
      const listen = (reason: unknown): void => void unhandled.push(reason);
      process.on('unhandledRejection', listen);
      engine.on(ATTACH, hangUp(frame(1, 'out').toString('latin1')));
      const container = await create();
      await container.attach(new Sink(), new Sink());
      // The second one is waited for; when it has broken off, so has the first.
      const { ended } = await container.attach(new Sink(), new Sink());
      expect(await ended.catch((error: unknown) => (error as Error).message)).to.equal(
        "the container's output broke off: the connection was closed before the answer was complete (aborted)",
      );
      await new Promise((resolve) => setImmediate(resolve));
      process.removeListener('unhandledRejection', listen);
      expect(unhandled).to.deep.equal([]);
    });

    it('end with their exit code', async () => {
      engine.on('POST /containers/c1/start', nothing()).on('POST /containers/c1/wait', json({ StatusCode: 78 }));
      const container = await create();
      await container.start();
      expect(await container.wait()).to.equal(78);
    });

    it('are waited for no longer than the signal allows', async () => {
      const interruption = new AbortController();
      engine.on('POST /containers/c1/wait', () => interruption.abort());
      const error = await rejection((await create()).wait(interruption.signal));
      expect((error.cause as Error).name).to.equal('AbortError');
    });

    for (const [what, route, act, message] of [
      [
        'starting',
        'POST /containers/c1/start',
        (c: EngineContainer) => c.start(),
        'the engine could not start the container',
      ],
      [
        'waiting',
        'POST /containers/c1/wait',
        (c: EngineContainer) => c.wait(),
        'the engine could not report the exit code of the container',
      ],
      [
        'attaching',
        ATTACH,
        (c: EngineContainer) => c.attach(new Sink(), new Sink()),
        "the engine could not attach to the container's output",
      ],
    ] as const) {
      it(`are a KdeployError, not a bug, when the engine goes away while ${what}`, async () => {
        const container = await create();
        engine.on(route, hangUp());
        const error = await rejection(act(container));
        expect([error.code, error.message]).to.deep.equal([
          'engine-unreachable',
          `${message}: the connection was closed before the answer was complete (socket hang up)`,
        ]);
      });
    }
  });
});
