import { findPasswordInUrl, findSecret } from '../../../secrets/patterns.js';
import { isLiteralSecret, NO_SECRET } from '../../../secrets/literal.js';
import { isSecretName } from '../../../secrets/secret-names.js';
import { isMap, valueAt } from '../layer.js';
import type { KeyPath } from '../problem.js';
import type { Report, SettingsRule } from '../rules.js';
import { parseMount } from './docker.js';
import { absolutePathFlaw, variableNameFlaw } from './names.js';
import { readPodTemplate } from './pod-template.js';
import { POD_RULES } from './pod-rules.js';
import { isSet, listAt, mapAt } from './values.js';

/* What no single value of run_config and dag can say. */

const RUN = 'run_config';

const scheduleIsGivenOnce: SettingsRule = (settings, report) => {
  const run = mapAt(settings, [RUN]);
  if (isSet(run.schedule) && isSet(run.cron_expression))
    report([RUN, 'cron_expression'], 'run_config has both schedule and cron_expression', 'keep schedule');
  if (run.catchup === true && !isSet(run.start_date))
    report([RUN, 'catchup'], 'run_config.catchup is true, but there is no start_date', 'set run_config.start_date');
  if ([run.schedule, run.cron_expression].includes('@continuous') && run.max_active_runs !== 1)
    report([RUN, 'schedule'], '@continuous needs max_active_runs: 1', 'set run_config.max_active_runs to 1');
};

/** A DAG's file is committed, and Airflow shows its text to everyone who may see the DAG. */
const variablesHoldNoSecrets: SettingsRule = (settings, report) => {
  for (const [name, value] of Object.entries(mapAt(settings, [RUN, 'env_vars']))) {
    if (typeof value === 'string') reportSecret(name, value, [RUN, 'env_vars', name], report);
  }
};

function reportSecret(name: string, value: string, path: KeyPath, report: Report): void {
  if (/\{\{.*\}\}/s.test(value)) {
    report(
      path,
      'an environment variable contains a template, which is not filled in',
      'for an Airflow Variable, write {from_variable: NAME}; for other values of Airflow, use macro_params',
    );
  } else if (looksSecret(name, value)) {
    report(
      path,
      'an environment variable contains what looks like a password or token',
      'keep it in Airflow or Kubernetes: {from_variable: NAME} or {from_secret: {name: NAME, key: KEY}}',
    );
  }
}

function looksSecret(name: string, value: string): boolean {
  if (findSecret(Buffer.from(value)) !== undefined || findPasswordInUrl(value) !== undefined) return true;
  return isSecretName(name) && isLiteralSecret(value) && !NO_SECRET.test(value);
}

const secretsHaveTargets: SettingsRule = (settings, report) => {
  for (const [index, secret] of listAt(settings, [RUN, 'secrets']).entries()) {
    if (!isMap(secret)) continue;
    const path = [RUN, 'secrets', index, 'deploy_target'];
    const { deploy_type: type = 'env', deploy_target: target, key } = secret;
    const flaw =
      typeof target !== 'string' ? undefined : type === 'volume' ? absolutePathFlaw(target) : variableNameFlaw(target);
    if (flaw !== undefined) report(path, `run_config.secrets.${index}.deploy_target ${flaw.message}`, flaw.remedy);
    if (type === 'volume' && !isSet(target))
      report(path, `run_config.secrets.${index} has no deploy_target`, 'set it to the folder for the files');
    if (type !== 'volume' && isSet(key) && !isSet(target))
      report(path, `run_config.secrets.${index} has a key, but no deploy_target`, 'set it to the name of the variable');
    if (type !== 'volume' && !isSet(key) && isSet(target))
      report(
        path,
        `run_config.secrets.${index} has a deploy_target, but no key`,
        'set key; without both, each key of the secret becomes a variable',
      );
  }
};

/** What each container is told of its DAG run. */
const OF_THE_DAG = /^(?:AIRFLOW_CTX_\w+|KDEPLOY_(?:EXPECTED|IMAGE|PARAMS|RUN_KEY|TASK_KEY)|MLFLOW_RUN_ID)$/;

