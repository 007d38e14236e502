import { formatPlatform, isSamePlatform, machinePlatform, parsePlatform } from '../image/platform.js';
import type { Progress } from '../progress.js';

/** Says so when the image is not for this kind of machine: it builds slowly, and runs here only emulated. */
export function platformNote(platform: string, progress: Progress, machine = machinePlatform()): void {
  if (isSamePlatform(parsePlatform(platform), machine)) return;
  progress.note(
    `the image is built for ${platform}, the usual cluster; this machine is ${formatPlatform(machine)}, so the build is emulated and slow. ` +
      `For a cluster like this machine: --platform ${formatPlatform(machine)}`,
  );
}
