import { TARGETS } from '../../../src/airflow/targets/targets.js';
import type { AirflowSettings } from '../../../src/config/settings/dag-settings.js';
import type { AirflowDag } from '../../../src/airflow/targets/target.js';
import type { Task } from '../../../src/graph/task-graph.js';

/** Nothing configured, so nothing but what Airflow and kdeploy do by themselves. */
export const plainSettings: AirflowSettings = {
  schedule: null,
  scheduleAssets: [],
  startDate: null,
  catchup: false,
  description: null,
  tags: [],
  owner: null,
  maxActiveRuns: null,
  dagrunTimeout: null,
  retries: null,
  retryDelay: null,
  executionTimeout: null,
  pool: null,
  failureHandlers: [],
  externalDependencies: [],
  macroParams: [],
  variablesParams: [],
  envVars: {},
  envFromVariables: {},
  xcom: false,
  variableSecrets: {},
  kubernetes: {
    namespace: null,
    connectionId: null,
    inCluster: null,
    imagePullPolicy: null,
    imagePullSecrets: [],
    serviceAccountName: null,
    startupTimeout: null,
    hostNetwork: false,
    deferrable: false,
    getLogs: null,
    resources: {},
    podTemplates: {},
    secrets: [],
    volume: null,
    volumes: [],
    volumeMounts: [],
  },
  docker: {
    url: null,
    connectionId: null,
    networkMode: null,
    mounts: [],
    cpus: null,
    memory: null,
    user: null,
    extraHosts: {},
  },
};

/** Text that would end a string, a comment, a template or a file, if it were not quoted. */
export const HOSTILE = 'a """ b \'\'\' c \\ {{ d }} {% e %} f"\n#g `h` \u202e i\u2028j 漢字 é prod.env';

export function group(id: string, nodes: readonly string[], after: readonly string[], more: Partial<Task> = {}): Task {
  return {
    kind: 'group',
    id,
    nodes,
    after,
    tags: [],
    namespaces: [],
    loads: [],
    saves: [],
    arguments: ['kedro', 'run', '--nodes', nodes.join(',')],
    ...more,
  };
}

/** Three groups, the first two side by side; a start before and a finish after them. */
export function tracked(groups: readonly Task[] = threeGroups()): readonly Task[] {
  const start: Task = {
    kind: 'start',
    id: 'start_mlflow_run',
    after: [],
    arguments: ['start-run', '--param', `image=${IMAGE}`],
  };
  const ids = groups.map(({ id }) => id);
  const finish: Task = {
    kind: 'finish',
    id: 'finish_mlflow_run',
    after: ids,
    arguments: ['finish-run', '--status', 'FINISHED', '--fail', ...ids.flatMap((id) => ['--expect', id])],
  };
  const behind = groups.map((task) => (task.after.length > 0 ? task : { ...task, after: [start.id] }));
  return [start, ...behind, finish];
}

export const threeGroups = (): Task[] => [
  group('load-x', ['load-x'], []),
  group('load_x', ['load_x'], [], { tags: ['resources:large'] }),
  group('train', ['split', 'train'], ['load-x', 'load_x'], { loads: ['x'], saves: ['model'] }),
];

export const IMAGE = `registry.example.com/ml/spaceflights@sha256:${'ab'.repeat(32)}`;

export function sampleDag(more: Partial<AirflowDag> = {}): AirflowDag {
  return {
    graph: {
      id: 'spaceflights',
      pipeline: '__default__',
      image: IMAGE,
      tracked: true,
      tasks: tracked(),
      crossings: [],
    },
    shape: 'dag',
    settings: plainSettings,
    variables: [],
    dataFolder: '/home/kedro_docker/data',
    assets: {},
    about: {
      revision: 'c31715a',
      source: 'https://github.com/acme/spaceflights',
      trackingUri: 'https://mlflow.example.com',
      experiment: 'spaceflights',
    },
    ...more,
  };
}

