import type { Settings, SettingsWarning } from '../config/settings/settings.js';
import type { Progress } from '../progress.js';
import { formatPlatform, isSamePlatform, machinePlatform, parsePlatform } from '../image/platform.js';
import type { InstalledHook } from '../hook/install/install-hook.js';

/** Shows what the configuration's reader noticed without refusing it. */
export function noteWarnings(warnings: readonly SettingsWarning[], progress: Progress): void {
  for (const { where, message, remedy } of warnings) {
    progress.note(`${where}: warning: ${message}${remedy === undefined ? '' : `; ${remedy}`}`);
  }
}

/** Lists the checks that did not run, so that nobody takes their silence for a good sign. */
export function noteSwitchedOff(off: readonly string[], progress: Progress): void {
  if (off.length > 0) progress.note(`disabled in kdeploy.yml: ${off.join(', ')}`);
}

/** Warns when the image is for another platform than this machine: an engine builds it slowly, and it runs here only emulated. */
export function notePlatform(
  { platform, builder }: Pick<Settings['image'], 'platform' | 'builder'>,
  progress: Progress,
  machine = machinePlatform(),
): void {
  if (isSamePlatform(parsePlatform(platform), machine)) return;
  // The builder layers starts nothing of the image.
  const what = builder === 'layers' ? 'it runs here only emulated' : 'the build is emulated, and slow';
  progress.note(
    `the image is built for ${platform}, but this machine is ${formatPlatform(machine)}: ${what}. ` +
      `If the cluster is ${formatPlatform(machine)} too: --platform ${formatPlatform(machine)}`,
  );
}

/** What `hook install` and `init --hook` say beside the hook's name. */
export function noteInstalledHook({ action, hook, notes }: InstalledHook, progress: Pick<Progress, 'note'>): void {
  if (action === 'unchanged') progress.note(`the hook is already installed (${hook}); nothing to do`);
  else progress.note(`hook ${action}: an error in a Kedro project stops the push`);
  for (const note of notes) progress.note(note);
  progress.note('next:');
  progress.note('  git push  # checks the Kedro projects in the commits that you push');
  progress.note('  git push --no-verify  # skips the check once; or set KDEPLOY_SKIP_HOOK=1');
  progress.note('  kdeploy hook uninstall  # removes the hook');
}
