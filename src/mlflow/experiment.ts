import type { Obstacle } from './obstacle.js';
import type { MlflowClient } from './request.js';
import { getFromMlflow, isObject, type JsonObject } from './rest.js';
import { workspaceObstacle } from './workspace-obstacle.js';

/** How an experiment stands on the server, or what keeps us from asking. */
export type ExperimentState =
  /** `artifactLocation`: where MLflow's client will store artifacts, whatever mlflow.yml says. */
  | { readonly kind: 'active' | 'deleted'; readonly artifactLocation?: string }
  | { readonly kind: 'missing' }
  /** MLflow answers, and not with an experiment. */
  | { readonly kind: 'unknown'; readonly code: string }
  | { readonly kind: 'obstacle'; readonly obstacle: Obstacle };

/**
 * Asks as a task's first call does, with all its credentials: whether a server is there, is MLflow, and lets us in shows
 * in the answer, and only there (its /version answers everybody). Throws KdeployError `configuration` for settings that
 * MLflow's client would not take.
 */
export async function experimentState(uri: string, name: string, client: MlflowClient): Promise<ExperimentState> {
  const query = new URLSearchParams({ experiment_name: name }).toString();
  const reply = await getFromMlflow(uri, `experiments/get-by-name?${query}`, client);
  const experiment = reply.kind === 'ok' && isObject(reply.body.experiment) ? reply.body.experiment : undefined;
  const obstacle = await workspaceObstacle(uri, client, reply, experiment?.workspace);
  if (obstacle !== undefined) return { kind: 'obstacle', obstacle };
  if (reply.kind === 'error')
    return reply.code === 'RESOURCE_DOES_NOT_EXIST' ? { kind: 'missing' } : { kind: 'unknown', code: reply.code };
  if (reply.kind !== 'ok') return { kind: 'obstacle', obstacle: reply };
  if (experiment === undefined || !isExperiment(experiment, name))
    return { kind: 'obstacle', obstacle: { kind: 'not-mlflow', status: 200 } };
  const { lifecycle_stage, artifact_location } = experiment;
  return {
    kind: lifecycle_stage === 'deleted' ? 'deleted' : 'active',
    ...(typeof artifact_location === 'string' ? { artifactLocation: artifact_location } : {}),
  };
}

/**
 * Anybody answers with JSON; MLflow with fields of its own (mlflow/protos/service.proto, Experiment), and with the experiment
 * that was asked for, whose case MySQL does not tell apart.
 */
function isExperiment(found: JsonObject, name: string): boolean {
  const texts = [found.experiment_id, found.name, found.lifecycle_stage, found.artifact_location];
  if (!texts.some((text) => typeof text === 'string')) return false;
  return typeof found.name !== 'string' || found.name.toLowerCase() === name.toLowerCase();
}
