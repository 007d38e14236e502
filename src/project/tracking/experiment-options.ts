import type { Place } from '../../errors.js';
import type { TrackingConfig } from './tracking-config.js';

/**
 * What mlflow.yml says of the experiment, as kedro-mlflow reads it (kedro_mlflow/config/kedro_mlflow_config.py,
 * ExperimentOptions); `undefined` where it says nothing.
 */
export interface ExperimentOptions {
  readonly artifactLocation: unknown;
  readonly tags: unknown;
  readonly restoreIfDeleted: unknown;
}

const SECTION = ['tracking', 'experiment'] as const;
const ARTIFACT_LOCATION = [...SECTION, 'create_experiment_kwargs', 'artifact_location'] as const;

export function experimentOptionsOf(document: Readonly<Record<string, unknown>> | undefined): ExperimentOptions {
  const at = (...path: readonly string[]) =>
    path.reduce<unknown>((value, key) => (isMapping(value) ? value[key] : undefined), document) ?? undefined;
  return {
    artifactLocation: at(...ARTIFACT_LOCATION),
    tags: at(...SECTION, 'create_experiment_kwargs', 'tags'),
    restoreIfDeleted: at(...SECTION, 'restore_if_deleted'),
  };
}

/** Where mlflow.yml names the location of artifacts. */
export function placeOfArtifactLocation(config: TrackingConfig): Place {
  return config.placeOf([...ARTIFACT_LOCATION]);
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
