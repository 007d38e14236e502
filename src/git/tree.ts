import { KdeployError } from '../errors.js';

/** An entry in a folder of a commit. A submodule is a commit of another repository: nothing of it is in this one. */
export interface TreeEntry {
  readonly kind: 'file' | 'folder' | 'link' | 'submodule';
  readonly id: string;
}

/** By name. */
export type Tree = ReadonlyMap<string, TreeEntry>;

const KINDS: Readonly<Record<string, TreeEntry['kind']>> = {
  '40000': 'folder',
  '100644': 'file',
  '100755': 'file',
  // Written by git before 2005, and still in old histories.
  '100664': 'file',
  '120000': 'link',
  '160000': 'submodule',
};

/**
 * Reads a tree object as git stores it: `<mode> <name>\0<id>`, the id in `idBytes` bytes (20 for SHA-1, 32 for SHA-256).
 * Nothing is quoted there, so every name comes as it is; bytes that are no UTF-8 become U+FFFD. Throws KdeployError
 * `configuration` for anything that is not a tree.
 */
export function parseTree(content: Buffer, idBytes: number): Tree {
  const entries = new Map<string, TreeEntry>();
  for (let at = 0; at < content.length;) {
    const space = content.indexOf(0x20, at);
    const end = content.indexOf(0, space);
    const next = end + 1 + idBytes;
    if (space === -1 || end === -1 || next > content.length) throw notATree();
    const kind = KINDS[content.toString('latin1', at, space).replace(/^0+/, '')];
    if (kind === undefined) throw notATree();
    const name = content.toString('utf8', space + 1, end);
    // git refuses to make names that lead elsewhere, but not to carry them.
    if (isName(name) && !entries.has(name)) entries.set(name, { kind, id: content.toString('hex', end + 1, next) });
    at = next;
  }
  return entries;
}

function isName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !name.includes('/');
}

function notATree(): KdeployError {
  return new KdeployError('configuration', 'a folder in the git repository cannot be read', {
    hint: 'run git fsck in the repository, and fix what it reports',
  });
}
