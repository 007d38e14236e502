import { formatPlatform, isSamePlatform, machinePlatform, parsePlatform } from '../image/platform.js';
import type { Progress } from '../progress.js';

/** Warns when the image is for another platform than this machine: it builds slowly, and runs here only emulated. */
export function platformNote(platform: string, progress: Progress, machine = machinePlatform()): void {
  if (isSamePlatform(parsePlatform(platform), machine)) return;
  progress.note(
    `the image is built for ${platform}, but this machine is ${formatPlatform(machine)}: the build is emulated, and slow. ` +
      `If the cluster is ${formatPlatform(machine)} too: --platform ${formatPlatform(machine)}`,
  );
}
