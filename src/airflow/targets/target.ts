import type { AirflowSettings, DagShape } from '../../config/settings/dag-settings.js';
import type { Assets } from '../assets.js';
import type { TaskGraph } from '../../graph/task-graph.js';

/** Where the tasks run. One target a file; listed in targets.ts. */
export interface AirflowTarget {
  readonly name: 'kubernetes' | 'docker';
  /** The Python file, as ruff would format it, that defines the DAG or the task group. Pure: the same input, the same text. */
  render(dag: AirflowDag): string;
  /** Keys of run_config that mean nothing for this target, each with a sentence. */
  problems(settings: AirflowSettings): readonly { readonly key: string; readonly message: string }[];
  /** What the containers of a DAG run share. */
  storage(settings: AirflowSettings, dataFolder: string): SharedStorage;
}

export interface SharedStorage {
  /** In the container, absolute. */
  readonly folders: readonly string[];
  /** Whether only the containers of one machine can have it at a time. */
  readonly onOneMachine: boolean;
  /** The setting that gives the tasks some: `run_config.volume`. */
  readonly setting: string;
}

/** All that a file is made from. */
export interface AirflowDag {
  readonly graph: TaskGraph;
  readonly shape: DagShape;
  readonly settings: AirflowSettings;
  /** Variables that the image's authentication needs (Vars), by name. */
  readonly variables: readonly string[];
  /** The project's data folder in the image, where shared storage is mounted. */
  readonly dataFolder: string;
  /** The Airflow assets that datasets are. */
  readonly assets: Assets;
  /** Shown in the DAG's documentation; `null`: unknown. */
  readonly about: {
    readonly revision: string | null;
    readonly source: string | null;
    readonly trackingUri: string | null;
    readonly experiment: string | null;
  };
}
