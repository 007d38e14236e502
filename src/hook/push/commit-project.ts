import { join } from 'node:path';
import type { SettingsFlags } from '../../config/settings/flags.js';
import { withSettings } from '../../config/settings/open-project.js';
import type { Settings } from '../../config/settings/settings.js';
import { commitSource } from '../../git/commit-source.js';
import type { Commits } from '../../git/commits.js';
import type { Git } from '../../git/git.js';
import { refuseToExecute } from '../../project/kedro/not-executed.js';
import { overlay } from '../../project/sources/overlay.js';
import { readProject, type Project } from '../../project/project.js';
import type { KedroConfig } from '../../project/tracking/tracking-config.js';
import { workTree } from '../../project/sources/work-tree.js';
import { uncommittedConfiguration } from './uncommitted-configuration.js';

/** How the projects of one repository are read from its commits. */
export interface CommitProjectOptions {
  readonly git: Git;
  readonly commits: Commits;
  /** The work tree's top folder, from which conf/local is read; `undefined`: nothing but the commit counts. */
  readonly workTreeTop: string | undefined;
  /** `undefined`: the environment that a plain `kedro run` of the project uses. */
  readonly env: string | undefined;
  /** `--kedro`. */
  readonly kedro?: string | undefined;
  readonly flags?: SettingsFlags;
  /** `false`: nothing of the project is started; default `true`. */
  readonly execute?: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface CommitProject {
  readonly project: Project;
  readonly settings: Settings;
  /** Kedro's run environment. */
  readonly env: string;
  /** For `checkProject`: Kedro reads the commit as well, and not the work tree. */
  readonly resolveWithKedro: (reason: string) => Promise<KedroConfig>;
}

/** One of the projects asked for; opened when its turn comes, so that a hundred of them are not in memory at once. */
export interface FoundProject {
  /** Seen from the repository's root; `''`: the root itself. */
  readonly folder: string;
  /** Throws what `readProject` and `loadSettings` throw. */
  open(): Promise<CommitProject>;
}

/** Projects as a commit has them, with their settings. `tree` is the commit's root folder, `folders` the projects in it. */
export async function commitProjects(
  tree: string,
  folders: readonly string[],
  options: CommitProjectOptions,
): Promise<FoundProject[]> {
  const { git, commits, workTreeTop: top } = options;
  const read = await Promise.allSettled(
    folders.map(async (folder) => {
      const project = await readProject(join(top ?? git.directory, folder), commitSource(commits, tree, folder));
      return { folder, project };
    }),
  );
  const readable = read.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const local =
    top === undefined ? undefined : await uncommittedConfiguration({ ...git, directory: top }, readable, options.env);
  return folders.map((folder, index) => ({
    folder,
    async open() {
      const result = read[index];
      if (result?.status !== 'fulfilled') throw result?.reason;
      return opened(result.value.project, local?.get(folder) ?? [], options);
    },
  }));
}

async function opened(
  committed: Project,
  localFiles: readonly string[],
  { kedro, flags = {}, environment, execute = true, ...asked }: CommitProjectOptions,
): Promise<CommitProject> {
  const project = { ...committed, source: overlay(committed.source, workTree(committed.root), localFiles) };
  const { settings, env } = await withSettings(project, { env: asked.env, environmentVariables: environment, flags });
  return { project, settings, env, resolveWithKedro: execute ? resolveWithKedro : refuseToExecute };

  async function resolveWithKedro(reason: string): Promise<KedroConfig> {
    const { readExportedWithKedro } = await import('./exported-project.js');
    return readExportedWithKedro(reason, project, { env, kedro, environment });
  }
}
