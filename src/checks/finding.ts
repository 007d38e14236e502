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
