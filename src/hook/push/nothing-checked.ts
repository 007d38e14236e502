import type { Commits } from '../../git/commits.js';
import type { Git } from '../../git/git.js';
import type { RefUpdate } from '../../git/pre-push-lines.js';
import { KdeployError } from '../../errors.js';
import { affectedProjects, projectsIn } from './affected-projects.js';
import { pushedCommits } from './pushed-commits.js';

/** Who called the hook: git (or a hook manager) during a push, a person in a terminal, or a script such as a CI job. */
export type Caller = 'git' | 'terminal' | 'script';

export interface PushWithoutFindings {
  readonly git: Git;
  readonly commits: Commits;
  readonly updates: readonly RefUpdate[];
  readonly remote: string;
  readonly caller: Exclude<Caller, 'git'>;
}

/**
 * Why a push that git is not doing right now gave nothing to check, as a sentence. A script that checks nothing must not
 * pass for one that found nothing, so for a script it throws KdeployError `usage` unless the commits are new and merely
 * change no project. Throws `not-a-project` where the commits have no Kedro project at all.
 */
export async function whyNothingWasChecked(push: PushWithoutFindings): Promise<string> {
  const { git, commits, updates, remote, caller } = push;
  const named = updates.filter(({ localId }) => localId !== undefined);
  if (named.length === 0 && updates.length > 0) return 'the push only deletes refs; nothing to check.';
  if (named.length === 0) return stop('the repository has no commits yet', 'commit the project first');
  const brought = await pushedCommits(git, commits, { updates, remote });
  if (brought.commits.length === 0) {
    return stop(
      `every commit of ${named.map(({ localRef }) => shortRef(localRef)).join(', ')} is already on ${remote === '' ? 'the remote' : remote}`,
      'check one commit as a whole: kdeploy check --commit HEAD --no-local\n' +
        '    or what a push brought, with the commit from before it in $BEFORE:\n' +
        '      echo "HEAD $(git rev-parse HEAD) refs/heads/main $BEFORE" | kdeploy hook run --no-local',
    );
  }
  for (const { tree } of brought.commits) {
    const projects = await affectedProjects(commits, { tree, bases: [], projectOf: projectsIn(commits, tree) });
    if (projects.length > 0) return `the commits to push change no Kedro project.`;
  }
  throw new KdeployError('not-a-project', 'the commits to push contain no Kedro project: nothing was checked', {
    hint: 'commit a project, a folder whose pyproject.toml has [tool.kedro]; or run this in the repository that has one',
  });

  function stop(reason: string, hint: string): string {
    if (caller === 'terminal') return `${reason}; nothing to check.`;
    throw new KdeployError('usage', `nothing was checked: ${reason}`, { hint });
  }
}

function shortRef(ref: string): string {
  return ref.replace(/^refs\/(?:heads|tags)\//, '');
}
