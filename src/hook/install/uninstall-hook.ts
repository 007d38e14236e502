import { dirname, join, relative } from 'node:path';
import { KdeployError } from '../../errors.js';
import { inFolderOf } from '../../guarded-file.js';
import { LEGACY_HOOK, readHookFile, restoreHook } from './hook-file.js';
import { findHookPlace, shownPath, type HookPlace } from './hook-place.js';
import { forgetLineEndings } from './line-endings.js';

export interface UninstallOptions {
  /** Any folder of the repository. */
  readonly directory: string;
  /** Removes an edited hook as well. */
  readonly force?: boolean;
}

export interface UninstalledHook {
  /** From the top of the work tree, or absolute where it lies elsewhere. */
  readonly hook: string;
  /** `none`: there was no hook. */
  readonly action: 'removed' | 'restored' | 'none';
}

/**
 * Removes kdeploy's hook and restores what was there before, byte for byte, with its mode, a link as a link.
 * Throws KdeployError `usage` for a hook that is not kdeploy's or was edited, and what `findHooksFolder` throws.
 */
export async function uninstallHook({ directory, force = false }: UninstallOptions): Promise<UninstalledHook> {
  const place = await findHookPlace(directory);
  const [current, earlier] = await Promise.all([readHookFile(place.file), readHookFile(place.earlier)]);
  if (current.kind === 'hook' && current.author === 'foreign') throw (await movedByPreCommit(place)) ?? foreign(place);
  if (current.kind === 'hook' && current.author === 'kdeploy-edited' && !force) throw edited(place);
  if (current.kind === 'none' && place.manager?.callsKdeploy === true) throw foreign(place);

  const hook = shownPath(place, place.file);
  try {
    await forgetLineEndings(place);
    if (earlier.kind === 'hook') {
      await restoreHook(place.root, place.earlier, place.file);
      return { hook, action: 'restored' };
    }
    await inFolderOf(place.root, relative(place.root, place.file), (folder, name) => folder.remove(name));
  } catch (error) {
    throw new KdeployError('usage', `${hook} cannot be changed; no hook was changed`, {
      cause: error,
      hint: 'fix the permissions of its folder, and run kdeploy hook uninstall again',
    });
  }
  return { hook, action: current.kind === 'none' ? 'none' : 'removed' };
}

/** pre-commit keeps the hook that it found, and calls it before its own. */
async function movedByPreCommit(place: HookPlace): Promise<KdeployError | undefined> {
  const legacy = join(dirname(place.file), LEGACY_HOOK);
  const moved = await readHookFile(legacy);
  if (moved.kind !== 'hook' || moved.author === 'foreign') return undefined;
  return new KdeployError(
    'usage',
    `pre-commit has moved the hook to ${shownPath(place, legacy)}; nothing was changed`,
    {
      hint: `delete ${shownPath(place, legacy)}`,
    },
  );
}

function foreign(place: HookPlace): KdeployError {
  const { manager } = place;
  const hook = shownPath(place, place.file);
  if (manager?.callsKdeploy === true) {
    return new KdeployError('usage', `${manager.name} runs the check through ${manager.file}; nothing was changed`, {
      hint: `remove the lines with kdeploy from ${manager.file}`,
    });
  }
  return new KdeployError('usage', `${hook} was not installed by kdeploy, so it was kept`, {
    hint: 'find out which tool wrote it: its own uninstall command removes it',
  });
}

function edited(place: HookPlace): KdeployError {
  return new KdeployError(
    'usage',
    `${shownPath(place, place.file)} was edited after kdeploy wrote it, so it was kept`,
    { hint: 'to remove it anyway: kdeploy hook uninstall --force' },
  );
}
