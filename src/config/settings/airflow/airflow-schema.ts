import * as z from 'zod/mini';
import { field, judged, text, textThat } from '../fields.js';
import { DOCKER_FIELDS } from './docker-schema.js';
import { KUBERNETES_FIELDS } from './kubernetes-schema.js';
import { MACROS } from './macros.js';
import { airflowIdFlaw, assetFlaw, dnsSubdomainFlaw, poolFlaw, secretKeyFlaw, variableNameFlaw } from './names.js';
import { scheduleFlaw } from './schedule.js';
import { day, minutes, seconds } from './time-fields.js';

/* What kdeploy.yml says of the Airflow DAG, in run_config: read by airflow-settings.ts. */

const secretKey = z.strictObject({
  name: textThat(dnsSubdomainFlaw).check(z.meta({ description: 'The name of the Kubernetes secret' })),
  key: textThat(secretKeyFlaw).check(z.meta({ description: 'The key in it' })),
});

/** A variable of Vars: its name, or with the Kubernetes secret that has its value. */
export const variable = z.union(
  [
    z.string(),
    z.strictObject({
      name: textThat(variableNameFlaw).check(z.meta({ description: 'The name of the variable' })),
      from_secret: secretKey.check(z.meta({ description: 'The Kubernetes secret with its value, for the DAG' })),
    }),
  ],
  { error: 'must be the name of a variable, or {name, from_secret: {name, key}}' },
);

const environmentValue = z.union(
  [
    z.string(),
    z.strictObject({
      from_variable: textThat(airflowIdFlaw).check(z.meta({ description: 'The name of an Airflow Variable' })),
    }),
    z.strictObject({ from_secret: secretKey }),
  ],
  { error: 'must be a string, {from_variable: NAME} or {from_secret: {name, key}}' },
);

const schedule = z
  .union(
    [
      z.int(),
      z.string(),
      z.strictObject({
        assets: z
          .array(textThat(assetFlaw))
          .check(z.minLength(1), z.meta({ description: 'URIs of the assets whose updates start the DAG' })),
      }),
    ],
    { error: 'must be a cron expression, a preset such as "@daily", a duration, or {assets: [URI, …]}' },
  )
  .check(judged<unknown>((value) => (typeof value === 'object' ? undefined : scheduleFlaw(value as string | number))));

const slack = z.strictObject({
  type: z.enum(['slack']).check(z.meta({ description: 'Where the message goes' })),
  connection_id: textThat(airflowIdFlaw).check(z.meta({ description: 'The Airflow connection to Slack' })),
  message_template: field(
    text().check(judged(messageFlaw)),
    'The message, with {task}, {dag}, {execution_time} and {url}',
  ),
});

const dependency = z.strictObject({
  dag_id: textThat(airflowIdFlaw).check(z.meta({ description: 'The DAG to wait for' })),
  task_id: field(textThat(airflowIdFlaw), 'One of its tasks; empty: all of them'),
  check_existence: field(z.boolean(), 'Whether a DAG that does not exist is an error', { default: true }),
  timeout: field(minutes(), 'How long to wait: minutes, or 90s, 5m, 2h', { default: 1440 }),
  execution_delta: field(minutes(), "How much earlier the other run's date is: minutes, or 90s, 5m, 2h", {
    default: 0,
  }),
});

export const AIRFLOW_FIELDS = {
  schedule: field(schedule, 'When the DAG runs: a cron expression, a preset, a duration, or {assets: [URI, …]}', {
    examples: ['@daily', '0 6 * * *', { assets: ['s3://bucket/flights'] }],
  }),
  cron_expression: field(
    text().check(judged<string>(scheduleFlaw)),
    'The same as schedule, as kedro-airflow-k8s had it',
    {
      examples: ['@daily'],
    },
  ),
  start_date: field(day(), 'The first day of the schedule, in UTC', { examples: ['2021-07-21'] }),
  catchup: field(z.boolean(), 'Whether Airflow also runs what the schedule missed since start_date', {
    default: false,
  }),
  description: field(z.string(), 'The description of the DAG'),
  tags: field(z.array(text().check(z.maxLength(100))), 'Tags of the DAG, one or a list'),
  owner: field(text(), "The owner of the DAG's tasks"),
  max_active_runs: field(z.int().check(z.positive()), 'How many runs of the DAG may be active at once'),
  dagrun_timeout: field(seconds(), 'How long a run of the DAG may take: seconds, or 90s, 5m, 2h'),
  retries: field(z.int().check(z.nonnegative()), 'How often a failed task is tried again', { default: 0 }),
  retry_delay: field(seconds(), 'How long Airflow waits before that: seconds, or 90s, 5m, 2h'),
  execution_timeout: field(seconds(), 'How long a task may take: seconds, or 90s, 5m, 2h'),
  pool: field(textThat(poolFlaw), 'The Airflow pool of the tasks'),
  failure_handlers: field(z.array(slack), 'Who is told when a task fails'),
  external_dependencies: field(z.array(dependency), 'DAGs or tasks to wait for'),
  macro_params: field(z.array(z.enum(MACROS)), 'Values of Airflow that become Kedro parameters', {
    examples: [['ds', 'run_id']],
  }),
  variables_params: field(
    z.array(textThat(airflowIdFlaw)),
    'Airflow Variables that become Kedro parameters of the same name; not for passwords',
  ),
  env_vars: field(
    z.union(
      [z.array(textThat(variableNameFlaw)), z.record(z.string().check(judged(variableNameFlaw)), environmentValue)],
      {
        error: 'must be a mapping of names to values, or a list of names of Airflow Variables',
      },
    ),
    'Environment variables for the tasks, each a string, {from_variable: NAME} or {from_secret: {name, key}}; ' +
      'or a list of Airflow Variables',
  ),
  xcom: field(z.boolean(), "Whether the first task pushes the run's ID to XCom, as mlflow_run_id", { default: false }),
  ...KUBERNETES_FIELDS,
  docker: field(z.strictObject(DOCKER_FIELDS), 'How the target docker runs the containers'),
  spark: field(z.record(z.string(), z.unknown()), 'Not supported by kdeploy dag: nodes run in their own containers'),
  group_spark_nodes: field(z.boolean(), 'Not supported by kdeploy dag: see spark'),
};

const MESSAGE_FIELDS = ['task', 'dag', 'execution_time', 'url'];

function messageFlaw(message: string) {
  const braces = [...message.replaceAll(/\{\{|\}\}/g, '').matchAll(/\{([^{}]*)\}?|\}/g)];
  if (braces.every(([whole, name = '']) => whole.endsWith('}') && MESSAGE_FIELDS.includes(name))) return undefined;
  return {
    message: 'has a placeholder that nobody fills in',
    remedy: `use ${MESSAGE_FIELDS.map((name) => `{${name}}`).join(', ')}; write {{ and }} for braces`,
  };
}
