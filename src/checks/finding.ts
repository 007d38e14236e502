import type { Place } from '../place.js';

/** error: the image would not log where it should; warning: it may not; info: worth knowing. */
export type Severity = 'error' | 'warning' | 'info';

/** What a rule found. The message says what is wrong, the remedy what to do; neither ever holds a secret's value. */
export interface Finding {
  readonly rule: string;
  readonly severity: Severity;
  readonly message: string;
  readonly remedy: string;
  readonly place?: Place;
}

/**
 * The same findings with their places seen from a folder further up, such as the repository's root:
 * `('services/churn', …)` turns `requirements.txt:3` into `services/churn/requirements.txt:3`.
 */
export function findingsBelow(folder: string, findings: readonly Finding[]): readonly Finding[] {
  if (folder === '') return findings;
  return findings.map((finding) =>
    finding.place === undefined
      ? finding
      : { ...finding, place: { ...finding.place, file: `${folder}/${finding.place.file}` } },
  );
}
