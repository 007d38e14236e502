import { readFile } from 'node:fs/promises';
import path from 'node:path';

/** setuptools-scm, hatch-vcs, versioningit, versioneer, poetry-dynamic-versioning, dunamai, pdm's `source = "scm"`, … */
const TOOLS = /[-_]scm\b|\bscm\b|[-_]vcs\b|versioningit|versioneer|dynamic[-_]versioning|git[-_]versioning|dunamai/i;

/**
 * Whether a project in one of these folders names a tool that finds its version in the repository: such a project is built
 * in place, with its history. To take one for such without need costs a little time.
 */
export async function takesVersionFromGit(folders: readonly string[]): Promise<boolean> {
  const files = folders.flatMap((folder) =>
    ['pyproject.toml', 'setup.py', 'setup.cfg'].map((name) => path.join(folder, name)),
  );
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => '')));
  return texts.some((text) => TOOLS.test(text));
}
