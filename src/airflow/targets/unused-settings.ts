import type { AirflowSettings, KubernetesSettings } from '../../config/settings/dag-settings.js';

type Problems = readonly { readonly key: string; readonly message: string }[];

/** Keys of kdeploy.yml for Kubernetes, which mean nothing where containers run on a Docker host. */
const KUBERNETES_KEYS: readonly (readonly [string, (settings: KubernetesSettings) => unknown, string])[] = [
  ['namespace', (one) => one.namespace, 'Docker has no namespaces'],
  ['kubernetes_conn_id', (one) => one.connectionId, 'for a registry that needs a login, use `docker.connection_id`'],
  ['in_cluster', (one) => one.inCluster, 'for the address of the Docker host, use `docker.url`'],
  ['image_pull_policy', (one) => one.imagePullPolicy, 'the image is named by digest, and pulled when it is missing'],
  [
    'image_pull_secrets',
    (one) => one.imagePullSecrets,
    'for a registry that needs a login, use `docker.connection_id`',
  ],
  ['service_account_name', (one) => one.serviceAccountName, 'a container on a Docker host has no service account'],
  ['startup_timeout', (one) => one.startupTimeout, 'a container on a Docker host starts at once'],
  ['get_logs', (one) => (one.getLogs === false ? 'off' : null), "DockerOperator always shows the container's log"],
  ['host_network', (one) => one.hostNetwork, 'use `docker.network_mode: host`'],
  ['deferrable', (one) => one.deferrable, 'DockerOperator cannot be deferred'],
  ['resources', (one) => one.resources, 'use `docker.cpus` and `docker.memory`'],
  ['kubernetes_pod_templates', (one) => one.podTemplates, 'Docker has no pods'],
  [
    'secrets',
    (one) => one.secrets.filter(({ setting }) => setting === undefined),
    'use Airflow Variables: `authentication.params`, or a value of `env_vars`',
  ],
  ['volume', (one) => one.volume, 'use `docker.mounts`'],
  ['volumes', (one) => one.volumes, 'use `docker.mounts`'],
  ['volume_mounts', (one) => one.volumeMounts, 'use `docker.mounts`'],
];

export function kubernetesOnly(settings: AirflowSettings): Problems {
  return [
    ...KUBERNETES_KEYS.flatMap(([key, read, remedy]) =>
      isSet(read(settings.kubernetes))
        ? [{ key, message: `run_config.${key} is for the target kubernetes, not docker: ${remedy}` }]
        : [],
    ),
    ...settings.kubernetes.secrets.flatMap(({ setting, target }) =>
      setting === undefined
        ? []
        : [
            {
              key: setting,
              message: `run_config.${setting} takes ${target ?? ''} from a Kubernetes secret, which the target docker cannot read: use {from_variable: NAME}`,
            },
          ],
    ),
    ...Object.keys(settings.variableSecrets).map((name) => ({
      key: 'authentication',
      message: `run_config.authentication takes ${name} from a Kubernetes secret, which the target docker cannot read: use an Airflow Variable`,
    })),
  ];
}

export function dockerOnly(settings: AirflowSettings): Problems {
  const set = Object.values(settings.docker).some(isSet);
  return set ? [{ key: 'docker', message: 'run_config.docker is for the target docker, not kubernetes' }] : [];
}

function isSet(value: unknown): boolean {
  if (value === null || value === undefined || value === false) return false;
  if (typeof value === 'object') return Object.keys(value).length > 0;
  return true;
}
