import type { AirflowSettings, PodResources, PodSecret } from '../../../config/settings/dag-settings.js';
import type { GroupTask } from '../../../graph/task-graph.js';

type Fields = Readonly<Record<string, unknown>>;

export const DATA_VOLUME = 'kdeploy-data';

/** The Pod of a task, as Kubernetes spells it: what the operator completes with image, arguments and environment. */
export function podTemplate(settings: AirflowSettings, task: GroupTask | null, dataFolder: string): Fields {
  const { kubernetes: configured } = settings;
  const template = chosen(configured.podTemplates, 'k8s_template', task) ?? {};
  const resources = mergedResources(configured.resources, task);
  const spec = fields(fields(template).spec);
  const [own, ...others] = containers(spec);
  const { volume } = configured;
  const metadata = without(fields(fields(template).metadata), ['name', 'namespace', 'generateName']);
  return withoutEmpty({
    ...without(fields(template), ['metadata', 'spec']),
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: withoutEmpty({
      ...metadata,
      labels: { ...fields(metadata.labels), ...resources.labels },
      annotations: { ...fields(metadata.annotations), ...resources.annotations },
    }),
    spec: withoutEmpty({
      ...spec,
      serviceAccountName: configured.serviceAccountName ?? spec.serviceAccountName,
      imagePullSecrets: [...items(spec.imagePullSecrets), ...configured.imagePullSecrets.map((name) => ({ name }))],
      ...(configured.hostNetwork ? { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' } : {}),
      securityContext: {
        ...fields(spec.securityContext),
        ...(typeof volume?.owner === 'number' ? { fsGroup: volume.owner } : {}),
      },
      nodeSelector: { ...fields(spec.nodeSelector), ...resources.nodeSelectors },
      tolerations: [...items(spec.tolerations), ...resources.tolerations],
      affinity: resources.affinity ?? spec.affinity,
      containers: [
        withoutEmpty({
          ...own,
          name: 'base',
          imagePullPolicy: configured.imagePullPolicy ?? own.imagePullPolicy,
          resources: withoutEmpty({
            ...fields(own.resources),
            requests: { ...fields(fields(own.resources).requests), ...resources.requests },
            limits: { ...fields(fields(own.resources).limits), ...resources.limits },
          }),
          env: [...items(own.env), ...environment(settings)],
          envFrom: [
            ...items(own.envFrom),
            ...configured.secrets
              .filter(({ as, target }) => as === 'env' && target === null)
              .map(({ secret }) => ({ secretRef: { name: secret } })),
          ],
          volumeMounts: [
            ...items(own.volumeMounts),
            ...configured.volumeMounts,
            ...secretVolumes(configured.secrets).map(({ mount }) => mount),
            ...(volume === null ? [] : [{ name: DATA_VOLUME, mountPath: dataFolder }]),
          ],
        }),
        ...others,
      ],
      volumes: [
        ...items(spec.volumes),
        ...configured.volumes,
        ...secretVolumes(configured.secrets).map(({ volume: secret }) => secret),
        ...(volume?.kind === 'existing'
          ? [{ name: DATA_VOLUME, persistentVolumeClaim: { claimName: volume.claim } }]
          : []),
      ],
    }),
  });
}

/**
 * The task's container first, where the operator looks for it, without a command: it would replace the image's entrypoint.
 * It is the one called `base`, or the only one.
 */
function containers(spec: Fields): [Fields, ...Fields[]] {
  const all = items(spec.containers).map(fields);
  const own = all.find(({ name }) => name === 'base') ?? (all.length === 1 ? all[0] : undefined) ?? {};
  return [without(own, ['command', 'args', 'image', 'name']), ...all.filter((one) => one !== own)];
}

/** What is wrong with a pod template. */
export function templateProblem(name: string, template: unknown): string | undefined {
  const where = `run_config.kubernetes_pod_templates: the pod template \`${name}\``;
  const all = items(fields(fields(template).spec).containers).map(fields);
  const own = all.find((one) => one.name === 'base') ?? (all.length === 1 ? all[0] : undefined);
  if (all.length > 1 && own === undefined) {
    return `${where} has ${all.length} containers, none of them called \`base\`: call the one that runs the task \`base\``;
  }
  if (items(own?.command).length > 0) {
    return `${where} sets a command, which would replace the image's entrypoint, so that the task could not authenticate to MLflow: remove \`command\``;
  }
  return undefined;
}

function environment({ envVars, variableSecrets, kubernetes }: AirflowSettings): Fields[] {
  const reference = (name: string, secret: string, key: string): Fields => ({
    name,
    valueFrom: { secretKeyRef: { name: secret, key } },
  });
  return [
    // Kubernetes takes $(NAME) for a reference, and $$ for one dollar sign.
    ...sorted(envVars).map(([name, value]) => ({ name, value: value.replaceAll('$', '$$$$') })),
    ...kubernetes.secrets.flatMap(({ as, target, secret, key }) =>
      as === 'env' && target !== null ? [reference(target, secret, key ?? target)] : [],
    ),
    ...sorted(variableSecrets).map(([name, { name: secret, key }]) => reference(name, secret, key)),
  ];
}

function secretVolumes(secrets: readonly PodSecret[]): { readonly volume: Fields; readonly mount: Fields }[] {
  return secrets
    .filter(({ as }) => as === 'volume')
    .map(({ target, secret, key }, index) => {
      const name = `kdeploy-secret-${index + 1}`;
      return {
        volume: {
          name,
          secret: { secretName: secret, ...(key === null ? {} : { items: [{ key, path: key }] }) },
        },
        mount: { name, mountPath: target, readOnly: true },
      };
    });
}

/** The entry for a node of the task, else for a tag `KIND:NAME` of it, else the default. */
function chosen<T>(entries: Readonly<Record<string, T>>, kind: string, task: GroupTask | null): T | undefined {
  const names = [
    ...(task?.nodes ?? []),
    ...(task?.tags ?? []).flatMap((tag) => (tag.startsWith(`${kind}:`) ? [tag.slice(kind.length + 1)] : [])),
    '__default__',
  ];
  const name = names.find((one) => Object.hasOwn(entries, one));
  return name === undefined ? undefined : entries[name];
}

export const NO_RESOURCES: PodResources = {
  labels: {},
  annotations: {},
  nodeSelectors: {},
  tolerations: [],
  affinity: null,
  requests: {},
  limits: {},
};

/** What is set for a node or tag, over the default. */
function mergedResources(entries: Readonly<Record<string, PodResources>>, task: GroupTask | null): PodResources {
  const base = entries.__default__ ?? NO_RESOURCES;
  const special = chosen(entries, 'resources', task) ?? base;
  return {
    labels: { ...base.labels, ...special.labels },
    annotations: { ...base.annotations, ...special.annotations },
    nodeSelectors: { ...base.nodeSelectors, ...special.nodeSelectors },
    tolerations: special.tolerations.length > 0 ? special.tolerations : base.tolerations,
    affinity: special.affinity ?? base.affinity,
    requests: { ...base.requests, ...special.requests },
    limits: { ...base.limits, ...special.limits },
  };
}

const fields = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
const items = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const sorted = <T>(record: Readonly<Record<string, T>>): [string, T][] =>
  Object.entries(record).sort(([left], [right]) => (left < right ? -1 : 1));
const without = (value: Fields, keys: readonly string[]): Fields =>
  Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key)));

/** Without what says nothing, at this level only: deeper, `emptyDir: {}` or a selector `{}` say something. */
const withoutEmpty = (value: Fields): Fields =>
  Object.fromEntries(
    Object.entries(value).filter(
      ([, item]) => item !== null && item !== undefined && (typeof item !== 'object' || Object.keys(item).length > 0),
    ),
  );
