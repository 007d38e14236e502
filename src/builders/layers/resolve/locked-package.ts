/** A package of a lock: which version, and what it is installed from. */
export interface LockedPackage {
  /** Normalised (PEP 503): `kedro-mlflow`. */
  readonly name: string;
  /** `undefined`: known only once its wheel is built (a folder, a repository). */
  readonly version: string | undefined;
  readonly artifact: Artifact;
}

/** What a package is installed from. URLs have no credentials in them: those belong to a host, not to a package. */
export type Artifact = WheelFile | SourceArchive | GitCommit | LocalFolder;

interface RemoteFile {
  /** `https:`, `http:` or `file:`. */
  readonly url: string;
  readonly filename: string;
  /** Hexadecimal; `undefined`: the lock has none, which an index may do, and a hash of another kind cannot be believed instead. */
  readonly sha256: string | undefined;
  /** Bytes; `undefined`: the index does not say. */
  readonly size: number | undefined;
  /** Named by its URL, not by a version of an index: recorded in direct_url.json (PEP 610). */
  readonly isDirect: boolean;
}

export interface WheelFile extends RemoteFile {
  readonly kind: 'wheel';
}

/** An sdist, or another archive with a project in it: its wheel has to be built. */
export interface SourceArchive extends RemoteFile {
  readonly kind: 'archive';
  readonly subdirectory?: string;
}

export interface GitCommit {
  readonly kind: 'git';
  readonly url: string;
  /** The full commit. */
  readonly commit: string;
  /** The branch or tag that the requirement names. */
  readonly requestedRevision?: string;
  readonly subdirectory?: string;
}

/** A project on this machine. One that is to be editable becomes a real one: the image has no such folder. */
export interface LocalFolder {
  readonly kind: 'folder';
  /** Absolute. */
  readonly path: string;
}
