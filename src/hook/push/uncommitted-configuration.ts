import type { Git } from '../../git/git.js';
import { untrackedFiles } from '../../git/untracked-files.js';
import { environmentNames } from '../../project/kedro/loader-settings.js';
import type { Project } from '../../project/project.js';

export interface PlacedProject {
  /** Seen from the repository's root; `''`: the root itself. */
  readonly folder: string;
  readonly project: Project;
}

/**
 * Files of the run environment that a commit does not have on purpose: Kedro's .gitignore keeps conf/local out of git, and
 * conf/local/mlflow.yml names the tracking server. They are read from the work tree. In any other environment only what git
 * ignores counts: a file there that is neither ignored nor committed was forgotten, which is what the hook is to find.
 *
 * Returns paths relative to the project, by the project's folder. `git.directory` is the work tree's top folder. git is
 * asked once for all projects, or twice where some have another default environment.
 */
export async function uncommittedConfiguration(
  git: Git,
  projects: readonly PlacedProject[],
  env: string | undefined,
): Promise<ReadonlyMap<string, readonly string[]>> {
  // Anything else is refused as soon as the settings are loaded.
  if (env !== undefined && !/^\w[\w.-]*$/.test(env)) return new Map();
  const read = projects.map(async ({ folder, project }) => {
    const { confSource, defaultRunEnvironment } = await environmentNames(project);
    const name = env ?? defaultRunEnvironment;
    return { folder, path: below(folder, `${confSource}/${name}`), isDefault: name === defaultRunEnvironment };
  });
  const places = await Promise.all(read);
  const local = new Map<string, string[]>();
  for (const unlessIgnored of [true, false]) {
    const some = places.filter(({ isDefault }) => isDefault === unlessIgnored);
    const paths = some.map(({ path }) => path);
    const files = await untrackedFiles(git, paths, { unlessIgnored });
    for (const { folder, path } of some) {
      const inside = files.filter((file) => file.startsWith(`${path}/`)).filter(isConfiguration);
      local.set(
        folder,
        inside.map((file) => (folder === '' ? file : file.slice(folder.length + 1))),
      );
    }
  }
  return local;
}

function below(folder: string, path: string): string {
  return folder === '' ? path : `${folder}/${path}`;
}

/** What Kedro may load for mlflow.yml. Not the credentials: nothing that a check says depends on them. */
function isConfiguration(file: string): boolean {
  return (
    /\.(?:ya?ml|json)$/.test(file) && !/credential|secret/i.test(file) && (!file.endsWith('.json') || isOfMlflow(file))
  );
}

/** Other JSON files are data or keys, which are no part of a push. */
function isOfMlflow(file: string): boolean {
  return /(?:^|\/)(?:mlflow|globals)[^/]*(?:\/|$)/.test(file);
}
