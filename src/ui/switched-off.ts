import type { Progress } from '../progress.js';

/** Lists the checks that did not run, so that nobody takes their silence for a good sign. */
export function noteSwitchedOff(off: readonly string[], progress: Progress): void {
  if (off.length > 0) progress.note(`disabled in kdeploy.yml: ${off.join(', ')}`);
}
