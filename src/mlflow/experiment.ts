import { getFromMlflow, isObject, isRefusal, type RestOptions } from './rest.js';

/** The state of an experiment on the server. `refused`: the server lets nobody in with these headers. */
export type ExperimentState = 'active' | 'deleted' | 'missing' | 'refused' | 'unknown';

/** Throws what fetch throws. */
export async function experimentState(uri: string, name: string, options: RestOptions): Promise<ExperimentState> {
  const query = new URLSearchParams({ experiment_name: name }).toString();
  const { status, body } = await getFromMlflow(uri, `experiments/get-by-name?${query}`, options);
  if (isRefusal(status)) return 'refused';
  if (status === 404 && body.error_code === 'RESOURCE_DOES_NOT_EXIST') return 'missing';
  const { experiment } = body;
  if (!isObject(experiment)) return 'unknown';
  return experiment.lifecycle_stage === 'deleted' ? 'deleted' : 'active';
}
