import type { Fix } from '../finding.js';
import type { ProjectSource } from '../project/sources/source.js';
import type { FileChange } from './file-change.js';

/** What a strategy may ask for. */
export interface FixSurroundings {
  /** The project with the changes of the fixes before this one. */
  readonly source: ProjectSource;
  /** kedro-mlflow's template of mlflow.yml, filled in for this project. Throws KdeployError when it cannot be had. */
  readonly mlflowTemplate: () => Promise<string>;
}

/** Works one kind of fix out. Changes nothing; throws KdeployError where it would not be safe in this project. */
export type FixStrategy<K extends Fix['kind'], Result = FileChange> = (
  fix: Extract<Fix, { kind: K }>,
  surroundings: FixSurroundings,
) => Promise<Result>;
