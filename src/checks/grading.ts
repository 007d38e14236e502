import type { CheckLevel, CheckSettings } from '../config/settings/settings.js';
import type { ConfigurableId } from '../rule-ids.js';
import type { Severity } from '../finding.js';

/**
 * The level that `checks:` in kdeploy.yml sets for a rule. A rule that it does not name is on; so is one that it cannot name,
 * such as a rule made for a test.
 */
export function levelOf(settings: CheckSettings, rule: string): CheckLevel {
  return Object.hasOwn(settings, rule) ? (settings[rule as ConfigurableId] ?? 'on') : 'on';
}

/**
 * A severity given in kdeploy.yml is that of the rule's errors and warnings. Infos stay infos: they report something
 * that is as it may be, and a rule that is made an error must not stop a build for that.
 */
export function gradedSeverity(severity: Severity, level: CheckLevel): Severity {
  return level === 'on' || level === 'off' || severity === 'info' ? severity : level;
}

/** Whether kdeploy.yml says that what a rule calls an error is meant. */
export function isTolerated(settings: CheckSettings, rule: ConfigurableId): boolean {
  return ['off', 'info', 'warning'].includes(levelOf(settings, rule));
}
