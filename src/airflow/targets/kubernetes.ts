import type { GroupTask, Task } from '../../graph/task-graph.js';
import { VERSIONED } from '../file/imports.js';
import { renderFile, taskDocumentation, type FurtherTask, type TargetParts } from '../file/render-file.js';
import { RUN_KEY } from '../file/run-environment.js';
import { optional } from '../file/settings.js';
import { assignment, call, literal } from '../python/expression.js';
import { identifiers } from '../python/identifier.js';
import { endOlderRuns } from './docker.js';
import { claimBlocks, copyPod, OPERATOR_WITH_CLAIM } from './kubernetes/claim.js';
import { podTemplate, templateProblem } from './kubernetes/pod.js';
import type { AirflowDag, AirflowTarget } from './target.js';
import { dockerOnly } from './unused-settings.js';

const XCOM_FILE = '/airflow/xcom/return.json';

/** KubernetesPodOperator: a pod for each task. */
export const kubernetes: AirflowTarget = {
  name: 'kubernetes',
  render: (dag) => renderFile(dag, parts(dag)),
  problems: (settings) => [
    ...dockerOnly(settings),
    ...Object.entries(settings.kubernetes.podTemplates).flatMap(([name, template]) => {
      const message = templateProblem(name, template);
      return message === undefined ? [] : [{ key: 'kubernetes_pod_templates', message }];
    }),
  ],
  storage: ({ kubernetes: { volume, volumeMounts } }, dataFolder) => ({
    folders: [
      ...(volume === null ? [] : [dataFolder]),
      ...volumeMounts.flatMap((mount) =>
        'mountPath' in mount && typeof mount.mountPath === 'string' && !('readOnly' in mount && mount.readOnly === true)
          ? [mount.mountPath]
          : [],
      ),
    ],
    onOneMachine: volume?.kind === 'own' && !volume.accessModes.includes('ReadWriteMany'),
    setting: 'run_config.volume',
  }),
};

function parts(dag: AirflowDag): TargetParts {
  const { settings, graph } = dag;
  const { kubernetes: configured, xcom } = settings;
  const pods = namedPods(dag);
  const own = configured.volume?.kind === 'own' ? configured.volume : null;
  const copies = own !== null && !own.skipInit;
  const plainPod = podTemplate(settings, null, dag.dataFolder);
  return {
    section: {
      imports: {
        modules: own === null ? [] : ['hashlib', 're'],
        names: {
          'airflow.providers.cncf.kubernetes.operators.pod': ['KubernetesPodOperator'],
          'kubernetes.client': ['models as k8s'],
          ...(own === null
            ? {}
            : {
                'airflow.providers.cncf.kubernetes.hooks.kubernetes': ['KubernetesHook'],
                'kubernetes.client.exceptions': ['ApiException'],
                ...(configured.namespace === null ? { pathlib: ['Path'] } : {}),
              }),
        },
        versioned: own === null ? [] : [VERSIONED.baseOperator],
      },
      constants: [
        '# Pods, as Kubernetes spells them. The image, its arguments and what is known only when',
        '# a task runs are added to their first container.',
        ...[...pods.constants].map(([name, pod]) => assignment(name, literal(pod))),
        ...(copies ? [assignment('COPY_POD', literal(copyPod(plainPod, dag.dataFolder)))] : []),
        ...(own === null
          ? []
          : [
              '# The claim of each DAG run, and where it is made.',
              assignment(
                'CLAIM',
                literal({
                  accessModes: own.accessModes,
                  ...(own.storageClass === null ? {} : { storageClassName: own.storageClass }),
                  resources: { requests: { storage: own.size } },
                }),
              ),
              assignment('CONNECTION', optional(configured.connectionId) ?? 'KubernetesHook.default_conn_name'),
              assignment('IN_CLUSTER', optional(configured.inCluster) ?? 'None'),
              ...(configured.namespace === null ? [] : [assignment('NAMESPACE', literal(configured.namespace))]),
            ]),
      ],
      blocks: [
        ...(own === null
          ? []
          : [...(graph.tracked ? [] : [RUN_KEY]), ...claimBlocks(configured.namespace !== null), OPERATOR_WITH_CLAIM]),
        kedroTask(own !== null, graph.tracked),
        ...(graph.tracked ? [startTask(xcom)] : []),
      ],
    },
    container: {
      namespace: optional(configured.namespace),
      kubernetes_conn_id: optional(configured.connectionId),
      in_cluster: optional(configured.inCluster),
      startup_timeout_seconds: literal(configured.startupTimeout ?? 600),
      get_logs: literal(configured.getLogs ?? true),
      log_pod_spec_on_failure: 'False',
      deferrable: configured.deferrable ? 'True' : undefined,
    },
    commandName: 'arguments',
    options: (task) => ({
      pod_template_dict: pods.nameOf(task),
      do_xcom_push: literal(task.kind === 'start' && xcom),
    }),
    moreArguments: (task) => [
      ...endOlderRuns(dag, task.kind),
      ...(task.kind === 'start' && xcom ? ['--output', XCOM_FILE] : []),
    ],
    storage: [
      ...(own === null ? [] : [claimTask('create_data_volume', 'CreateClaim')]),
      ...(copies ? [COPY_DATA] : []),
    ],
    cleanUp: own === null ? null : claimTask('delete_data_volume', 'DeleteClaim'),
  };
}

