import type { InstalledHook } from '../hook/install/install-hook.js';
import type { Progress } from '../progress.js';

/** What `hook install` and `init --hook` say beside the hook's name. */
export function tellOfHook({ action, hook, notes }: InstalledHook, progress: Pick<Progress, 'note'>): void {
  if (action === 'unchanged') progress.note(`pushes are checked already, by ${hook}; nothing was changed`);
  else progress.note(`the hook is ${action}: an error in a Kedro project stops the push`);
  for (const note of notes) progress.note(note);
  progress.note('next:');
  progress.note('  git push  # checks the Kedro projects in the commits that it pushes');
  progress.note('  git push --no-verify  # once without the check; or KDEPLOY_SKIP_HOOK=1');
  progress.note('  kdeploy hook uninstall  # to have no check any more');
}
