import { isOnlyInAirflow2 } from '../../config/settings/airflow/macros.js';
import type { AirflowSettings } from '../../config/settings/dag-settings.js';
import type { AirflowDag } from '../targets/target.js';
import { assignment, dictionary, literal } from '../python/expression.js';
import { VERSIONED, type Imports } from './imports.js';

/** The functions that gather what a container is told of its DAG run, and what they need. */
export interface Section {
  readonly imports: Imports;
  /** Lines at the top level of the file, without what separates them. */
  readonly blocks: readonly string[];
  readonly constants: readonly string[];
}

/** Environment variables and the Airflow Variables that have their values. */
export function fetchedVariables(dag: AirflowDag): Readonly<Record<string, string>> {
  const { settings } = dag;
  const own = dag.variables
    .filter((name) => !Object.hasOwn(settings.variableSecrets, name))
    .map((name) => [name, name]);
  const all = new Map([...Object.entries(settings.envFromVariables), ...own] as [string, string][]);
  return Object.fromEntries([...all].sort(([left], [right]) => (left < right ? -1 : 1)));
}

export function runEnvironment(dag: AirflowDag): Section {
  const { settings } = dag;
  const variables = fetchedVariables(dag);
  const fetches = Object.keys(variables).length > 0;
  const macros = settings.macroParams.length > 0;
  const fetchesParams = settings.variablesParams.length > 0;
  return {
    imports: {
      modules: ['json'],
      names: {},
      versioned: fetches || fetchesParams ? [VERSIONED.variable, VERSIONED.maskSecret] : [],
    },
    constants: [
      ...(fetches ? ['# Environment variables of the containers, and the Airflow Variables with their values.'] : []),
      ...(fetches ? [assignment('VARIABLES', literal(variables))] : []),
      ...(macros ? ['# Of the context of each task, these become Kedro parameters.'] : []),
      ...(macros ? [assignment('MACRO_PARAMS', literal(settings.macroParams))] : []),
      ...(fetchesParams ? ['# These Airflow Variables become Kedro parameters.'] : []),
      ...(fetchesParams ? [assignment('VARIABLES_PARAMS', literal(settings.variablesParams))] : []),
    ],
    blocks: [
      ...(fetches || fetchesParams ? [READ_VARIABLE] : []),
      ...(dag.graph.tracked ? [RUN_KEY] : []),
      kedroParameters(settings),
      environment(dag, fetches),
      ...(dag.graph.tracked ? [RUN_RECORD] : []),
    ],
  };
}

const READ_VARIABLE = `def read_variable(name):
    """The value of an Airflow Variable, hidden in every log, whatever its name is."""
    value = Variable.get(name)
    mask_secret(value)
    return value`;

export const RUN_KEY = `def run_key(context):
    """Names this execution of the pipeline; all of its tasks join one MLflow run."""
    run, task = context["dag_run"], context["ti"]
    parts = [run.dag_id, run.run_id, task.task_id.rpartition(".")[0]]
    if task.map_index is not None and task.map_index >= 0:
        parts.append(str(task.map_index))
    return "/".join(part for part in parts if part)`;

const RUN_RECORD = `def run_record(context):
    """What start_mlflow_run logs of this DAG run. Some have no logical date."""
    run, task = context["dag_run"], context["ti"]
    date = getattr(run, "logical_date", None) or getattr(run, "run_after", None)
    address = task.log_url.partition("/tasks/")[0].partition("&task_id=")[0]
    record = ["--param", f"dag_id={run.dag_id}", "--tag", f"airflow.dag_run={address}"]
    return record + (["--param", f"execution_date={date.isoformat()}"] if date else [])`;

function kedroParameters({ macroParams, variablesParams }: AirflowSettings): string {
  const [macros, variables] = [macroParams.length > 0, variablesParams.length > 0];
  const gone = macroParams.filter(isOnlyInAirflow2);
  const lines = [
    'def kedro_parameters(context):',
    '    """Kedro parameters of this DAG run, with their types; its configuration wins."""',
    '    parameters = {}',
    ...(macros
      ? [
          '    for name in MACRO_PARAMS:',
          '        if name not in context:',
          '            raise AirflowFailException(',
          '                f"\'{name}\' (macro_params) does not exist for this DAG run: "',
          `                "Airflow provides it only to runs that have a logical date${gone.length > 0 ? ', "' : '."'}`,
          ...(gone.length > 0 ? [`                "and Airflow 3 has no ${gone.join(', ')}."`] : []),
          '            )',
          '        value = context[name]',
          '        if hasattr(value, "isoformat"):',
          '            value = value.isoformat()',
          '        parameters[name] = value or None  # there may be no previous run',
        ]
      : []),
    ...(variables ? ['    for name in VARIABLES_PARAMS:', '        parameters[name] = read_variable(name)'] : []),
    '    return {**parameters, **(context["dag_run"].conf or {})}',
  ];
  if (macros || variables) return lines.join('\n');
  return [...lines.slice(0, 2), '    return dict(context["dag_run"].conf or {})'].join('\n');
}

function environment(dag: AirflowDag, fetches: boolean): string {
  const variables = dictionary({
    AIRFLOW_CTX_DAG_ID: 'run.dag_id',
    AIRFLOW_CTX_DAG_RUN_ID: 'run.run_id',
    AIRFLOW_CTX_TASK_ID: 'task.task_id',
    AIRFLOW_CTX_TRY_NUMBER: 'str(task.try_number)',
    ...(dag.graph.tracked
      ? {
          KDEPLOY_EXPECTED: '"1"',
          KDEPLOY_IMAGE: 'IMAGE',
          KDEPLOY_RUN_KEY: 'run_key(context)',
          KDEPLOY_TASK_KEY: 'task.task_id.rpartition(".")[2]',
        }
      : {}),
  });
  return [
    'def run_environment(context, arguments):',
    '    """What a container is told of its DAG run.',
    '',
    '    It is gathered when the task runs, so that values keep their types, and Airflow',
    '    neither renders, shows nor stores them.',
    '    """',
    '    run, task = context["dag_run"], context["ti"]',
    assignment('environment', variables, 4),
    '    if arguments[:2] == ["kedro", "run"] and (parameters := kedro_parameters(context)):',
    '        environment["KDEPLOY_PARAMS"] = json.dumps(parameters, default=str)',
    ...(fetches
      ? ['    for name, variable in VARIABLES.items():', '        environment[name] = read_variable(variable)']
      : []),
    '    return environment',
  ].join('\n');
}