const claimTask = (name: string, operator: string): FurtherTask => ({
  id: name,
  expression: (id) => call(operator, [], { task_id: literal(id) }, ['TASK']),
});

const COPY_DATA: FurtherTask = {
  id: 'copy_data',
  expression: (id) =>
    call('DataPod', [], { task_id: literal(id), pod_template_dict: 'COPY_POD', do_xcom_push: 'False' }, ['CONTAINER']),
};

/** A constant for each Pod that differs: `POD`, and `POD_GPU` after the first task that needs it. */
function namedPods(dag: AirflowDag): {
  readonly constants: ReadonlyMap<string, object>;
  nameOf(task: Task): string;
} {
  const pod = (task: Task): object => podTemplate(dag.settings, task.kind === 'group' ? task : null, dag.dataFolder);
  const groups = dag.graph.tasks.filter((task): task is GroupTask => task.kind === 'group');
  const needed = [...dag.graph.tasks.filter(({ kind }) => kind !== 'group'), ...groups];
  const names = identifiers(needed.map(({ id }) => id));
  const byContent = new Map<string, string>();
  const constants = new Map<string, object>();
  for (const task of needed) {
    const content = JSON.stringify(pod(task));
    if (byContent.has(content)) continue;
    const isPlain = content === JSON.stringify(podTemplate(dag.settings, null, dag.dataFolder));
    const name = isPlain ? 'POD' : `POD_${(names.get(task.id) ?? '').toUpperCase()}`;
    byContent.set(content, name);
    constants.set(name, pod(task));
  }
  return { constants, nameOf: (task) => byContent.get(JSON.stringify(pod(task))) ?? 'POD' };
}

function kedroTask(hasClaim: boolean, tracked: boolean): string {
  const parent = hasClaim ? 'DataPod' : 'KubernetesPodOperator';
  const fields = hasClaim
    ? ''
    : `
    # Nothing is a template: "{{" in the name of a node stays as it is.
    template_fields = ()
`;
  return `class KedroTask(${parent}):
    """${taskDocumentation(tracked)}"""
${fields}
    def execute(self, context):
        # Kubernetes takes $(NAME) for a reference, and $$ for one dollar sign.
        for name, value in run_environment(context, self.arguments).items():
            variable = k8s.V1EnvVar(name=name, value=value.replace("$", "$$"))
            self.env_vars = [*self.env_vars, variable]
        self.arguments = [argument.replace("$", "$$") for argument in self.arguments]
        return super().execute(context)`;
}

function startTask(xcom: boolean): string {
  const common = `class StartTask(KedroTask):
    """Creates the MLflow run, and records the DAG run in it."""

    def execute(self, context):
        self.arguments = [*self.arguments, *run_record(context)]`;
  if (!xcom) return `${common}\n        return super().execute(context)`;
  return `${common}
        self.deferrable = False  # so that the result comes back here
        result = super().execute(context)
        if not isinstance(result, dict) or "run_id" not in result:
            raise AirflowFailException("The pod did not return an MLflow run ID.")
        context["ti"].xcom_push(key="mlflow_run_id", value=result["run_id"])
        return result["run_id"]`;
}
