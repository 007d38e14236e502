import { posix } from 'node:path';
import type { Access, PackagePlace } from './access-commands.js';
import { isBareImage } from './bare-image.js';
import type { MadeUser } from './stage.js';

/** The home of root, which Debian, Ubuntu and Alpine close to everybody else (mode 700). */
const ROOT_HOME = '/root';

/** Packages in a folder of their own. */
export interface PlacedPackages {
  readonly how: PackagePlace;
  /** Absolute, in the image. */
  readonly folder: string;
  readonly line: number;
}

/** What of an image is in the home of root, and whom that is open to. */
export interface HomeOfStage {
  readonly parent: HomeOfStage | undefined;
  readonly placedPackages: readonly PlacedPackages[];
  readonly openedTo: readonly Access[];
  readonly madeUsers: readonly MadeUser[];
}

/** An image with more of them is not written by anybody. */
const MAXIMUM_PLACES = 100;

/** The packages in the home of root that `user`, who is not root, cannot read; `app`, `1000:0`. */
export function packagesClosedTo(user: string, stage: HomeOfStage): PlacedPackages[] {
  return isRootHomeOpenTo(user, stage) ? [] : placesOf(stage).filter(({ folder }) => isInRootHome(folder));
}

/** Whether the folder is below the home of root, and nothing opens that to `user`. */
export function isClosedTo(user: string, folder: string, stage: HomeOfStage): boolean {
  return isInRootHome(folder) && !isRootHomeOpenTo(user, stage);
}

/** Only what changes the folder /root itself opens what is below it; a path that is not known may be that folder. */
export function opensRootHome(path: string | undefined, isRecursive: boolean): boolean {
  return path === undefined || path === ROOT_HOME || (isRecursive && path === '/');
}

/** Where the packages of a stage are after COPY --from has taken `source` to `destination`. */
export function* movedPlaces(stage: HomeOfStage, source: string, destination: string): Generator<PlacedPackages> {
  for (const place of placesOf(stage)) {
    const rest = posix.relative(source, place.folder);
    if (rest !== '..' && !rest.startsWith('../')) yield { ...place, folder: posix.join(destination, rest) };
  }
}

/** `~` and `$HOME` are the home of the user; `undefined` where that is not known. */
export function inHome(path: string, home: string | undefined): string | undefined {
  const [start, rest] = /^(?:~|\$HOME|\$\{HOME\})(?:\/(.*))?$/s.exec(path) ?? [];
  if (start === undefined) return path;
  return home === undefined ? undefined : posix.join(home, rest ?? '');
}

/** The name or number of a USER instruction without its group; `undefined` where the base image decides. */
export function nameOfUser(user: string | undefined, baseImage: string | undefined): string | undefined {
  if (user === undefined) return baseImage !== undefined && isBareImage(baseImage) ? 'root' : undefined;
  const [name = ''] = user.split(':');
  return name === '' || name.includes('$') ? undefined : name;
}

export function isRoot(name: string): boolean {
  return name === 'root' || /^0+$/.test(name);
}

function isRootHomeOpenTo(user: string, stage: HomeOfStage): boolean {
  const stages = [...lineage(stage)];
  const accesses = stages.flatMap(({ openedTo }) => openedTo);
  const [name = ''] = user.split(':');
  const isGroup = accesses.some(({ kind }) => kind === 'another group') || mayBeInRootGroup(user, stages);
  return accesses.some((access) => {
    if (access.kind === 'owner') return isSame(access.name, name);
    return access.kind === 'everybody' || (access.kind === 'group' && isGroup);
  });
}

/** A number that no user has is in the group of root. */
function mayBeInRootGroup(user: string, stages: readonly HomeOfStage[]): boolean {
  const [name = '', group] = user.split(':');
  if (group !== undefined) return /^(?:0+|root)$|\$/.test(group);
  const made = stages.flatMap(({ madeUsers }) => madeUsers).find((each) => each.name === name || each.uid === name);
  return made?.mayBeInRootGroup ?? isNumber(name);
}

/** A name and a number, or a variable, may be the same user. */
function isSame(owner: string, user: string): boolean {
  if (owner.includes('$') || isNumber(owner) !== isNumber(user)) return true;
  return isNumber(owner) ? Number(owner) === Number(user) : owner === user;
}

function placesOf(stage: HomeOfStage): PlacedPackages[] {
  const places = new Map<string, PlacedPackages>();
  for (const { placedPackages } of lineage(stage)) {
    for (const place of placedPackages) {
      if (places.size < MAXIMUM_PLACES) places.set(`${place.line} ${place.folder}`, place);
    }
  }
  return [...places.values()].sort((a, b) => a.line - b.line);
}

function* lineage(stage: HomeOfStage): Generator<HomeOfStage> {
  for (let each: HomeOfStage | undefined = stage; each !== undefined; each = each.parent) yield each;
}

function isInRootHome(folder: string): boolean {
  return folder === ROOT_HOME || folder.startsWith(`${ROOT_HOME}/`);
}

function isNumber(text: string): boolean {
  return /^\d+$/.test(text);
}
