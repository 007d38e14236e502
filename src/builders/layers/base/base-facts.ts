import type { ImagePython } from '../image-python.js';

/** What the builder has to know of a base image. Plain data, so that it can be kept. */
export interface BaseFacts {
  readonly python: ImagePython;
  /** Of the Python that `python` starts, in the order of sys.path; without the first slash. */
  readonly sitePackages: readonly string[];
  /**
   * By name. Of a name there may be two: that of an environment of the base, which is imported there, before the interpreter's
   * own, which is imported in an environment of the image.
   */
  readonly distributions: readonly BaseDistribution[];
  readonly hasPip: boolean;
  /** What useradd and groupadd read and change. */
  readonly accounts: Readonly<Partial<Record<AccountFileName, AccountFile>>>;
  /** What a new home folder begins with (etc/skel), folders before what is in them; paths below it. */
  readonly skeleton: readonly SkeletonEntry[];
  /** etc/login.defs: `{UMASK: '022'}`. */
  readonly loginDefaults: Readonly<Record<string, string>>;
  /** etc/default/useradd: `{SHELL: '/bin/sh'}`. */
  readonly useraddDefaults: Readonly<Record<string, string>>;
  /** etc/shells. */
  readonly shells: readonly string[];
  /** The first two levels of the file system, and what leads to the folders that kdeploy writes into, by path. */
  readonly places: Readonly<Record<string, BasePlace>>;
}

export interface BaseDistribution {
  /** Normalised (PEP 503). */
  readonly name: string;
  readonly version: string;
  /** What installs packages, which no project imports: pip, setuptools, wheel. */
  readonly isTool: boolean;
  /** Of the interpreter itself, so that a virtual environment with system-site-packages has it too; not of an environment of the base. */
  readonly isSystem: boolean;
}

export const ACCOUNT_FILE_NAMES = ['passwd', 'group', 'shadow', 'gshadow', 'subuid', 'subgid'] as const;

export type AccountFileName = (typeof ACCOUNT_FILE_NAMES)[number];

interface Owned {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

export interface AccountFile extends Owned {
  /** Where it really is, without the first slash: `etc/passwd`. */
  readonly path: string;
  /** As latin1, which keeps every byte. */
  readonly content: string;
}

/** Owners are left out: whoever the home folder is for owns it all. */
export type SkeletonEntry =
  | { readonly type: 'folder'; readonly path: string; readonly mode: number }
  | { readonly type: 'file'; readonly path: string; readonly mode: number; readonly base64: string }
  | { readonly type: 'link'; readonly path: string; readonly target: string };

export type BasePlace =
  | (Owned & { readonly type: 'folder' })
  | { readonly type: 'file' }
  /** Where it leads to, behind all links and without the first slash; `undefined`: they go round in a circle. */
  | { readonly type: 'link'; readonly path: string | undefined };
