import type { CheckContext } from './context.js';
import type { Finding } from '../finding.js';

/**
 * project: is this a Kedro project that can be built at all; tracking: will the image log where it should (skipped when
 * tracking is off); secrets: does anything get into the image that must not.
 */
export type RuleGroup = 'project' | 'tracking' | 'secrets';

/** A finding before the runner puts the rule's id on it. */
export type RuleFinding = Omit<Finding, 'rule'>;

/** One check: one file, one stable id (the file's name), listed in rules.ts and rule-ids.ts. */
export interface Rule {
  readonly id: string;
  readonly group: RuleGroup;
  /** What the rule makes sure of, in one line: `The tracking URI can be reached from a container`. */
  readonly description: string;
  /** Everything it found wrong; empty when all is well. May throw: the runner reports that the check could not run. */
  check(context: CheckContext): Promise<readonly RuleFinding[]>;
}
