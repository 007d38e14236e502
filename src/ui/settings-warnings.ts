import type { SettingsWarning } from '../config/settings/settings.js';
import type { Progress } from '../progress.js';

/** Shows what the configuration's reader noticed without refusing it. */
export function noteWarnings(warnings: readonly SettingsWarning[], progress: Progress): void {
  for (const { where, message, remedy } of warnings) {
    progress.note(`${where}: warning: ${message}${remedy === undefined ? '' : `; ${remedy}`}`);
  }
}
