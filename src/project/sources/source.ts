/**
 * Where a project is read from: the work tree, or (for the pre-push hook) a git commit.
 * Paths are relative to the project's root, with forward slashes, and never lead out of it.
 */
export interface ProjectSource {
  /** The file's bytes; `undefined` when there is no such file. Throws KdeployError `configuration` for a file above `maximumBytes`. */
  read(path: string): Promise<Buffer | undefined>;

  /**
   * The files below a folder (`''`: the whole project), recursively, sorted, as paths relative to the project
   * (`conf/base/catalog.yml`); empty when there is no such folder. Links are listed, not followed.
   * Throws KdeployError `configuration` for a folder that is a link out of the project.
   * Folders for which `skip` answers true (`data`, `.venv`) are not entered.
   */
  list(folder: string, skip?: (folder: string) => boolean): Promise<string[]>;
}
