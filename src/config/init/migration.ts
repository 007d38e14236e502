import { isAirflowId } from '../settings/airflow/names.js';
import type { AirflowConfiguration } from '../settings/airflow/airflow-settings.js';
import type { Settings, SettingsWarning } from '../settings/settings.js';

/** What becomes of kedro-airflow-k8s's file: each of its keys is either kept, or named with the reason. */
export interface Migration {
  /** As it is written to run_config. */
  readonly airflow: Readonly<AirflowConfiguration>;
  /** Keys of kdeploy.yml that have a value from the file. */
  readonly kept: readonly string[];
  /** What is not in kdeploy.yml, or means something else there. */
  readonly notes: readonly SettingsWarning[];
}

/** `settings` is what the legacy file says; its warnings are among the notes. `dagId` is what kdeploy would call the DAG. */
export function migrate(settings: Settings, dagId: string): Migration {
  const { image, runConfig, dagProblems, warnings } = settings;
  // In kdeploy.yml, they would be errors, or stop `kdeploy dag`.
  const dropped = new Set(dagProblems.map(({ key }) => key.split('.')[1]));
  const airflow = Object.fromEntries(
    Object.entries(runConfig.airflow).filter(([key]) => !dropped.has(key) && !NEVER_KEPT.includes(key)),
  ) as AirflowConfiguration;
  const reasons = dagProblems.map(({ key, message, ...problem }) => ({
    ...problem,
    message: `${key.split('.').slice(0, 2).join('.')} was not migrated: ${message}`,
  }));
  const names = { experiment_name: runConfig.experimentName, run_name: runConfig.runName };
  const kept = [
    ...(image.name === null ? [] : ['image.name', 'image.tags']),
    ...Object.entries(names).flatMap(([key, value]) => (value === null ? [] : [`run_config.${key}`])),
    ...(runConfig.authentication.length === 0 ? [] : ['run_config.authentication']),
    ...Object.keys(airflow).map((key) => `run_config.${key}`),
  ];
  // One that only named the image and its run had no DAG.
  const hadDag = Object.keys(runConfig.airflow).length > 0 || dropped.size > 0;
  const where = settings.sources.at(-1) ?? '';
  const defaults = hadDag
    ? [...otherId(runConfig, dagId), ...otherDefaults(runConfig.airflow, settings.places)].map((note) => ({
        where,
        ...note,
      }))
    : [];
  return { airflow, kept, notes: [...warnings, ...reasons, ...defaults] };
}

const NEVER_KEPT = ['spark', 'group_spark_nodes'];

/** The plugin's DAG had the name of the run, unless it was given another when it was compiled. */
function otherId({ runName, experimentName }: Settings['runConfig'], dagId: string) {
  const name = runName ?? experimentName;
  if (name === null || name === dagId || !isAirflowId(name)) return [];
  return [
    {
      message: `kedro-airflow-k8s called the DAG ${name}, after the run; kdeploy calls it ${dagId}`,
      remedy: `to keep its history in Airflow, set dag.id: ${name}`,
    },
  ];
}

/** What the plugin did where a key was missing, and kdeploy does not. */
function otherDefaults(
  airflow: AirflowConfiguration,
  places: Settings['places'],
): { message: string; remedy: string }[] {
  const notes = [
    {
      key: 'cron_expression',
      message: 'without cron_expression, kedro-airflow-k8s ran the DAG @daily; kdeploy gives it no schedule',
      remedy: 'to keep it, set run_config.schedule: "@daily"',
    },
    {
      key: 'volume',
      message: 'without volume, kedro-airflow-k8s created one of 1Gi for each run; kdeploy creates none',
      remedy: 'to keep it, set run_config.volume: {size: 1Gi}',
    },
  ] as const;
  // `cron_expression: null` was no schedule for the plugin, either.
  const missing = notes.filter(({ key }) => airflow[key] === undefined && places[`run_config.${key}`] === undefined);
  const catchup = {
    message: 'kedro-airflow-k8s left catchup to Airflow, whose default was true; the default of kdeploy is false',
    remedy: 'to keep it, set run_config.catchup: true',
  };
  return [
    ...missing.map(({ message, remedy }) => ({ message, remedy })),
    ...(airflow.start_date === undefined ? [] : [catchup]),
  ];
}
