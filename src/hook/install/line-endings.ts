import { readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { createFile, inFolderOf } from '../../guarded-file.js';
import { gitOfFolder, tryGit } from '../../git/git.js';
import { shownPath, type HookPlace } from './hook-place.js';

/** Beside a committed hook: without it git for Windows checks the script out with CRLF, and Linux finds no `/bin/sh\r`. */
const ATTRIBUTES =
  '# Written by kdeploy hook install: a hook with Windows line endings does not start.\npre-push* text eol=lf\n';

/** Has git check a committed hook out with LF everywhere; returns what is left for the user to do, as a sentence. */
export async function keepLineEndings(place: HookPlace): Promise<string | undefined> {
  if (!place.committed || (await isCheckedOutWithLf(place))) return undefined;
  const file = attributesFile(place);
  const isNew = await createFile(place.root, relative(place.root, file), ATTRIBUTES).catch(() => false);
  return isNew
    ? `commit ${shownPath(place, file)} as well: it keeps the hook’s line endings`
    : // One of the user's own, which has another say in the matter.
      `add this line to ${shownPath(place, file)}, or the hook cannot start where git checks it out with CRLF: pre-push* text eol=lf`;
}

/** Takes away what `keepLineEndings` wrote, and nothing that was changed since. */
export async function forgetLineEndings(place: HookPlace): Promise<void> {
  const file = attributesFile(place);
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text?.replaceAll('\r\n', '\n') === ATTRIBUTES)
    await inFolderOf(place.root, relative(place.root, file), (folder, name) => folder.remove(name));
}

function attributesFile({ file }: HookPlace): string {
  return join(dirname(file), '.gitattributes');
}

async function isCheckedOutWithLf({ folder, file }: HookPlace): Promise<boolean> {
  const { stdout } = await tryGit(gitOfFolder(folder.workTree), ['check-attr', 'eol', '--', file]);
  return /: eol: lf\s*$/.test(stdout.toString('utf8'));
}
