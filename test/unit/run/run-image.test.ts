import { chmod, lstat } from 'node:fs/promises';
import path from 'node:path';
import { Writable } from 'node:stream';
import { expect } from 'chai';
import { EngineContainers } from '../../../src/places/engine/containers.js';
import type { EngineImage } from '../../../src/places/engine/images.js';
import type { RunConfiguration } from '../../../src/image/run-configuration.js';
import { runImage, type RunRequest } from '../../../src/run/run-image.js';
import { rejection } from '../../support/rejection.js';
import {
  archive,
  FakeEngine,
  frame,
  hangUp,
  json,
  nothing,
  refuse,
  type Answer,
} from '../places/engine/fake-engine.js';
import { RecordingProgress } from '../recording-progress.js';
import { TemporaryFolder } from '../temporary-folder.js';

const CREATE = 'POST /containers/create';
const ATTACH = 'POST /containers/c1/attach';
const START = 'POST /containers/c1/start';
const WAIT = 'POST /containers/c1/wait';
const REMOVE = 'DELETE /containers/c1';
const READ = 'GET /containers/c1/archive';
const ADDRESS = `https://mlflow.acme.io/#/experiments/12/runs/${'0a'.repeat(16)}`;

class Sink extends Writable {
  text = '';

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

interface CreatedContainer {
  readonly Image: string;
  readonly Cmd?: readonly string[];
  readonly Env: readonly string[];
  readonly HostConfig: { readonly NetworkMode?: string; readonly Binds: readonly string[] };
}

describe('running an image', () => {
  let engine: FakeEngine;
  let folder: TemporaryFolder;
  let progress: RecordingProgress;
  let stdout: Sink;
  let stderr: Sink;

  beforeEach(async () => {
    [engine, folder] = [await FakeEngine.start(), await TemporaryFolder.create()];
    [progress, stdout, stderr] = [new RecordingProgress(), new Sink(), new Sink()];
    engine
      .on(CREATE, json({ Id: 'c1' }, 201))
      .on(ATTACH, output())
      .on(START, nothing())
      .on(WAIT, json({ StatusCode: 0 }))
      .on(READ, refuse(404, 'no such file'))
      .on(REMOVE, nothing());
  });

  afterEach(async () => {
    await engine.stop();
    await folder.remove();
  });

  const output =
    (...frames: readonly Buffer[]): Answer =>
    (response) => {
      for (const bytes of frames) response.write(bytes);
      response.end();
    };
  const image = (changes: Partial<RunConfiguration> = {}): EngineImage => ({
    id: 'sha256:app',
    configuration: {
      env: [],
      entrypoint: [],
      cmd: ['kedro', 'run'],
      workingDirectory: '/home/kedro_docker',
      user: 'kedro_docker',
      labels: {},
      ...changes,
    },
    platform: 'linux/amd64',
    layers: [],
    volumes: [],
    size: 1,
    tags: [],
    repoDigests: [],
    created: '',
  });
  const run = (changes: Partial<RunRequest> = {}, signal = new AbortController().signal) =>
    runImage(
      new EngineContainers(engine.docker),
      {
        image: image(),
        command: [],
        dataFolder: undefined,
        localConfiguration: undefined,
        variables: [],
        network: undefined,
        environment: {},
        ...changes,
      },
      { stdout, stderr },
      progress,
      signal,
    );
  const created = (): CreatedContainer => JSON.parse(engine.only(CREATE).body.toString()) as CreatedContainer;

  it('starts it as it is, after its output is listened to, and removes the container', async () => {
    expect(await run()).to.deep.equal({ exitCode: 0, mlflowRun: undefined });
    expect(engine.asked).to.deep.equal([CREATE, ATTACH, START, WAIT, REMOVE]);
    expect(created()).to.deep.include({ Image: 'sha256:app', Env: [], HostConfig: { Binds: [] } });
    expect(created()).not.to.have.any.keys('Cmd', 'Entrypoint');
    expect(engine.only(CREATE).query.get('name')).to.match(/^kdeploy-run-[0-9a-f]{12}-\d+-\d+-[0-9a-f]{12}$/);
    expect(progress.said).to.deep.equal([]);
  });

  it('starts the command that is given, on the network that is given', async () => {
    await run({ command: ['kedro', 'run', '--pipeline', 'a b'], network: 'host' });
    expect(created()).to.deep.include({ Cmd: ['kedro', 'run', '--pipeline', 'a b'] });
    expect(created().HostConfig.NetworkMode).to.equal('host');
  });

  it('passes its output on, stdout and stderr apart, and finds the MLflow run in it', async () => {
    engine.on(ATTACH, output(frame(1, 'out\n'), frame(2, 'err\n'), frame(1, `View run at: ${ADDRESS}`)));
    expect(await run()).to.deep.equal({ exitCode: 0, mlflowRun: ADDRESS });
    expect([stdout.text, stderr.text]).to.deep.equal([`out\nView run at: ${ADDRESS}`, 'err\n']);
  });

  it('finds the MLflow run on stderr as well', async () => {
    engine.on(ATTACH, output(frame(2, `${ADDRESS}\n`)));
    expect((await run()).mlflowRun).to.equal(ADDRESS);
  });

  it('gives the container’s exit code and all of its output back, also after a failure', async () => {
    const last = 'x'.repeat(100_000);
    engine.on(WAIT, json({ StatusCode: 78 })).on(ATTACH, output(frame(1, `${ADDRESS}\n`), frame(2, last)));
    expect(await run()).to.deep.equal({ exitCode: 78, mlflowRun: ADDRESS });
    expect(stderr.text).to.equal(last);
  });

  describe('passes variables', () => {
    const authenticated = image({ env: ['KDEPLOY_AUTH={"types":[{"type":"Vars","params":["TOKEN"]}]}'] });

    it('from the shell, of which it tells the names and never the values', async () => {
      const environment = { TOKEN: 'hunter2-token', NO_PROXY: 'a=b', HOME: '/home/me' };
      await run({ image: authenticated, environment });
      expect(created().Env).to.deep.equal(['TOKEN=hunter2-token', 'NO_PROXY=a=b']);
      expect(progress.said).to.deep.equal(['note passed on from this shell: TOKEN, NO_PROXY']);
    });

    it('from the command line above those of the shell, for the last one counts', async () => {
      await run({ image: authenticated, environment: { TOKEN: 'shell' }, variables: ['TOKEN=flag', 'B='] });
      expect(created().Env).to.deep.equal(['TOKEN=shell', 'TOKEN=flag', 'B=']);
    });
  });

  describe('mounts', () => {
    it('nothing that is not asked for', async () => {
      await run();
      expect(created().HostConfig.Binds).to.deep.equal([]);
    });

    it('the files of conf/local one by one, read-only, and not over the mlflow.yml that is baked', async () => {
      await folder.write({
        'local/credentials.yml': '',
        'local/globals.yml': '',
        'local/mlflow.yml': '',
        'local/mlflow.yaml': '',
        'local/mlflow.yml.bak': '',
        'local/.gitkeep': '',
        'local/folder/file': '',
      });
      await run({ localConfiguration: { folder: folder.file('local'), name: 'settings/mine' } });
      expect(created().HostConfig.Binds.toSorted()).to.deep.equal([
        `${folder.file('local/credentials.yml')}:/home/kedro_docker/settings/mine/credentials.yml:ro`,
        `${folder.file('local/globals.yml')}:/home/kedro_docker/settings/mine/globals.yml:ro`,
        `${folder.file('local/mlflow.yml.bak')}:/home/kedro_docker/settings/mine/mlflow.yml.bak:ro`,
      ]);
    });

    it('the key file that GOOGLE_APPLICATION_CREDENTIALS names, where the container looks for it', async () => {
      await folder.write({ 'key.json': 'hunter2-key' });
      const file = folder.file('key.json');
      await run({ environment: { GOOGLE_APPLICATION_CREDENTIALS: file } });
      expect(created().HostConfig.Binds).to.deep.equal([`${file}:${file}:ro`]);
      expect(created().Env).to.deep.equal([`GOOGLE_APPLICATION_CREDENTIALS=${file}`]);
      expect(progress.said.join()).not.to.contain('hunter2');
    });

    it('a key file that is named relative to this folder under its full name: mounts have no other', async () => {
      await folder.write({ 'key.json': '' });
      const file = folder.file('key.json');
      await run({ environment: { GOOGLE_APPLICATION_CREDENTIALS: path.relative(process.cwd(), file) } });
      expect(created().HostConfig.Binds).to.deep.equal([`${file}:${file}:ro`]);
      expect(created().Env).to.deep.equal([`GOOGLE_APPLICATION_CREDENTIALS=${file}`]);
    });

    it('no key file that is not there: the engine would make a folder of that name', async () => {
      await run({ environment: { GOOGLE_APPLICATION_CREDENTIALS: folder.file('none.json') } });
      expect(created().HostConfig.Binds).to.deep.equal([]);
      expect(created().Env).to.deep.equal([`GOOGLE_APPLICATION_CREDENTIALS=${folder.file('none.json')}`]);
    });
  });

  describe('with a data folder', () => {
    let data: string;
    let user: string;

    beforeEach(async () => {
      await folder.write({ 'data/raw': '' });
      data = folder.file('data');
      await chmod(data, 0o700);
      const { uid, gid } = await lstat(data);
      user = `${uid + 4242}:${gid + 4242}`;
    });

    const mode = async () => ((await lstat(data)).mode & 0o777).toString(8);
    /** What the folder's mode is while the container runs. */
    const modeMeanwhile = (answer: Answer): string[] => {
      const seen: string[] = [];
      engine.on(WAIT, (response, request) => {
        void mode().then((found) => {
          seen.push(found);
          answer(response, request);
        });
      });
      return seen;
    };
    const withData = (signal?: AbortSignal) => run({ image: image({ user }), dataFolder: data }, signal);

    it('mounts it where Kedro looks for it', async () => {
      await withData();
      expect(created().HostConfig.Binds).to.deep.equal([`${data}:/home/kedro_docker/data`]);
    });

    if (process.platform === 'linux') {
      it('opens it to the container’s user for as long as the container runs, and says so', async () => {
        const seen = modeMeanwhile(json({ StatusCode: 0 }));
        await withData();
        expect([...seen, await mode()]).to.deep.equal(['707', '700']);
        expect(progress.said).to.deep.equal([
          `note data/ is writable for the container's user (UID ${user.split(':')[0] ?? ''}) while it runs`,
        ]);
      });

      it('finds out from the image who a user is that has a name', async () => {
        const files: Record<string, string> = {
          '/etc/passwd': `root:x:0:0::/:/bin/sh\nkedro_docker:x:${user}::/home/kedro_docker:/bin/sh\n`,
          '/etc/group': 'root:x:0:\n',
        };
        engine.on(READ, (response, request) => {
          const name = request.query.get('path') ?? '';
          archive({ name: path.basename(name), content: files[name] ?? '' })(response, request);
        });
        const seen = modeMeanwhile(json({ StatusCode: 0 }));
        await run({ image: image({ user: 'kedro_docker' }), dataFolder: data });
        expect(seen).to.deep.equal(['707']);
      });

      const ends: readonly [what: string, answer: Answer][] = [
        ['the container fails', json({ StatusCode: 1 })],
        ['the engine goes away', hangUp()],
      ];
      for (const [what, answer] of ends) {
        it(`closes it again when ${what}`, async () => {
          const seen = modeMeanwhile(answer);
          await withData().catch(() => undefined);
          expect([...seen, await mode()]).to.deep.equal(['707', '700']);
          expect(engine.asked).to.include(REMOVE);
        });
      }

      it('closes it again when the run is interrupted', async () => {
        const interruption = new AbortController();
        const seen = modeMeanwhile(() => interruption.abort());
        await rejection(withData(interruption.signal));
        expect([...seen, await mode()]).to.deep.equal(['707', '700']);
      });

      it('closes it again when the container does not start', async () => {
        engine.on(START, refuse(500, 'no such program'));
        await rejection(withData());
        expect(await mode()).to.equal('700');
        expect(progress.said).to.have.length(1);
      });
    }

    it('leaves it alone where the image does not know its own user', async () => {
      const seen = modeMeanwhile(json({ StatusCode: 0 }));
      await run({ image: image({ user: 'nobody-knows' }), dataFolder: data });
      expect(seen).to.deep.equal(['700']);
      expect(progress.said).to.deep.equal([]);
    });

    it('leaves it alone for root, who needs no opening', async () => {
      const seen = modeMeanwhile(json({ StatusCode: 0 }));
      await run({ image: image({ user: '' }), dataFolder: data });
      expect(seen).to.deep.equal(['700']);
    });
  });

  describe('that goes wrong', () => {
    it('is no bug when the container cannot start; it is removed', async () => {
      engine.on(START, refuse(500, 'no such program'));
      const error = await rejection(run());
      expect([error.code, error.message]).to.deep.equal([
        'engine-unreachable',
        'the engine could not start the container: no such program',
      ]);
      expect(engine.asked.at(-1)).to.equal(REMOVE);
    });

    it('is an interruption when the user ends it; the container is removed', async () => {
      const interruption = new AbortController();
      engine.on(WAIT, () => interruption.abort());
      const error = await rejection(run({}, interruption.signal));
      expect([error.code, error.exitCode, error.message]).to.deep.equal([
        'interrupted',
        130,
        'interrupted; the container was stopped',
      ]);
      expect(engine.asked.at(-1)).to.equal(REMOVE);
    });

    it('keeps secrets out of what it tells', async () => {
      engine.on(CREATE, refuse(400, 'invalid container'));
      const environment = { GOOGLE_AUDIENCE: 'hunter2-audience' };
      const error = await rejection(run({ environment, variables: ['TOKEN=hunter2-token'] }));
      expect(`${error.message} ${error.hint ?? ''} ${progress.said.join()}`).not.to.contain('hunter2');
    });

    it('does not start at all when conf/local cannot be read', async () => {
      const failure: unknown = await run({
        localConfiguration: { folder: folder.file('none'), name: 'conf/local' },
      }).catch((error: unknown) => error);
      expect(failure).to.have.property('code', 'ENOENT');
      expect(engine.asked).to.deep.equal([]);
    });
  });
});
