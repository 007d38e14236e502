import { isOnlyInAirflow2 } from '../config/settings/airflow/macros.js';
import type { AirflowSettings } from '../config/settings/dag-settings.js';
import type { Finding } from '../finding.js';
import { nearName } from '../near-name.js';
import type { Structure } from '../graph/structure.js';
import { environmentValue } from '../image/run-configuration.js';
import type { DagImage, DagRequest } from './plan-dag.js';
import { TARGETS } from './targets/targets.js';

type Asked = Pick<DagRequest, 'image' | 'dag' | 'settings' | 'places'>;

/** What is wrong with run_config for this target and this image. */
export function settingsProblems({ image, dag, settings, places }: Asked): readonly Finding[] {
  const problems = [
    ...TARGETS[dag.target].problems(settings).map(({ key, message }): KeyProblem => ({
      key,
      rule: 'unused-key',
      severity: 'error',
      message,
      remedy: 'remove the key, or choose the target that it is for',
    })),
    ...(dag.target === 'kubernetes' ? unusedNames(settings, image.structure) : []),
    ...(dag.as === 'task-group' ? keysOfTheDag(settings) : []),
    ...(image.baked.trackingUri === undefined && settings.xcom ? [NO_RUN] : []),
    ...missingVariables(image, settings),
    ...goneMacros(settings),
    ...(dag.as === 'dag' ? unmatchedDates(settings) : []),
    ...kedroEnvironment(image, settings),
  ];
  return problems.map(({ key, ...finding }) => {
    const place = places[`run_config.${key}`];
    return { ...finding, ...(place !== undefined && { place }) };
  });
}

const DEFAULT_ENVIRONMENT = 'local';

type KeyProblem = Omit<Finding, 'place'> & { readonly key: string };

/** An entry that no node or tag names has no effect, and looks as if it had one. */
function unusedNames({ kubernetes }: AirflowSettings, { pipelines }: Structure): KeyProblem[] {
  const nodes = Object.values(pipelines).flat();
  const sections = [
    ['resources', 'resources', kubernetes.resources],
    ['kubernetes_pod_templates', 'k8s_template', kubernetes.podTemplates],
  ] as const;
  return sections.flatMap(([key, tag, entries]) => {
    const tagged = nodes.flatMap(({ tags }) => tags.filter((name) => name.startsWith(`${tag}:`)));
    const names = [
      '__default__',
      ...tagged.map((name) => name.slice(tag.length + 1)),
      ...nodes.map(({ name }) => name),
    ];
    return Object.keys(entries)
      .filter((name) => !names.includes(name))
      .sort()
      .map((name): KeyProblem => {
        const near = nearName(name, names);
        return {
          key,
          rule: 'unused-key',
          severity: 'warning',
          message: `run_config.${key}.${name} is for no task: no node has this name or the tag ${tag}:${name}`,
          remedy: near === undefined ? 'correct the name, tag a node, or remove it' : `did you mean ${near}?`,
        };
      });
  });
}

/** A task group has no schedule of its own. */
function keysOfTheDag(settings: AirflowSettings): KeyProblem[] {
  const isSet: readonly (readonly [string, boolean])[] = [
    ['schedule', settings.schedule !== null || settings.scheduleAssets.length > 0],
    ['start_date', settings.startDate !== null],
    ['catchup', settings.catchup],
    ['tags', settings.tags.length > 0],
    ['max_active_runs', settings.maxActiveRuns !== null],
    ['dagrun_timeout', settings.dagrunTimeout !== null],
  ];
  const keys = isSet.flatMap(([key, given]) => (given ? [key] : []));
  const [first] = keys;
  if (first === undefined) return [];
  return [
    {
      key: first,
      rule: 'unused-key',
      severity: 'info',
      message: `a task group has no ${keys.join(', ')}: run_config's are not used`,
      remedy: 'set them in the DAG that has the task group',
    },
  ];
}

const NO_RUN: KeyProblem = {
  key: 'xcom',
  rule: 'unused-key',
  severity: 'warning',
  message: 'run_config.xcom has no effect: the image does not track its runs, so there is no MLflow run ID',
  remedy: 'remove the key, or build the image with tracking',
};

/** A sensor waits for the run of the same date, to the second. */
function unmatchedDates({ schedule, externalDependencies }: AirflowSettings): KeyProblem[] {
  if (externalDependencies.length === 0 || schedule !== null) return [];
  return [
    {
      key: 'external_dependencies',
      rule: 'no-schedule',
      severity: 'warning',
      message:
        'run_config.external_dependencies waits for runs of the same date, but a DAG without a schedule has the time at which it was started for a date',
      remedy:
        'set run_config.schedule as the other DAG has it, or start this one by its assets alone (schedule: {assets: […]})',
    },
  ];
}

/** The file is for both; in Airflow 3, each task would fail. */
function goneMacros({ macroParams }: AirflowSettings): KeyProblem[] {
  const gone = macroParams.filter(isOnlyInAirflow2);
  if (gone.length === 0) return [];
  return [
    {
      key: 'macro_params',
      rule: 'gone-macro',
      severity: 'warning',
      message: `run_config.macro_params has ${gone.join(', ')}, which Airflow 3 does not provide: the tasks would fail there`,
      remedy: 'compute it in the pipeline from ds, data_interval_start or prev_data_interval_start_success',
    },
  ];
}

/** An ID token needs its audience when the task runs; each task would stop with exit code 78. */
function missingVariables({ env, baked }: DagImage, settings: AirflowSettings): KeyProblem[] {
  const needs =
    baked.authentication.includes('GoogleOAuth2') &&
    /"audience":\s*null/.test(environmentValue(env, 'KDEPLOY_AUTH') ?? '');
  const name = 'GOOGLE_AUDIENCE';
  const isSet =
    environmentValue(env, name) !== undefined ||
    [settings.envVars, settings.envFromVariables].some((variables) => Object.hasOwn(variables, name)) ||
    // A secret without a target may have it among its keys.
    settings.kubernetes.secrets.some(({ as, target }) => as === 'env' && (target === name || target === null));
  if (!needs || isSet) return [];
  return [
    {
      key: 'authentication',
      rule: 'missing-variable',
      severity: 'error',
      message: `the image takes the audience of its ID tokens from ${name}, which the DAG does not set`,
      remedy: `set it: run_config.env_vars: {${name}: …}, or run_config.authentication.audience and build again`,
    },
  ];
}

/** The image described its pipelines and datasets in its own Kedro environment; in another, they may be others. */
function kedroEnvironment({ structure, baked }: DagImage, settings: AirflowSettings): KeyProblem[] {
  const name = 'KEDRO_ENV';
  const own = structure.kedroEnv ?? baked.env;
  const literal = Object.hasOwn(settings.envVars, name) ? settings.envVars[name] : undefined;
  const isElsewhere =
    Object.hasOwn(settings.envFromVariables, name) ||
    settings.kubernetes.secrets.some(({ as, target }) => as === 'env' && target === name);
  if (!isElsewhere && (literal === undefined || literal === (own ?? DEFAULT_ENVIRONMENT))) return [];
  return [
    {
      key: 'env_vars',
      rule: 'other-environment',
      severity: 'error',
      message: `run_config sets ${name} for the tasks, but the pipelines and datasets of the DAG are those of ${own === undefined ? "Kedro's default environment" : `the environment ${own}`}, for which the image was built`,
      remedy: `remove it, and build the image for its environment: \`kdeploy build --env ${literal ?? 'NAME'}\``,
    },
  ];
}
