import type { GitCommit, SourceArchive, WheelFile } from '../resolve/locked-package.js';
import type { Wheel } from './wheel.js';

/**
 * What direct_url.json says of a package that was named by its URL (PEP 610), in the order that uv writes it.
 *
 * Nothing of a folder, or of a file or repository in one, though the specification wants a record of those too: uv and pip write
 * `file:///home/ada/…` into it, and `pip freeze` prints that. In an image the place means nothing, shows how somebody's
 * machine is laid out, and makes another image of the same commit in another folder. Such a package is recorded as one of
 * an index is, by its name and version.
 */
export function directUrlOf(artifact: WheelFile | SourceArchive | GitCommit, sha256?: string): Wheel['directUrl'] {
  const { url } = artifact;
  if (url.startsWith('file:') || !url.includes('://')) return undefined;
  const subdirectory = artifact.kind === 'wheel' ? undefined : artifact.subdirectory;
  const where = subdirectory === undefined ? {} : { subdirectory };
  if (artifact.kind === 'git') {
    const { commit, requestedRevision } = artifact;
    const requested = requestedRevision === undefined ? {} : { requested_revision: requestedRevision };
    return { url, vcs_info: { vcs: 'git', commit_id: commit, ...requested }, ...where };
  }
  return artifact.isDirect
    ? { url, archive_info: { ...(sha256 !== undefined && { hashes: { sha256 } }) }, ...where }
    : undefined;
}
