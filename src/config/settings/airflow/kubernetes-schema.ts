import * as z from 'zod/mini';
import { field, judged, text, textThat } from '../fields.js';
import {
  absolutePathFlaw,
  airflowIdFlaw,
  dnsLabelFlaw,
  dnsSubdomainFlaw,
  labelKeyFlaw,
  labelValueFlaw,
  secretKeyFlaw,
} from './names.js';
import { quantityFlaw } from './quantity.js';
import { seconds } from './time-fields.js';

/* The keys of run_config that are for the target kubernetes. */

export const ACCESS_MODES = ['ReadWriteOnce', 'ReadWriteMany', 'ReadOnlyMany', 'ReadWriteOncePod'] as const;

const amount = z
  .union([z.number(), z.string()], { error: 'must be a number or a string such as 500m or 2Gi' })
  .check(judged<number | string>(quantityFlaw));
const amounts = () => z.record(text(), amount);
const labels = () => z.record(z.string().check(judged(labelKeyFlaw)), z.string().check(judged(labelValueFlaw)));

const toleration = z.strictObject({
  key: field(z.string().check(judged(labelKeyFlaw)), 'The key of the taint; empty, with Exists: every taint'),
  operator: field(z.enum(['Equal', 'Exists']), 'Whether the value counts', { default: 'Equal' }),
  value: field(z.string().check(judged(labelValueFlaw)), 'The value of the taint'),
  effect: field(z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']), 'The effect of the taint; empty: any'),
  tolerationSeconds: field(z.int(), 'How long a running pod may stay, with NoExecute'),
});

const affinity = z.strictObject({
  nodeAffinity: z.optional(z.record(z.string(), z.unknown())),
  podAffinity: z.optional(z.record(z.string(), z.unknown())),
  podAntiAffinity: z.optional(z.record(z.string(), z.unknown())),
});

const resource = z.strictObject({
  requests: field(amounts(), 'What a pod needs: cpu, memory, …', { examples: [{ cpu: '500m', memory: '2Gi' }] }),
  limits: field(amounts(), 'What a pod may use at most', { examples: [{ cpu: 2, memory: '4Gi' }] }),
  node_selectors: field(labels(), 'Labels of the nodes on which a pod may run'),
  labels: field(labels(), 'Labels of the pods'),
  annotations: field(z.record(z.string().check(judged(labelKeyFlaw)), z.string()), 'Annotations of the pods'),
  tolerations: field(z.array(toleration), 'Taints of nodes that the pods tolerate, as in a pod'),
  affinity: field(affinity, 'Where the pods run, as in a pod'),
});

const secret = z.strictObject({
  deploy_type: field(z.enum(['env', 'volume']), 'As a variable or as a folder of files', { default: 'env' }),
  deploy_target: field(text(), 'The variable, or the folder; with env and without key: empty'),
  secret: textThat(dnsSubdomainFlaw).check(z.meta({ description: 'The name of the Kubernetes secret' })),
  key: field(textThat(secretKeyFlaw), 'The key in the secret; empty: all of them'),
});

const volume = z.strictObject({
  claim: field(textThat(dnsSubdomainFlaw), 'An existing claim, instead of one that the DAG creates and deletes'),
  storageclass: field(textThat(dnsSubdomainFlaw), "The storage class; empty: the cluster's default"),
  size: field(amount, 'The size of the claim', { default: '1Gi' }),
  access_modes: field(z.array(z.enum(ACCESS_MODES)).check(z.minLength(1)), 'Who may mount it: one mode or a list', {
    default: ['ReadWriteOnce'],
  }),
  owner: field(z.int().check(z.nonnegative(), z.maximum(2 ** 32 - 2)), 'The group that owns the files (fsGroup)', {
    default: 0,
  }),
  skip_init: field(z.boolean(), "Whether the image's data folder is not copied to the new volume", { default: false }),
  disabled: field(z.boolean(), 'Whether there is no shared volume after all', { default: false }),
});

const podTemplate = z.strictObject({
  template: field(
    z.union([text(), z.record(z.string(), z.unknown())], {
      error: 'must be the YAML of a pod, as text or as a mapping',
    }),
    'The pod, as text or as a mapping; its first container, `base`, runs the nodes',
  ),
  image: field(text(), 'Not supported: every task runs the image that kdeploy built'),
});

/** k8s.io/api/core/v1, Volume and VolumeMount. Airflow drops keys that Kubernetes does not know, and says nothing. */
const VOLUME_SOURCES = [
  ...['awsElasticBlockStore', 'azureDisk', 'azureFile', 'cephfs', 'cinder', 'configMap', 'csi', 'downwardAPI'],
  ...['emptyDir', 'ephemeral', 'fc', 'flexVolume', 'flocker', 'gcePersistentDisk', 'gitRepo', 'glusterfs', 'hostPath'],
  ...['image', 'iscsi', 'nfs', 'persistentVolumeClaim', 'photonPersistentDisk', 'portworxVolume', 'projected'],
  ...['quobyte', 'rbd', 'scaleIO', 'secret', 'storageos', 'vsphereVolume'],
] as const;

const source = z.nullish(z.record(z.string(), z.unknown()));
const podVolume = z.strictObject({
  name: textThat(dnsLabelFlaw),
  ...(Object.fromEntries(VOLUME_SOURCES.map((name) => [name, source])) as Record<
    (typeof VOLUME_SOURCES)[number],
    typeof source
  >),
});
const volumeMount = z.strictObject({
  name: textThat(dnsLabelFlaw),
  mountPath: textThat(absolutePathFlaw),
  subPath: z.nullish(text()),
  subPathExpr: z.nullish(text()),
  readOnly: z.nullish(z.boolean()),
  recursiveReadOnly: z.nullish(z.enum(['Disabled', 'IfPossible', 'Enabled'])),
  mountPropagation: z.nullish(z.enum(['None', 'HostToContainer', 'Bidirectional'])),
});

export const KUBERNETES_FIELDS = {
  namespace: field(textThat(dnsLabelFlaw), 'The Kubernetes namespace of the pods', { examples: ['airflow'] }),
  kubernetes_conn_id: field(textThat(airflowIdFlaw), "The Airflow connection to the cluster; empty: Airflow's default"),
  in_cluster: field(z.boolean(), 'Whether Airflow runs in the cluster that runs the pods'),
  image_pull_policy: field(z.enum(['Always', 'IfNotPresent', 'Never']), 'When Kubernetes pulls the image'),
  image_pull_secrets: field(
    z.array(textThat(dnsSubdomainFlaw)),
    'Names of image pull secrets, a list or separated by commas',
  ),
  service_account_name: field(textThat(dnsSubdomainFlaw), 'The Kubernetes service account of the pods'),
  startup_timeout: field(seconds(), 'How long a pod may take to start: seconds, or 90s, 5m, 2h', { default: 600 }),
  host_network: field(z.boolean(), "Whether the pods use their node's network", { default: false }),
  deferrable: field(z.boolean(), "Whether Airflow's triggerer waits for the pods, and not a worker", {
    default: false,
  }),
  get_logs: field(z.boolean(), "Whether a task's log contains its pod's", { default: true }),
  resources: field(
    z.record(z.string(), z.nullable(resource)),
    'CPU, memory, node selectors, … by name: of a node, or of a tag resources:NAME; __default__ for the rest',
  ),
  kubernetes_pod_templates: field(
    z.record(z.string(), z.nullable(podTemplate)),
    'Pod templates by name: of a tag k8s_template:NAME; __default__ for the rest',
  ),
  secrets: field(z.array(secret), 'Kubernetes secrets for the pods, as variables or files'),
  volume: field(volume, "A volume shared by the tasks, mounted at the project's data folder"),
  volumes: field(z.array(podVolume), 'Further volumes of the pods, as in a pod'),
  volume_mounts: field(z.array(volumeMount), 'Where they are mounted, as in a pod'),
};
