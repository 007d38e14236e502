import { checkProject } from '../../checks/check.js';
import { findingsBelow, type Finding } from '../../finding.js';
import { ConfigurationError } from '../../config/settings/problem.js';
import type { SettingsWarning } from '../../config/settings/settings.js';
import { KdeployError } from '../../errors.js';
import type { RefUpdate } from '../../git/pre-push-lines.js';
import { projectModel } from '../../project/model.js';
import { workTree } from '../../project/sources/work-tree.js';
import type { Commits } from '../../git/commits.js';
import { affectedProjects, projectsIn } from './affected-projects.js';
import { commitProjects, type CommitProjectOptions, type FoundProject } from './commit-project.js';
import { forgottenFiles } from './forgotten-files.js';
import { pushedCommits } from './pushed-commits.js';

export interface PushCheckOptions extends CommitProjectOptions {
  readonly updates: readonly RefUpdate[];
  /** What git calls the remote: its name, or a URL. */
  readonly remote: string;
  /** Only projects in this folder, and the one that it is in; seen from the repository's root. */
  readonly below?: string;
  /** Looked at before each project; Kedro, where it is asked, ends by itself at Ctrl-C. */
  readonly signal?: AbortSignal | undefined;
}

/** What the checks found in one project of one commit. */
export interface CheckedProject {
  /** Seen from the repository's root; `''`: the root itself. */
  readonly folder: string;
  readonly commit: string;
  /** The refs of the remote that it was to be pushed to. */
  readonly refs: readonly string[];
  /** Their places are seen from the repository's root. */
  readonly findings: readonly Finding[];
  readonly warnings: readonly SettingsWarning[];
}

/**
 * Checks every Kedro project that a push would change on the remote, as the pushed commits have it. Empty when it would
 * change none. Asks no server, except for projects with `hook: {online: true}` in kdeploy.yml.
 */
export async function checkPush(options: PushCheckOptions): Promise<CheckedProject[]> {
  const { git, commits, below } = options;
  const push = await pushedCommits(git, commits, options);
  const checked: CheckedProject[] = [];
  const refsOf = new Map<string, string[]>();
  for (const { id, tree, refs } of push.commits) {
    const affected = await affectedProjects(commits, { tree, bases: push.bases, projectOf: projectsIn(commits, tree) });
    const folders: string[] = [];
    for (const folder of affected.filter((each) => below === undefined || isInside(each, below))) {
      const state = await stateOf(commits, tree, folder);
      const known = refsOf.get(state);
      if (known === undefined) {
        refsOf.set(state, [...refs]);
        folders.push(folder);
        // Two branches, or a branch and its tag, may well have the same of it.
      } else known.push(...refs);
    }
    if (folders.length === 0) continue;
    const projects = await commitProjects(tree, folders, options);
    for (let start = 0; start < projects.length; start += PROJECTS_AT_ONCE) {
      options.signal?.throwIfAborted();
      const some = projects.slice(start, start + PROJECTS_AT_ONCE).map(async (found): Promise<CheckedProject> => {
        const { folder } = found;
        const state = await stateOf(commits, tree, folder);
        const { findings, warnings } = await check(found, options);
        const all = refsOf.get(state) ?? [];
        return { folder, commit: id, refs: all, findings: findingsBelow(folder, findings), warnings };
      });
      checked.push(...(await Promise.all(some)));
    }
  }
  return checked;
}

/** While git reads for one of them, the others can be looked at; more would only fill the memory. */
const PROJECTS_AT_ONCE = 4;

/** Identifies a project's content: the id of its folder. */
async function stateOf(commits: Commits, tree: string, folder: string): Promise<string> {
  let id = tree;
  for (const part of folder === '' ? [] : folder.split('/')) id = (await commits.tree(id)).get(part)?.id ?? id;
  return `${id} ${folder}`;
}

async function check(
  found: FoundProject,
  { environment, workTreeTop }: PushCheckOptions,
): Promise<Pick<CheckedProject, 'findings' | 'warnings'>> {
  try {
    const { project, settings, env, resolveWithKedro } = await found.open();
    const online = settings.hook.online ? { environment } : undefined;
    const model = projectModel({ project, settings, env, processEnvironment: environment, resolveWithKedro });
    const report = await checkProject({ model, settings, online });
    const findings =
      workTreeTop === undefined
        ? report.findings
        : await forgottenFiles(report.findings, {
            commit: project.source,
            disk: workTree(project.root),
            folder: found.folder,
          });
    return { findings, warnings: settings.warnings };
  } catch (error) {
    // What ends `kdeploy check` with an error of its own must not keep the other projects from being checked.
    if (!(error instanceof KdeployError) || !IS_OF_PROJECT.has(error.code)) throw error;
    return { findings: problemsOf(error), warnings: [] };
  }
}

const IS_OF_PROJECT: ReadonlySet<KdeployError['code']> = new Set(['configuration', 'not-a-project'] as const);

/** One finding for each thing that is wrong with kdeploy.yml or pyproject.toml; the error's code takes the place of the rule. */
function problemsOf(error: KdeployError): Finding[] {
  const rule = error.code;
  if (error instanceof ConfigurationError) {
    return error.problems.map(({ where, message, remedy = 'fix the setting', place }) => ({
      rule,
      severity: 'error',
      message: place === undefined ? `${where}: ${message}` : message,
      remedy,
      ...(place === undefined ? {} : { place }),
    }));
  }
  const { message, hint = 'run kdeploy check for details', place } = error;
  return [{ rule, severity: 'error', message, remedy: hint, ...(place === undefined ? {} : { place }) }];
}

function isInside(project: string, folder: string): boolean {
  return (
    folder === '' || project === '' || `${project}/`.startsWith(`${folder}/`) || `${folder}/`.startsWith(`${project}/`)
  );
}
