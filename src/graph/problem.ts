import type { Severity } from '../finding.js';
import type { Place } from '../place.js';

/** What can be wrong with a pipeline, its groups or its data, as a closed set. */
export type ProblemKind =
  | 'unknown-pipeline'
  | 'empty-pipeline'
  | 'group-tags'
  | 'two-group-tags'
  | 'cycle'
  | 'merged-groups'
  | 'lost-output'
  | 'missing-class'
  | 'in-memory'
  | 'confirmed'
  | 'local-path'
  | 'versioned'
  | 'same-path'
  | 'database-file'
  | 'read-write-once'
  | 'too-many-tasks'
  | 'node-name'
  | 'run-option';

/** What grouping or the graph check found: with an error, nothing is written. All are reported at once. */
export interface Problem {
  readonly severity: Severity;
  readonly kind: ProblemKind;
  readonly message: string;
  /** What to do, with the line for the catalog where one fixes it. */
  readonly remedy: string;
  readonly place?: Place;
}

/** `a`, `a and b`, `a, b and 3 more`: for sentences. */
export function namesInWords(names: readonly string[], most = 4): string {
  const shown = names.length > most ? [...names.slice(0, most - 1), `${names.length - most + 1} more`] : names;
  const last = shown.at(-1) ?? '';
  return shown.length < 2 ? last : `${shown.slice(0, -1).join(', ')} and ${last}`;
}
