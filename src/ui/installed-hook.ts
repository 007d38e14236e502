import type { InstalledHook } from '../hook/install/install-hook.js';
import type { Progress } from '../progress.js';

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
