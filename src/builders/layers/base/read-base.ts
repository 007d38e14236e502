import type { FileCache } from '../../../cache/file-cache.js';
import { KdeployError } from '../../../errors.js';
import type { Image } from '../../../image/image.js';
import { HOME } from './account.js';
import {
  ACCOUNT_FILE_NAMES,
  type AccountFile,
  type AccountFileName,
  type BaseFacts,
  type SkeletonEntry,
} from './base-facts.js';
import { readBaseTree, type BaseFile, type BaseFolder, type BaseTree } from './base-tree.js';
import { findPython } from './find-python.js';
import { interestIn } from './interest.js';
import { keepBase, keptBase } from './kept-bases.js';
import { mailFolder, parseLoginDefaults, parseUseraddDefaults } from './login-defaults.js';
import { placesIn } from './places.js';
import { sitePackages } from './site-packages.js';
import { VENV } from './venv.js';

export interface ReadBaseOptions {
  readonly cache: FileCache;
  /** A sentence that the user should read. */
  readonly note: (text: string) => void;
  /** Compressed bytes of the layers read so far, of all; not called for a base that is known. */
  readonly onProgress?: (bytes: number, total: number) => void;
}

/**
 * What the builder has to know of a base image, read from its layers: nothing is started. It is kept by the manifest's digest, so
 * that the layers of a base are unpacked once. Throws KdeployError `configuration` for a base that cannot be used, `build-failed`
 * where a layer cannot be read by this Node.js, and what reading the layers throws.
 */
export async function readBase(image: Image, { cache, note, onProgress }: ReadBaseOptions): Promise<BaseFacts> {
  const kept = await keptBase(cache, image.manifest.digest);
  const facts = kept ?? (await readFacts(image, onProgress));
  if (kept === undefined) await keepBase(cache, image.manifest.digest, facts);
  const own = facts.distributions.filter(({ isSystem, isTool }) => !isSystem && !isTool);
  if (own.length > 0)
    note(
      `python of the base image is in a virtual environment of its own, with ${own.length} packages; the image’s is made beside it`,
    );
  return facts;
}

async function readFacts(image: Image, onProgress: ReadBaseOptions['onProgress']): Promise<BaseFacts> {
  const tree = await readBaseTree(image, { interestIn, ...(onProgress !== undefined && { onProgress }) });
  if (tree === undefined)
    throw new KdeployError(
      'build-failed',
      'a layer of the base image is compressed with zstd, which this Node.js cannot read',
      {
        hint: 'use Node.js 22.15 or later, or a base image whose layers are compressed with gzip',
      },
    );
  const found = findPython(tree, image);
  const { folders, distributions } = sitePackages(tree, found);
  const loginDefaults = parseLoginDefaults(textAt(tree, 'etc/login.defs'));
  const accounts = accountsIn(tree);
  return {
    python: found.python,
    sitePackages: folders,
    distributions,
    hasPip: distributions.some(({ name }) => name === 'pip'),
    accounts,
    skeleton: skeletonIn(tree),
    loginDefaults,
    useraddDefaults: parseUseraddDefaults(textAt(tree, 'etc/default/useradd')),
    shells: textAt(tree, 'etc/shells')
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line.startsWith('/')),
    places: placesIn(tree, [
      ...[VENV, HOME, mailFolder(loginDefaults)],
      ...Object.values(accounts).map(({ path }) => path),
    ]),
  };
}

function textAt(tree: BaseTree, path: string): string {
  return contentOf(tree.resolve(path)?.node)?.toString('latin1') ?? '';
}

function contentOf(node: BaseFile | BaseFolder | undefined): Buffer | undefined {
  return node?.type === 'file' ? node.content : undefined;
}

function accountsIn(tree: BaseTree): Partial<Record<AccountFileName, AccountFile>> {
  return Object.fromEntries(
    ACCOUNT_FILE_NAMES.flatMap((name) => {
      const resolved = tree.resolve(`etc/${name}`);
      if (resolved?.node?.type !== 'file' || resolved.node.content === undefined) return [];
      const { mode, uid, gid, content } = resolved.node;
      return [[name, { path: resolved.path, mode, uid, gid, content: content.toString('latin1') }]];
    }),
  );
}

function skeletonIn(tree: BaseTree): SkeletonEntry[] {
  const node = tree.resolve('etc/skel')?.node;
  return node?.type === 'folder' ? [...skeletonBelow(node, '')] : [];
}

function* skeletonBelow({ children }: BaseFolder, above: string): Generator<SkeletonEntry> {
  for (const [name, node] of [...children].sort(([one], [other]) => (one < other ? -1 : 1))) {
    const path = `${above}${name}`;
    if (node.type === 'link') yield { type: 'link', path, target: node.target };
    else if (node.type === 'folder') {
      yield { type: 'folder', path, mode: node.mode };
      yield* skeletonBelow(node, `${path}/`);
    } else if (node.content !== undefined)
      yield { type: 'file', path, mode: node.mode, base64: node.content.toString('base64') };
  }
}
