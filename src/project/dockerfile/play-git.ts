import type { Instruction } from './instructions.js';
import type { Stage } from './stage.js';

/** Not `git clone` and `git --version`, which need no repository of the project. */
const ASKS_GIT =
  /(?:^|[\s;&|(`"'])git(?:["',\s]+-(?:[Cc]["',\s]+)?\S+)*["',\s]+(?:describe|rev-parse|rev-list|log|show|status|submodule|archive|diff|tag|lfs|ls-files)\b/m;
const REMOVES_REPOSITORY = /\b(?:rm|find)\s[^;&|\n]*(?<![\w-])\.git(?![\w.-])/m;

/** What a RUN does with the Git repository that the project brings along. */
export function playGit({ flags }: Instruction, script: string, stage: Stage): void {
  const mounts = flags.some(
    ({ name, value }) => name === 'mount' && /(?:source|src)=(?:\.\/)?\.git(?:[,/]|$)/.test(value),
  );
  if (mounts || ASKS_GIT.test(script)) stage.asksGit = true;
  if (REMOVES_REPOSITORY.test(script)) stage.removesRepository = true;
}

export function isInRepository(path: string): boolean {
  return /(?:^|\/)\.git(?:\/|$)/.test(path);
}