/** Of two values, one would have no effect; which one differs between the targets. */
const variablesAreSetOnce: SettingsRule = (settings, report) => {
  const given = valueAt(settings, [RUN, 'env_vars']);
  const names = new Set<string>();
  const set = (name: unknown, path: KeyPath): void => {
    if (typeof name !== 'string') return;
    if (OF_THE_DAG.test(name)) report(path, `${name} is for the DAG to set, for each of its runs`, 'remove it');
    else if (names.has(name)) report(path, `${name} is set twice`, 'keep one of them');
    names.add(name);
  };
  for (const name of isMap(given) ? Object.keys(given) : new Set(listAt(settings, [RUN, 'env_vars'])))
    set(name, [RUN, 'env_vars', ...(isMap(given) && typeof name === 'string' ? [name] : [])]);
  for (const [index, secret] of listAt(settings, [RUN, 'secrets']).entries())
    if (isMap(secret) && secret.deploy_type !== 'volume')
      set(secret.deploy_target, [RUN, 'secrets', index, 'deploy_target']);
};

const mountsHaveOwnTargets: SettingsRule = (settings, report) => {
  const targets = new Set<string>();
  for (const [index, mount] of listAt(settings, [RUN, 'docker', 'mounts']).entries()) {
    const target = typeof mount === 'string' ? parseMount(mount)?.target : undefined;
    if (target === undefined) continue;
    if (targets.has(target))
      report([RUN, 'docker', 'mounts', index], 'two mounts have the same target', 'keep one of them');
    targets.add(target);
  }
};

const podTemplatesAreUsable: SettingsRule = async (settings, report) => {
  for (const [name, entry] of Object.entries(mapAt(settings, [RUN, 'kubernetes_pod_templates']))) {
    const { template, image } = mapAt(entry, []);
    const path = [RUN, 'kubernetes_pod_templates', name];
    if (isSet(image))
      report(
        [...path, 'image'],
        'a pod template has an image',
        'remove it: every task runs the image that kdeploy built',
      );
    if (!isSet(template) || (typeof template !== 'string' && !isMap(template))) continue;
    const read = await readPodTemplate(template);
    if ('flaw' in read) {
      report([...path, 'template'], `a pod template ${read.flaw.message}`, read.flaw.remedy);
      continue;
    }
    const [first] = listAt(read.pod, ['spec', 'containers']);
    for (const { name: variable, value } of listAt(first, ['env']).filter(isMap))
      if (typeof variable === 'string' && typeof value === 'string')
        reportSecret(variable, value, [...path, 'template'], report);
  }
};

const sparkIsNotSupported: SettingsRule = (settings, report) => {
  const { spark, group_spark_nodes: grouped } = mapAt(settings, [RUN]);
  const remedy = 'remove it; a node that needs Spark can start or call it from its own container';
  if (isMap(spark) && Object.keys(spark).length > 0)
    report([RUN, 'spark'], 'run_config.spark is not supported by kdeploy dag', remedy);
  if (grouped === true)
    report([RUN, 'group_spark_nodes'], 'run_config.group_spark_nodes is not supported by kdeploy dag', remedy);
};

const dagFilesDiffer: SettingsRule = (settings, report) => {
  const dag = mapAt(settings, ['dag']);
  if (dag.group_by === 'tag' && listAt(dag, ['group_tags']).length === 0)
    report(['dag', 'group_by'], 'dag.group_by is tag, but there are no group_tags', 'list the tags: dag.group_tags');
  if (listAt(dag, ['pipelines']).length < 2) return;
  if (typeof dag.id === 'string' && !dag.id.includes('{pipeline}'))
    report(['dag', 'id'], 'dag.id is the same for all pipelines', 'add {pipeline} to it');
  if (typeof dag.output === 'string' && !/\{(?:pipeline|dag_id)\}/.test(dag.output))
    report(['dag', 'output'], 'dag.output is the same file for all pipelines', 'add {dag_id} or {pipeline} to it');
};

/** These hold for kdeploy.yml; in kedro-airflow-k8s's own file they stop only `kdeploy dag`. */
export const AIRFLOW_RULES: readonly SettingsRule[] = [
  scheduleIsGivenOnce,
  variablesHoldNoSecrets,
  secretsHaveTargets,
  variablesAreSetOnce,
  mountsHaveOwnTargets,
  ...POD_RULES,
  dagFilesDiffer,
];

/** These stop only `kdeploy dag`: kdeploy.yml may have them from kedro-airflow-k8s, and other commands need none of them. */
export const DAG_RULES: readonly SettingsRule[] = [podTemplatesAreUsable, sparkIsNotSupported];
