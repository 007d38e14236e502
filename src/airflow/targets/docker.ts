import type { AirflowDag, AirflowTarget } from './target.js';
import { call, dictionary, list, literal } from '../python/expression.js';
import { renderFile, taskDocumentation } from '../file/render-file.js';
import { optional } from '../file/settings.js';
import { kubernetesOnly } from './unused-settings.js';

/** DockerOperator: a container on a Docker host. */
export const docker: AirflowTarget = {
  name: 'docker',
  render: (dag) =>
    renderFile(dag, {
      section: {
        imports: {
          modules: [],
          names: {
            'airflow.providers.docker.operators.docker': ['DockerOperator'],
            ...(dag.settings.docker.mounts.length === 0 ? {} : { 'docker.types': ['Mount'] }),
          },
          versioned: [],
        },
        constants: [],
        blocks: [kedroTask(dag.graph.tracked), ...(dag.graph.tracked ? [startTask(dag.settings.xcom)] : [])],
      },
      container: container(dag),
      commandName: 'command',
      options: (task) =>
        task.kind === 'start' && dag.settings.xcom
          ? { do_xcom_push: 'True', xcom_all: 'True' }
          : { do_xcom_push: 'False' },
      moreArguments: (task) => [
        ...endOlderRuns(dag, task.kind),
        ...(task.kind === 'start' && dag.settings.xcom ? ['--json'] : []),
      ],
      storage: [],
      cleanUp: null,
    }),
  problems: kubernetesOnly,
  storage: ({ docker: { mounts } }, dataFolder) => ({
    folders: mounts.filter(({ readOnly }) => !readOnly).map(({ target }) => target),
    onOneMachine: false,
    setting: `run_config.docker.mounts: ["/shared:${dataFolder}"]`,
  }),
};

/** Airflow ends a run that takes too long without running its last task; the next one closes what it left open. */
export function endOlderRuns(dag: AirflowDag, kind: string): readonly string[] {
  const { dagrunTimeout } = dag.settings;
  return kind === 'start' && dag.shape === 'dag' && dagrunTimeout !== null
    ? ['--end-older-than', String(dagrunTimeout)]
    : [];
}

function container({ settings }: AirflowDag): Record<string, ReturnType<typeof literal> | undefined> {
  const { url, connectionId, networkMode, mounts, cpus, memory, user, extraHosts } = settings.docker;
  const environment = Object.entries(settings.envVars).sort(([left], [right]) => (left < right ? -1 : 1));
  return {
    docker_url: optional(url),
    docker_conn_id: optional(connectionId),
    network_mode: optional(networkMode),
    mounts:
      mounts.length === 0
        ? undefined
        : list(
            mounts.map(({ source, target, readOnly }) =>
              call('Mount', [], {
                source: literal(source),
                target: literal(target),
                type: literal(source.startsWith('/') ? 'bind' : 'volume'),
                read_only: readOnly ? 'True' : undefined,
              }),
            ),
          ),
    environment:
      environment.length === 0
        ? undefined
        : dictionary(Object.fromEntries(environment.map(([name, value]) => [name, literal(value)]))),
    cpus: optional(cpus),
    mem_limit: optional(memory),
    user: optional(user),
    extra_hosts: Object.keys(extraHosts).length === 0 ? undefined : literal(extraHosts),
    auto_remove: literal('force'),
    mount_tmp_dir: 'False',
  };
}

const kedroTask = (tracked: boolean): string => `class KedroTask(DockerOperator):
    """${taskDocumentation(tracked)}"""

    # Nothing is a template, or the name of a file with one: not "{{", not "prod.env".
    template_fields = ()

    def execute(self, context):
        self._private_environment = {
            **self._private_environment,
            **run_environment(context, self.command),
        }
        return super().execute(context)`;

function startTask(xcom: boolean): string {
  const common = `class StartTask(KedroTask):
    """Creates the MLflow run, and records the DAG run in it."""

    def execute(self, context):
        self.command = [*self.command, *run_record(context)]`;
  if (!xcom) return `${common}\n        return super().execute(context)`;
  return `${common}
        # Lines may come several at once, or behind one that did not end.
        log = "\\n".join(super().execute(context) or [])
        for line in reversed(log.splitlines()):
            try:
                run_id = json.loads(line[line.find("{") :])["run_id"]
            except (KeyError, TypeError, ValueError):
                continue
            context["ti"].xcom_push(key="mlflow_run_id", value=run_id)
            return run_id
        raise AirflowFailException("The container did not print an MLflow run ID.")`;
}
