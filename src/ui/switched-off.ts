import type { Progress } from '../progress.js';

/** Tells which checks did not run, so that nobody takes their silence for a good sign. */
export function noteSwitchedOff(off: readonly string[], progress: Progress): void {
  if (off.length > 0) progress.note(`switched off in kdeploy.yml: ${off.join(', ')}`);
}
