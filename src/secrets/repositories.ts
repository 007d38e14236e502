/** What git keeps in the folder of a repository, beside HEAD and config. */
const OF_GIT = /^(.*?)(?:(?:refs|objects|logs|hooks|info)\/.*|packed-refs|index|description)$/;
const OF_OTHERS = /^(?:.*\/)?\.(hg|svn|bzr|jj)(?=\/)/;
/** Where what was committed is kept. */
const HISTORY: Readonly<Record<string, string>> = { hg: 'store', svn: 'pristine', bzr: 'repository', jj: 'repo' };
const STORE =
  /(?:^|\/)(?:[^/]*\.git(?:\/.+)?\/(?:objects|lfs)|\.hg\/store|\.svn\/pristine|\.bzr\/repository|\.jj\/repo)$/;

export interface Repository {
  /** Without a slash at the end. */
  readonly folder: string;
  /** `Git repository` */
  readonly what: string;
  /** The folder of what was committed, in a form that only its own tool reads. */
  readonly history: string;
}

/** Where a repository keeps what was committed: too many files to list, and no texts. */
export function isObjectStore(folder: string): boolean {
  return STORE.test(folder);
}

/**
 * Finds repositories by what is in their folders, whatever these are called: `.git`, `mirror.git`, a bare clone under
 * any name. A submodule or linked work tree has a file `.git` instead, which only points elsewhere.
 */
export class RepositoryFinder {
  readonly #heads = new Set<string>();
  readonly #configs = new Set<string>();
  readonly #ofGit = new Set<string>();
  readonly #others = new Map<string, Repository>();

  add(path: string): void {
    const at = path.lastIndexOf('/') + 1;
    const [folder, name] = [path.slice(0, at), path.slice(at)];
    if (name === 'HEAD') this.#heads.add(folder);
    else if (name === 'config') this.#configs.add(folder);
    const ofGit = OF_GIT.exec(path)?.[1];
    if (ofGit !== undefined) this.#ofGit.add(ofGit);
    const [other, system = ''] = OF_OTHERS.exec(path) ?? [];
    if (other !== undefined && !this.#others.has(other))
      this.#others.set(other, { folder: other, what: `.${system} repository`, history: `${other}/${HISTORY[system]}` });
  }

  /** Sorted; of a repository in another one's folder (`.git/modules/x`) the outer one. */
  get repositories(): Repository[] {
    const ofGit = [...this.#heads]
      .filter((folder) =>
        /(?:^|\/)\.git\/$/.test(folder) ? this.#configs.has(folder) || this.#ofGit.has(folder) : this.#isBare(folder),
      )
      .map((path): Repository => {
        const folder = path.slice(0, -1);
        return { folder, what: 'Git repository', history: `${folder}/objects` };
      });
    const found = [...ofGit, ...this.#others.values()].sort((a, b) => (a.folder < b.folder ? -1 : 1));
    return found.filter(({ folder }) => !found.some((outer) => folder.startsWith(`${outer.folder}/`)));
  }

  #isBare(folder: string): boolean {
    return folder !== '' && this.#configs.has(folder) && this.#ofGit.has(folder);
  }
}
