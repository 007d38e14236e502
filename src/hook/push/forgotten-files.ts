import type { Finding } from '../../finding.js';
import type { ProjectSource } from '../../project/sources/source.js';

/**
 * A file that a check misses in the commit may well be on disk: the user would look at it and not understand. Such a finding
 * says that it was not committed. `disk` is the work tree, `folder` the project seen from the repository's root.
 */
export async function forgottenFiles(
  findings: readonly Finding[],
  { commit, disk, folder }: { readonly commit: ProjectSource; readonly disk: ProjectSource; readonly folder: string },
): Promise<Finding[]> {
  return Promise.all(
    findings.map(async (finding) => {
      const file = finding.place?.file;
      if (file === undefined || finding.place?.line !== undefined) return finding;
      if (await isThere(commit, file)) return finding;
      return (await isThere(disk, file))
        ? {
            ...finding,
            remedy: `git add ${folder === '' ? file : `${folder}/${file}`}, and commit it: it is on disk, but not in the commit`,
          }
        : finding;
    }),
  );
}

async function isThere(source: ProjectSource, file: string): Promise<boolean> {
  try {
    return (await source.read(file)) !== undefined;
  } catch {
    // Too large, or a link that leads out: another finding's matter.
    return true;
  }
}
