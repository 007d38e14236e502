import { readHookFile } from '../hook/install/hook-file.js';
import { findHookPlace, shownPath } from '../hook/install/hook-place.js';
import { hasWindowsLineEndings } from '../hook/install/hook-script.js';
import { KdeployError } from '../errors.js';
import type { Probe } from './probe.js';

/** Whether git can start the pre-push hook: of one that it cannot start, it says no more than "No such file or directory". */
export const hookProbe: Probe = {
  id: 'hook',
  title: 'pre-push hook',
  async run({ project }) {
    if (project === undefined) return { status: 'skipped', detail: 'not in a Kedro project' };
    const place = await findHookPlace(project.project.root).catch((error: unknown) => {
      if (error instanceof KdeployError && error.code === 'usage') return undefined;
      throw error;
    });
    if (place === undefined) return { status: 'skipped', detail: 'not in a git work tree' };
    const hook = await readHookFile(place.file);
    if (hook.kind === 'none' || hook.author === 'foreign') return { status: 'skipped', detail: 'not installed' };
    const shown = shownPath(place, place.file);
    const remedy = hook.author === 'kdeploy' ? 'kdeploy hook install' : `sed -i 's/\\r$//' ${shown}`;
    if (hasWindowsLineEndings(hook.text)) {
      return { status: 'failed', detail: `${shown} has Windows line endings (CRLF), so git cannot start it`, remedy };
    }
    if (!hook.executable && process.platform !== 'win32') {
      return { status: 'failed', detail: `${shown} is not executable, so git ignores it`, remedy: `chmod +x ${shown}` };
    }
    return { status: 'ok', detail: shown };
  },
};
