/** What Airflow 2 and 3 both tell a task that a Kedro parameter can hold. */
const MACROS_OF_BOTH = [
  ...['ds', 'ds_nodash', 'ts', 'ts_nodash', 'ts_nodash_with_tz', 'logical_date'],
  ...['data_interval_start', 'data_interval_end', 'run_id', 'task_instance_key_str'],
  ...['prev_data_interval_start_success', 'prev_data_interval_end_success'],
  ...['prev_start_date_success', 'prev_end_date_success'],
] as const;

/** Gone in Airflow 3. */
const MACROS_OF_AIRFLOW_2 = [
  ...['execution_date', 'prev_ds', 'prev_ds_nodash', 'next_ds', 'next_ds_nodash'],
  ...['yesterday_ds', 'yesterday_ds_nodash', 'tomorrow_ds', 'tomorrow_ds_nodash'],
  ...['prev_execution_date', 'prev_execution_date_success', 'next_execution_date'],
] as const;

export const MACROS = [...MACROS_OF_BOTH, ...MACROS_OF_AIRFLOW_2] as const;

export const isOnlyInAirflow2 = (macro: string): boolean => (MACROS_OF_AIRFLOW_2 as readonly string[]).includes(macro);
