import { DATA_VOLUME } from './pod.js';

/** Where the fresh volume is mounted while the image's own data are copied to it. */
export const COPY_FOLDER = '/kdeploy/data';

/** The Pod that fills the volume: no task of Kedro, so a shell may take the entrypoint's place. */
export function copyPod(pod: Readonly<Record<string, unknown>>, dataFolder: string): Readonly<Record<string, unknown>> {
  const spec = pod.spec as { readonly containers: readonly Readonly<Record<string, unknown>>[] };
  const [base, ...others] = spec.containers;
  const mounts = (base?.volumeMounts ?? []) as readonly { readonly name: string }[];
  return {
    ...pod,
    spec: {
      ...spec,
      containers: [
        {
          ...base,
          command: ['sh', '-c', 'if [ -d "$0" ]; then cp -R "$0/." "$1"; fi', dataFolder, COPY_FOLDER],
          volumeMounts: mounts.map((mount) =>
            mount.name === DATA_VOLUME ? { ...mount, mountPath: COPY_FOLDER } : mount,
          ),
        },
        ...others,
      ],
    },
  };
}

export const OPERATOR_WITH_CLAIM = `class DataPod(KubernetesPodOperator):
    """A pod with the volume of this DAG run."""

    # Nothing is a template: "{{" in the name of a node stays as it is.
    template_fields = ()

    def execute(self, context):
        claim = k8s.V1PersistentVolumeClaimVolumeSource(claim_name=claim_name(context))
        volume = k8s.V1Volume(name="${DATA_VOLUME}", persistent_volume_claim=claim)
        self.volumes = [*self.volumes, volume]
        return super().execute(context)`;

export function claimBlocks(namespace: boolean): readonly string[] {
  return [
    `def claim_name(context):
    """A name of its own for each DAG run, as Kubernetes accepts it."""
    key = run_key(context)
    readable = re.sub(r"[^a-z0-9]+", "-", key.partition("/")[0].lower()).strip("-")
    digest = hashlib.sha256(key.encode()).hexdigest()[:16]
    return f"kdeploy-{readable[:30].strip('-')}-{digest}".replace("--", "-")`,
    `class ClaimOperator(BaseOperator):
    """Creates or deletes the claim for the volume that the tasks share."""

    template_fields = ()

    def kubernetes(self):
        hook = KubernetesHook(conn_id=CONNECTION, in_cluster=IN_CLUSTER)
${
  namespace
    ? '        return hook.core_v1_client, NAMESPACE'
    : `        file = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")
        own = file.read_text().strip() if file.exists() else None
        return hook.core_v1_client, hook.get_namespace() or own or "default"`
}`,
    `class CreateClaim(ClaimOperator):
    def execute(self, context):
        client, namespace = self.kubernetes()
        body = {"metadata": {"name": claim_name(context)}, "spec": CLAIM}
        try:
            client.create_namespaced_persistent_volume_claim(namespace, body)
        except ApiException as error:
            if error.status != 409:  # it is there: this task is tried again
                raise`,
    `class DeleteClaim(ClaimOperator):
    def execute(self, context):
        client, namespace = self.kubernetes()
        try:
            client.delete_namespaced_persistent_volume_claim(
                claim_name(context), namespace
            )
        except ApiException as error:
            if error.status != 404:  # it has gone already
                raise`,
  ];
}
