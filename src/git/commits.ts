import { KdeployError } from '../errors.js';
import type { Git } from './git.js';
import { ObjectReader } from './object-reader.js';
import { parseTree, type Tree } from './tree.js';

export interface Commit {
  readonly id: string;
  /** The id of its root folder. */
  readonly tree: string;
}

/** The commits of a repository and what they contain, read through one process, which `close` ends. */
export interface Commits {
  /** What an id leads to, through annotated tags; `undefined` for a blob or a tree, and for what the repository lacks. */
  find(id: string): Promise<Commit | undefined>;
  /** Whether the repository has any object of that id. */
  exists(id: string): Promise<boolean>;
  tree(id: string): Promise<Tree>;
  /** A file's content; `undefined` with its size when it is larger. */
  blob(id: string, maximumBytes: number): Promise<{ readonly size: number; readonly content: Buffer | undefined }>;
  close(): Promise<void>;
}

/** A folder of some 500,000 files. Above that it is data, and would only fill the memory. */
const MAXIMUM_TREE_BYTES = 32 * 1024 * 1024;
/** A commit's message may be long; its first line is all that is read. */
const MAXIMUM_COMMIT_BYTES = 4 * 1024 * 1024;
/** Folders are read again by each rule and for each project; entries above this are forgotten. */
const MAXIMUM_KEPT_ENTRIES = 200_000;

export function readCommits(git: Git): Commits {
  const objects = new ObjectReader(git);
  const trees = new Map<string, Promise<Tree>>();
  let kept = 0;

  async function readTree(id: string): Promise<Tree> {
    const content = await contentOf(id, MAXIMUM_TREE_BYTES);
    if (content === undefined) {
      throw new KdeployError('configuration', 'the commit has a folder with too many files to read', {
        hint: 'keep data out of git',
      });
    }
    const tree = parseTree(content, id.length / 2);
    kept += tree.size;
    return tree;
  }

  async function contentOf(id: string, maximumBytes: number): Promise<Buffer | undefined> {
    const object = await objects.read(id, maximumBytes);
    if (object === undefined) throw missing(id);
    return object.content;
  }

  return {
    async find(id) {
      const object = await objects.read(`${id}^{}`, MAXIMUM_COMMIT_BYTES);
      if (object?.type !== 'commit') return undefined;
      const tree = /^tree ([0-9a-f]+)\n/.exec(object.content?.toString('latin1', 0, 100) ?? '')?.[1];
      if (tree === undefined) throw missing(id);
      return { id: object.id, tree };
    },
    exists: async (id) => (await objects.read(id, MAXIMUM_COMMIT_BYTES)) !== undefined,
    tree(id) {
      const known = trees.get(id);
      if (known !== undefined) return known;
      if (kept > MAXIMUM_KEPT_ENTRIES) {
        trees.clear();
        kept = 0;
      }
      const read = readTree(id);
      trees.set(id, read);
      return read;
    },
    async blob(id, maximumBytes) {
      const object = await objects.read(id, maximumBytes);
      if (object === undefined) throw missing(id);
      return { size: object.size, content: object.content };
    },
    close: () => objects.close(),
  };
}

/** In a partial clone (git clone --filter) git fetches such an object when it needs it. The checks don't. */
function missing(id: string): KdeployError {
  return new KdeployError('configuration', `the object ${id} of the commit is missing from the repository`, {
    hint: `in a partial clone, fetch it: git cat-file -t ${id}; otherwise run git fsck`,
  });
}
