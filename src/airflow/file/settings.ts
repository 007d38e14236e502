import type { AirflowSettings, DagShape, ExternalDependency } from '../../config/settings/dag-settings.js';
import { call, list, literal, type Expression } from '../python/expression.js';
import { VERSIONED, type Imports, type VersionedImport } from './imports.js';

/** Where nothing runs by the clock, any date in the past does; Airflow wants one. */
const ANY_PAST_DATE = '2024-01-01';

export const seconds = (value: number): Expression => call('timedelta', [], { seconds: literal(value) });

/**
 * Arguments of all tasks, whatever runs them. A task group takes what is not configured from the `default_args` of its DAG,
 * but not the trigger rule: Airflow imports no task behind a setup that has another.
 */
export function taskOptions(settings: AirflowSettings, shape: DagShape): Record<string, Expression | undefined> {
  const inherits = shape === 'task-group';
  return {
    owner: optional(settings.owner),
    pool: optional(settings.pool),
    retries: inherits ? optional(settings.retries) : literal(settings.retries ?? 0),
    retry_delay: settings.retryDelay === null ? undefined : seconds(settings.retryDelay),
    execution_timeout: settings.executionTimeout === null ? undefined : seconds(settings.executionTimeout),
    on_failure_callback: settings.failureHandlers.length === 0 ? undefined : 'notify_slack',
    trigger_rule: inherits ? literal('all_success') : undefined,
  };
}

export const optional = (value: unknown): Expression | undefined =>
  value === null || value === undefined ? undefined : literal(value);

/** The arguments of `DAG(…)`, and what they need. */
export function dagOptions(settings: AirflowSettings): {
  readonly options: Readonly<Record<string, Expression | undefined>>;
  readonly imports: Imports;
} {
  const { expression, names, versioned } = schedule(settings);
  const [year, month, day] = (settings.startDate ?? ANY_PAST_DATE).split('-').map(Number);
  return {
    options: {
      schedule: expression,
      start_date: call('pendulum.datetime', [String(year), String(month), String(day)], { tz: literal('UTC') }),
      catchup: literal(settings.catchup),
      description: optional(settings.description),
      tags: settings.tags.length === 0 ? undefined : literal(settings.tags),
      max_active_runs: optional(settings.maxActiveRuns),
      dagrun_timeout: settings.dagrunTimeout === null ? undefined : seconds(settings.dagrunTimeout),
    },
    imports: { modules: ['pendulum'], names, versioned },
  };
}

/**
 * Airflow 2 and 3 read the same cron expression differently unless a timetable is named: with this one, a run is for the
 * time since the last one, and `ds` is the day on which that began.
 */
function schedule(settings: AirflowSettings): {
  readonly expression: Expression;
  readonly names: Readonly<Record<string, readonly string[]>>;
  readonly versioned: readonly VersionedImport[];
} {
  const { schedule: configured, scheduleAssets } = settings;
  const timetable = (name: string, argument: Expression, more = {}): ReturnType<typeof schedule> => ({
    expression: call(name, [argument], more),
    names: { 'airflow.timetables.interval': [name] },
    versioned: [],
  });
  if (scheduleAssets.length > 0) {
    const assets = list(scheduleAssets.map((uri) => call('Asset', [literal(uri)])));
    return { expression: assets, names: {}, versioned: [VERSIONED.asset] };
  }
  if (configured === null || configured === '@once' || configured === '@continuous') {
    return { expression: literal(configured), names: {}, versioned: [] };
  }
  if (typeof configured === 'number') return timetable('DeltaDataIntervalTimetable', seconds(configured));
  return timetable('CronDataIntervalTimetable', literal(configured), { timezone: literal('UTC') });
}

/** Waits for another DAG's run of the same date. */
export function sensor(dependency: ExternalDependency, taskId: string, options: readonly string[]): Expression {
  return call(
    'ExternalTaskSensor',
    [],
    {
      task_id: literal(taskId),
      external_dag_id: literal(dependency.dagId),
      external_task_id: optional(dependency.taskId),
      failed_states: literal(
        ['failed', 'skipped', 'upstream_failed'].filter((state) => dependency.taskId !== null || state === 'failed'),
      ),
      execution_delta: dependency.executionDelta === 0 ? undefined : seconds(dependency.executionDelta),
      check_existence: literal(dependency.checkExistence),
      timeout: literal(dependency.timeout),
      mode: literal('reschedule'),
    },
    options,
  );
}
