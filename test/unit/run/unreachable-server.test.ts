import { expect } from 'chai';
import { refuseUnreachableServer, type Surroundings } from '../../../src/run/unreachable-server.js';
import type { RunRequest } from '../../../src/run/run-image.js';
import { rejection } from '../../support/rejection.js';

const RUNTIME = ['python', '-m', 'kdeploy_runtime'];

interface Case {
  readonly uri?: string;
  readonly entrypoint?: readonly string[];
  readonly cmd?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
}

function request({ uri = 'http://127.0.0.1:5000', entrypoint = RUNTIME, cmd = ['kedro', 'run'], labels }: Case = {}) {
  const baked = { 'io.kdeploy.version': '1', 'io.kdeploy.plan': 'sha256:1', 'io.kdeploy.tracking-uri': uri };
  return {
    image: {
      id: 'sha256:app',
      configuration: {
        env: ['PATH=/bin', `MLFLOW_TRACKING_URI=${uri}`],
        entrypoint,
        cmd,
        workingDirectory: '/app',
        user: '',
        labels: labels ?? baked,
      },
      platform: 'linux/amd64',
      layers: [],
      volumes: [],
      size: 1,
      tags: [],
      repoDigests: [],
      created: '',
    },
    command: [] as string[],
    dataFolder: undefined,
    localConfiguration: undefined,
    variables: [] as string[],
    network: undefined as string | undefined,
    environment: {},
  } satisfies RunRequest;
}

function surroundings(changes: Partial<Surroundings> = {}): Surroundings {
  return {
    engine: () => Promise.resolve('Debian GNU/Linux 12 (bookworm), Engine'),
    platform: 'linux',
    hosts: () => Promise.resolve(''),
    again: (...flags) => `kdeploy run ${flags.join(' ')}`,
    ...changes,
  };
}

describe('a run whose MLflow server the container cannot reach', () => {
  const LOOPBACK = [
    'http://127.0.0.1:5000',
    'http://localhost:5000',
    'http://localhost.:5000',
    'http://LOCALHOST',
    'https://mlflow.localhost/path',
    'http://0.0.0.0:5000',
    'http://[::1]:5000',
    'http://[::ffff:127.0.0.1]:5000',
    'http://127.1:5000',
    'http://127.3.2.1:5000',
    'http://2130706433:5000',
    'http://user@localhost:5000',
    'postgresql://localhost/mlflow',
  ];

  for (const uri of LOOPBACK) {
    it(`is refused before it starts: ${uri}`, async () => {
      const error = await rejection(refuseUnreachableServer(request({ uri }), surroundings()));
      expect(error.code).to.equal('usage');
      expect(error.message).to.match(/^the tracking URI \S+ points at the container itself, and no MLflow server runs/);
      expect(error.hint).to.equal('to reach a server on this machine: kdeploy run --network host');
    });
  }

  it('is refused for a variable of the command line, which wins over the baked one, and not for the baked one then', async () => {
    const remote = request({ uri: 'https://mlflow.example.com' });
    const variables = ['MLFLOW_TRACKING_URI=http://localhost:5000'];
    await rejection(refuseUnreachableServer({ ...remote, variables }, surroundings()));
    const other = ['MLFLOW_TRACKING_URI=https://mlflow.example.com'];
    expect(await refuseUnreachableServer({ ...request(), variables: other }, surroundings())).to.equal(undefined);
  });

  it('is let start in the network of this machine or of another container', async () => {
    for (const network of ['host', 'container:mlflow', 'ns:/proc/1/ns/net'])
      expect(await refuseUnreachableServer({ ...request(), network }, surroundings()), network).to.equal(undefined);
    for (const network of ['bridge', 'none', 'default', 'hosts'])
      await rejection(refuseUnreachableServer({ ...request(), network }, surroundings()));
  });

  it('is told to use the name of this machine where the engine is a virtual machine of its own', async () => {
    for (const [platform, engine] of [
      ['darwin', 'Ubuntu 24.04'],
      ['win32', 'Docker Desktop'],
      ['linux', 'Docker Desktop, Engine'],
    ] as const) {
      const there = surroundings({ platform, engine: () => Promise.resolve(engine) });
      expect((await rejection(refuseUnreachableServer(request(), there))).hint).to.equal(
        'to reach a server on this machine: kdeploy run -e MLFLOW_TRACKING_URI=http://host.docker.internal:5000',
      );
    }
  });

  it('is only warned of where the container may start a server itself', async () => {
    const own = { ...request(), command: ['sh', '-c', 'mlflow server & kedro run'] };
    const entrypoint = request({ entrypoint: [...RUNTIME, '/start-mlflow.sh'] });
    for (const each of [own, entrypoint, { ...entrypoint, command: ['kedro', 'run', '--env', 'prod'] }]) {
      expect(await refuseUnreachableServer(each, surroundings())).to.equal(
        'the tracking URI http://127.0.0.1:5000 points at the container itself; to reach a server on this machine: kdeploy run --network host',
      );
    }
  });

  it('is no matter for what logs nothing', async () => {
    for (const command of [['kedro', 'registry', 'list'], ['kedro', '--version'], ['kedro']])
      expect(await refuseUnreachableServer({ ...request(), command }, surroundings())).to.equal(undefined);
    expect(await refuseUnreachableServer(request({ labels: {} }), surroundings()), 'not baked').to.equal(undefined);
  });

  it('is refused for host.docker.internal where the engine is Docker on Linux, which has no such name', async () => {
    const gateway = request({ uri: 'http://host.docker.internal:5000/mlflow' });
    expect((await rejection(refuseUnreachableServer(gateway, surroundings()))).hint).to.equal(
      'to reach a server on this machine: kdeploy run --network host -e MLFLOW_TRACKING_URI=http://127.0.0.1:5000/mlflow',
    );
    const others = [
      surroundings({ platform: 'darwin' }),
      surroundings({ engine: () => Promise.resolve('Docker Desktop') }),
      surroundings({ engine: () => Promise.resolve('debian, Podman Engine') }),
    ];
    for (const other of others) expect(await refuseUnreachableServer(gateway, other)).to.equal(undefined);
  });

  it('is warned of for a name that only this machine’s /etc/hosts gives to itself', async () => {
    const hosts =
      '# 127.0.0.1 other\n127.0.0.1 localhost\n127.0.1.1\tada Mlflow.Local # mine\n10.0.0.7 mlflow.example.com\n';
    const there = surroundings({ hosts: () => Promise.resolve(hosts) });
    expect(await refuseUnreachableServer(request({ uri: 'http://mlflow.local:5000' }), there)).to.equal(
      'mlflow.local is this machine only in its own /etc/hosts, which containers do not read; to reach a server on this machine: kdeploy run --network host',
    );
    for (const uri of ['http://mlflow.example.com', 'http://other', 'http://local:5000', 'https://mine'])
      expect(await refuseUnreachableServer(request({ uri }), there), uri).to.equal(undefined);
  });

  it('is warned of for a folder or a database file, which goes with the container', async () => {
    for (const uri of ['file:///mlruns', 'mlruns', '/data/mlruns', 'sqlite:///mlflow.db'])
      expect(await refuseUnreachableServer(request({ uri }), surroundings()), uri).to.contain(
        'lost when the container',
      );
  });

  it('shows no password', async () => {
    const secret = request({ uri: 'http://me:planted-secret@localhost:5000' });
    for (const platform of ['linux', 'darwin'] as const) {
      const { message, hint } = await rejection(refuseUnreachableServer(secret, surroundings({ platform })));
      expect(`${message}${hint}`).to.not.contain('planted-secret');
    }
  });
});
