import type { Crossing } from './grouping/grouping.js';

/**
 * A pipeline as tasks that an orchestrator starts, as data: it knows neither Airflow nor where containers run. A target
 * turns it into text (airflow/targets/).
 */
export interface TaskGraph {
  /** `spaceflights`, `spaceflights-data-science`: names the DAG where an orchestrator wants a name. */
  readonly id: string;
  /** The Kedro pipeline. */
  readonly pipeline: string;
  /** `name@sha256:…`. */
  readonly image: string;
  /** Whether the image tracks its runs; without, there is no first and no last task. */
  readonly tracked: boolean;
  /** In an order in which they could run. */
  readonly tasks: readonly Task[];
  readonly crossings: readonly Crossing[];
}

export type Task = StartTask | GroupTask | FinishTask;

interface TaskBase {
  /** Letters, digits, `-`, `_`: at most 60 of them, unique in the graph. */
  readonly id: string;
  /** What the container is started with, behind the image's own entrypoint. */
  readonly arguments: readonly string[];
  /** Ids of tasks, sorted. */
  readonly after: readonly string[];
}

/** Creates or finds the MLflow run. */
export interface StartTask extends TaskBase {
  readonly kind: 'start';
}

/** Runs nodes. */
export interface GroupTask extends TaskBase {
  readonly kind: 'group';
  /** Names of nodes, in an order in which they could run. */
  readonly nodes: readonly string[];
  /** All tags of its nodes, sorted. */
  readonly tags: readonly string[];
  /** Namespaces of its nodes, sorted. */
  readonly namespaces: readonly string[];
  /** Datasets that it loads and does not save itself, without transcoding. */
  readonly loads: readonly string[];
  /** Datasets that it saves, without transcoding. */
  readonly saves: readonly string[];
}

/** Ends the MLflow run, once each group has left its mark. */
export interface FinishTask extends TaskBase {
  readonly kind: 'finish';
}
