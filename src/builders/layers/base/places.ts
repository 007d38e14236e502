import type { FolderEntry } from '../pack/image-entry.js';
import type { BaseFacts, BasePlace } from './base-facts.js';
import type { BaseNode, BaseTree } from './base-tree.js';

/** Deep enough for `home/kedro_docker` and `opt/venv`. */
const DEPTH = 2;

/** A path of the image, behind the base's links. */
export interface Place {
  /** Without the first slash. Parts that the base does not have are as they were asked for. */
  readonly path: string;
  /** What the base has there; `undefined`: nothing, or it is deeper than what is known. */
  readonly place: Exclude<BasePlace, { type: 'link' }> | undefined;
}

/** The first levels of the base, with all that their links and `written` lead to. */
export function placesIn(tree: BaseTree, written: readonly string[]): Record<string, BasePlace> {
  const places = new Map<string, BasePlace>();
  const addWay = (path: string): void => {
    const parts = path.split('/');
    for (const end of parts.keys()) {
      const way = parts.slice(0, end + 1).join('/');
      const node = tree.resolve(way)?.node;
      if (node !== undefined && !places.has(way)) places.set(way, placeOf(node, way, tree));
    }
  };
  for (const [path, node] of shallow(tree.root.children, '', DEPTH)) {
    const place = placeOf(node, path, tree);
    places.set(path, place);
    if (place.type === 'link' && place.path !== undefined) addWay(place.path);
  }
  for (const path of written) addWay(tree.resolve(path)?.path ?? path);
  return Object.fromEntries([...places].sort(([one], [other]) => (one < other ? -1 : 1)));
}

/**
 * Where entries of a layer have to be put so that they are found at `path`: a folder entry in the place of a link of the base would
 * hide what it leads to, and engines differ in how they unpack below a link. `undefined`: a file or a circle of links is in the way.
 */
export function resolvePlace({ places }: Pick<BaseFacts, 'places'>, path: string): Place | undefined {
  let [way, place]: [string, BasePlace | undefined] = ['', undefined];
  for (const part of path.split('/').filter((each) => each !== '')) {
    if (place?.type === 'file') return undefined;
    way = way === '' ? part : `${way}/${part}`;
    place = Object.hasOwn(places, way) ? places[way] : undefined;
    if (place?.type !== 'link') continue;
    if (place.path === undefined) return undefined;
    way = place.path;
    place = Object.hasOwn(places, way) ? places[way] : undefined;
  }
  return place?.type === 'link' ? undefined : { path: way, place };
}

/**
 * The folders above a resolved path, with the base's own modes: some engines make folders that no entry names so that nobody but
 * root can enter (containers/storage#1288).
 */
export function foldersAbove({ places }: Pick<BaseFacts, 'places'>, path: string): FolderEntry[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, index) => {
    const folder = parts.slice(0, index + 1).join('/');
    const place = Object.hasOwn(places, folder) ? places[folder] : undefined;
    const { mode, uid, gid } = place?.type === 'folder' ? place : { mode: 0o755, uid: 0, gid: 0 };
    return { type: 'folder', path: folder, mode, uid, gid };
  });
}

function placeOf(node: BaseNode, path: string, tree: BaseTree): BasePlace {
  if (node.type === 'link') return { type: 'link', path: tree.resolve(path)?.path };
  if (node.type === 'file') return { type: 'file' };
  const { type, mode, uid, gid } = node;
  return { type, mode, uid, gid };
}

function* shallow(
  children: ReadonlyMap<string, BaseNode>,
  above: string,
  depth: number,
): Generator<[path: string, node: BaseNode]> {
  for (const [name, node] of children) {
    yield [`${above}${name}`, node];
    if (node.type === 'folder' && depth > 1) yield* shallow(node.children, `${above}${name}/`, depth - 1);
  }
}
