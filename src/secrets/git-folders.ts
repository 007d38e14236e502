/** What git keeps in the folder of a repository, beside HEAD and config. */
const OF_REPOSITORY = /^(.*?)(?:(?:refs|objects|logs|hooks|info)\/.*|packed-refs|index|description)$/;
const STORE = /(?:^|\/)[^/]*\.git(?:\/.+)?\/(?:objects|lfs)$/;

/** Where git keeps what was committed: compressed, so that no text is found by reading the files. */
export function isObjectStore(folder: string): boolean {
  return STORE.test(folder);
}

/**
 * Finds git repositories by what lies in their folders, whatever these are called: `.git`, `mirror.git`, a bare clone
 * under any name. A submodule or linked work tree has a file `.git` instead, which only points elsewhere.
 */
export class RepositoryFinder {
  readonly #heads = new Set<string>();
  readonly #configs = new Set<string>();
  readonly #others = new Set<string>();

  add(path: string): void {
    const at = path.lastIndexOf('/') + 1;
    const [folder, name] = [path.slice(0, at), path.slice(at)];
    if (name === 'HEAD') this.#heads.add(folder);
    else if (name === 'config') this.#configs.add(folder);
    const other = OF_REPOSITORY.exec(path)?.[1];
    if (other !== undefined) this.#others.add(other);
  }

  /** Without a slash at the end, sorted; of a repository within another one's folder (`.git/modules/x`) the outer one. */
  get repositories(): string[] {
    const found = [...this.#heads]
      .filter(
        (folder) =>
          /(?:^|\/)\.git\/$/.test(folder) || (folder !== '' && this.#configs.has(folder) && this.#others.has(folder)),
      )
      .sort();
    return found
      .filter((folder) => !found.some((outer) => outer !== folder && folder.startsWith(outer)))
      .map((folder) => folder.slice(0, -1));
  }
}