/** Every setting that a target knows, at once. */
export function fullSettings(target: 'kubernetes' | 'docker'): AirflowSettings {
  return {
    ...plainSettings,
    schedule: '@daily',
    startDate: '2021-07-21',
    catchup: true,
    description: `Predicts prices. ${HOSTILE}`,
    tags: ['ml', 'prices'],
    owner: 'data-science',
    maxActiveRuns: 1,
    dagrunTimeout: 7200,
    retries: 2,
    retryDelay: 60,
    executionTimeout: 3600,
    pool: 'kedro',
    failureHandlers: [
      {
        type: 'slack',
        connectionId: 'slack_ml',
        message: `{task} failed ${HOSTILE.replaceAll(/[{}]/g, '$&$&')} {url}`,
      },
    ],
    externalDependencies: [
      { dagId: 'raw', taskId: 'load', checkExistence: true, timeout: 600, executionDelta: 3600 },
      { dagId: 'raw', taskId: null, checkExistence: false, timeout: 600, executionDelta: 0 },
    ],
    macroParams: ['ds', 'prev_start_date_success'],
    variablesParams: ['warehouse_login'],
    envVars: { APP_CONFIG: 'prod.env', TEMPLATE: 'a={{not jinja', TEXT: HOSTILE, DOLLARS: 'a$$b$(HOME)$' },
    envFromVariables: { API_TOKEN: 'service_token' },
    xcom: true,
    ...(target === 'kubernetes'
      ? {
          variableSecrets: { MLFLOW_TRACKING_PASSWORD: { name: 'mlflow', key: 'password' } },
          kubernetes: {
            namespace: 'ml',
            connectionId: 'cluster',
            inCluster: false,
            imagePullPolicy: 'IfNotPresent',
            imagePullSecrets: ['registry'],
            serviceAccountName: 'kedro',
            startupTimeout: 300,
            hostNetwork: true,
            deferrable: true,
            getLogs: true,
            resources: {
              __default__: {
                labels: { team: 'ml' },
                annotations: {},
                nodeSelectors: {},
                tolerations: [],
                affinity: null,
                requests: { cpu: '500m', memory: '1Gi' },
                limits: { memory: '2Gi' },
              },
              large: {
                labels: {},
                annotations: { note: HOSTILE },
                nodeSelectors: { pool: 'large' },
                tolerations: [{ key: 'large', operator: 'Exists', effect: 'NoSchedule' }],
                affinity: null,
                requests: { memory: '32Gi' },
                limits: { memory: '64Gi' },
              },
            },
            podTemplates: {
              __default__: {
                metadata: { name: 'x', labels: { from: 'template' } },
                spec: {
                  securityContext: { runAsNonRoot: true, runAsUser: 999, seccompProfile: { type: 'RuntimeDefault' } },
                  containers: [
                    { name: 'proxy', image: 'proxy:1', command: ['proxy'] },
                    {
                      name: 'base',
                      securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
                    },
                  ],
                  volumes: [{ name: 'scratch', emptyDir: {} }],
                },
              },
            },
            secrets: [
              { as: 'env', target: 'DB_PASSWORD', secret: 'db', key: 'password' },
              { as: 'env', target: null, secret: 'all-of-it', key: null },
              { as: 'volume', target: '/var/secrets/google', secret: 'google', key: 'key.json' },
            ],
            volume: {
              kind: 'own',
              storageClass: 'fast',
              size: '3Gi',
              accessModes: ['ReadWriteMany'],
              owner: 1000,
              skipInit: false,
            },
            volumes: [
              {
                name: 'token',
                projected: { sources: [{ serviceAccountToken: { audience: 'mlflow', path: 'token' } }] },
              },
            ],
            volumeMounts: [{ name: 'token', mountPath: '/var/run/mlflow', readOnly: true }],
          },
        }
      : {
          docker: {
            url: 'unix:///var/run/docker.sock',
            connectionId: 'registry',
            networkMode: 'bridge',
            mounts: [
              { source: '/srv/data', target: '/home/kedro_docker/data', readOnly: false },
              { source: 'models', target: '/models', readOnly: true },
            ],
            cpus: 0.5,
            memory: '2g',
            user: '1000:0',
            extraHosts: { mlflow: '10.0.0.7' },
          },
        }),
  };
}

/** A DAG with everything, its names included. */
export function fullDag(target: 'kubernetes' | 'docker', more: Partial<AirflowDag> = {}): AirflowDag {
  const dag = sampleDag();
  const hostile = group('hostile', [HOSTILE, 'a"b', 'run.sh'], ['train'], { saves: ['report'] });
  return {
    ...dag,
    graph: { ...dag.graph, pipeline: HOSTILE, tasks: tracked([...threeGroups(), hostile]) },
    settings: fullSettings(target),
    variables: ['MLFLOW_TRACKING_USERNAME', 'MLFLOW_TRACKING_PASSWORD'],
    assets: { model: ['s3://bucket/model'], report: ['file://data/report.html'], x: ['s3://bucket/x'] },
    about: { ...dag.about, source: HOSTILE, experiment: HOSTILE },
    ...more,
  };
}

/** Files by name: each target in both shapes, with everything configured and with nothing. */
export function sampleFiles(): Record<string, string> {
  const plain = sampleDag();
  const volume = {
    kind: 'own',
    storageClass: null,
    size: '1Gi',
    accessModes: ['ReadWriteOnce'],
    owner: 0,
    skipInit: true,
  } as const;
  const dags: Record<string, AirflowDag> = {
    plain,
    untracked: {
      ...plain,
      graph: { ...plain.graph, tracked: false, tasks: threeGroups() },
      settings: { ...plainSettings, schedule: 3600, kubernetes: { ...plainSettings.kubernetes, volume } },
    },
    assets: {
      ...plain,
      assets: { model: ['s3://bucket/model'], x: ['s3://bucket/x'] },
      settings: { ...plainSettings, scheduleAssets: ['s3://bucket/a', 's3://bucket/b'] },
    },
  };
  return Object.fromEntries(
    (['kubernetes', 'docker'] as const).flatMap((target) =>
      (['dag', 'task-group'] as const).flatMap((shape) =>
        Object.entries({ ...dags, full: fullDag(target) }).map(([name, dag]) => [
          `${name}_${target}_${shape.replace('-', '_')}`,
          TARGETS[target].render({ ...dag, shape }),
        ]),
      ),
    ),
  );
}
