import { planBake, type BakedTracking } from '../../../src/image/bake-plan.js';
import { BAKE_COMMENT } from '../../../src/image/bake-step.js';
import type { Image } from '../../../src/image/image.js';
import { formatLocations } from '../../../src/image/locations.js';
import { sampleImage } from '../image/sample-image.js';

export const TRACKING: BakedTracking = {
  uri: 'https://staging.example.com',
  registryUri: undefined,
  experiment: 'flights',
  authenticationTypes: ['Vars'],
  authentication: '{"types":[{"type":"Vars","params":["A"]}]}',
  signsRequests: false,
  runName: undefined,
  onUnreachable: 'fail',
  experimentOptions: undefined,
  mlflowYaml: 'server: {}\n',
  mlflowFiles: ['conf/local/mlflow.yml'],
  selfTestSubject: 'sha256:subject',
  runtime: [{ path: 'kdeploy_runtime/a.py', content: Buffer.from('a') }],
  pathFile: { path: 'kdeploy.pth', content: Buffer.from('/opt/kdeploy/lib\n') },
};
export const VERSION = '1.2.3';
const folder = { uid: 0, gid: 0, mode: 0o755, mtime: 1 };
export const LOCATIONS = formatLocations({
  owner: { uid: 999, gid: 0 },
  real: { '/home/kedro/conf': '/home/kedro/conf', '/opt/kdeploy/lib': '/opt/kdeploy/lib' },
  sitePackages: ['/usr/lib/site-packages'],
  folders: { '/home': folder, '/home/kedro': folder, '/home/kedro/conf': folder, '/opt': folder },
});
export interface Changes {
  readonly architecture?: string;
  readonly labels?: Readonly<Record<string, string | undefined>>;
  readonly entrypoint?: readonly string[];
  readonly env?: readonly string[];
  readonly history?: readonly object[];
}

/** As `kdeploy build` leaves one. */
export function bakedSample(changes: Changes = {}): Image {
  const { configuration } = planBake({
    image: {
      env: ['PATH=/bin'],
      entrypoint: ['tini', '--'],
      cmd: ['kedro', 'run'],
      workingDirectory: '/home/kedro',
      user: 'kedro',
      labels: { own: '1' },
    },
    kdeployVersion: VERSION,
    env: 'local',
    tracking: TRACKING,
    imageName: 'registry.example.com/team/app:staging',
    origin: { created: '2026-01-02T03:04:05Z', revision: 'abc' },
    isSelfTested: true,
  });
  return sampleImage(['base', 'ours', 'above'], {
    architecture: changes.architecture ?? 'amd64',
    created: '2026-01-02T03:04:05Z',
    config: {
      Env: changes.env ?? configuration.env,
      Entrypoint: changes.entrypoint ?? configuration.entrypoint,
      Cmd: configuration.cmd,
      WorkingDir: configuration.workingDirectory,
      User: configuration.user,
      Healthcheck: { Test: ['NONE'] },
      Labels: { ...configuration.labels, 'io.kdeploy.locations': LOCATIONS, ...changes.labels },
    },
    history: changes.history ?? [{ created_by: 'base' }, { comment: BAKE_COMMENT }, { created_by: 'COPY' }],
  });
}
