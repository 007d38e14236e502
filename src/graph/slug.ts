/** With the prefix of a task group, Airflow allows 250 characters; a pod's name has 63 for this and more. */
export const MAX_ID_LENGTH = 60;

export const START_ID = 'start_mlflow_run';
export const FINISH_ID = 'finish_mlflow_run';

/** IDs that no group may have. */
export const RESERVED_IDS: readonly string[] = [START_ID, FINISH_ID];

/** Letters, digits, `-` and `_` of ASCII: `features.clean` → `features-clean`, `modèle` → `modele`; empty where none is left. */
export function slug(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{Mark}+/gu, '')
    .replace(/[^A-Za-z0-9_-]+/g, '-')
    .replace(/^-+|-+$/g, '');
}
