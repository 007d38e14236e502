import { resolve } from 'node:path';
import type { SettingsFlags } from '../../config/settings/flags.js';
import { KdeployError } from '../../errors.js';
import { gitOfFolder } from '../../git/git.js';
import { commitOfRevision } from '../../git/revision.js';
import { projectsIn } from './affected-projects.js';
import { commitProjects, type CommitProject } from './commit-project.js';
import { openRepository } from '../open-repository.js';

export interface OpenCommitOptions {
  /** `HEAD~1`, `v1.2`, an id. */
  readonly revision: string;
  /** The project, or a folder in it. */
  readonly folder: string;
  /** `undefined`: the environment that a plain `kedro run` of the project uses. */
  readonly env: string | undefined;
  /** Whether what the commit lacks on purpose (conf/local) is read from the work tree. */
  readonly useWorkTree: boolean;
  readonly kedro?: string | undefined;
  readonly flags?: SettingsFlags;
  readonly environment?: NodeJS.ProcessEnv;
}

/** A project of a commit. It is read until `close` is called. */
export interface OpenedCommit extends CommitProject {
  readonly close: () => Promise<void>;
}

/**
 * The Kedro project that the folder belongs to, as a commit has it.
 * Throws KdeployError `usage` for a revision that git does not know, `not-a-project` when the commit has no project there,
 * and what `loadSettings` throws.
 */
export async function openCommit(options: OpenCommitOptions): Promise<OpenedCommit> {
  const { revision, useWorkTree, env, kedro, flags = {}, environment = process.env } = options;
  const { git, commits, top, prefix } = await openRepository(gitOfFolder(resolve(options.folder), environment));
  try {
    const commit = await commits.find(await commitOfRevision(git, revision));
    const folder = commit === undefined ? undefined : await projectsIn(commits, commit.tree)(prefix);
    if (commit === undefined || folder === undefined) throw notInCommit(revision, prefix);
    const workTreeTop = useWorkTree ? top : undefined;
    const given = { git, commits, workTreeTop, env, kedro, flags, environment };
    const [found] = await commitProjects(commit.tree, [folder], given);
    if (found === undefined) throw notInCommit(revision, prefix);
    return { ...(await found.open()), close: () => commits.close() };
  } catch (error) {
    await commits.close();
    throw error;
  }
}

function notInCommit(revision: string, folder: string): KdeployError {
  const where = folder === '' ? 'at the top of the repository' : `in ${folder}`;
  return new KdeployError('not-a-project', `the commit ${revision} has no Kedro project ${where}`, {
    hint: 'change to the project or pass --project DIR, or choose a commit that contains it',
  });
}
