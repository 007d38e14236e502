/** Docker Hub's official images with nothing in them but a distribution, or Python (and uv's own). */
const BARE = new Set(['python', 'debian', 'ubuntu', 'buildpack-deps']);

/**
 * Whether an image is known to bring no packages and users of a project: `python:3.11-slim`, also from a mirror. What
 * any other image contains cannot be told without pulling it.
 */
export function isBareImage(image: string): boolean {
  const [name = '', tag = ''] = image.split(/[:@](?=[^/]*$)/);
  // `python:3-onbuild` copies the project by itself.
  if (tag.endsWith('onbuild')) return false;
  const parts = name.split('/');
  if (parts.slice(-2).join('/') === 'astral-sh/uv') return true;
  if (!BARE.has(parts.at(-1) ?? '')) return false;
  return parts.length === 1 || parts.at(-2) === 'library';
}

/** Whether an image is known to have no git: `python:3.11` is built on buildpack-deps, which has it; `-slim` is not. */
export function isWithoutGit(image: string): boolean {
  if (!isBareImage(image)) return false;
  const [name = '', tag = ''] = image.replace(/@.*$/, '').split(/:(?=[^/]*$)/);
  const repository = name.split('/').at(-1);
  return repository === 'debian' || repository === 'ubuntu' || (repository === 'python' && /slim|alpine/.test(tag));
}

/** /etc/passwd of debian:bullseye to trixie; a name or ID of one of them need not be that of all. */
const DEBIAN_USERS: readonly (readonly [name: string, ...ids: string[]])[] = [
  ['root', '0'],
  ['daemon', '1'],
  ['bin', '2'],
  ['sys', '3'],
  ['sync', '4'],
  ['games', '5'],
  ['man', '6'],
  ['lp', '7'],
  ['mail', '8'],
  ['news', '9'],
  ['uucp', '10'],
  ['proxy', '13'],
  ['www-data', '33'],
  ['backup', '34'],
  ['list', '38'],
  ['irc', '39'],
  ['nobody', '65534'],
  // Not in all of them, or with different IDs.
  ['_apt'],
  ['gnats'],
  ['systemd-network'],
  ['systemd-timesync'],
  ['messagebus'],
];

/** /etc/group of the same: macOS gives its users the group 20. */
const DEBIAN_GROUPS: Readonly<Record<string, number>> = {
  root: 0,
  daemon: 1,
  bin: 2,
  sys: 3,
  adm: 4,
  tty: 5,
  disk: 6,
  lp: 7,
  mail: 8,
  news: 9,
  uucp: 10,
  man: 12,
  proxy: 13,
  kmem: 15,
  dialout: 20,
  fax: 21,
  voice: 22,
  cdrom: 24,
  floppy: 25,
  tape: 26,
  sudo: 27,
  audio: 29,
  dip: 30,
  'www-data': 33,
  backup: 34,
  operator: 37,
  list: 38,
  irc: 39,
  src: 40,
  shadow: 42,
  utmp: 43,
  video: 44,
  sasl: 45,
  plugdev: 46,
  staff: 50,
  games: 60,
  users: 100,
  nogroup: 65534,
};

/** The users that those images have. */
export const USERS_OF_BARE_IMAGES: ReadonlySet<string> = new Set([...DEBIAN_USERS.map(([name]) => name), 'ubuntu']);

/** Ubuntu's images since 23.04 have a user of the ID that most people have. */
const UBUNTU_WITH_USER =
  /^(?:2[4-9]\.|23\.(?:04|10)|latest|rolling|devel|lunar|mantic|noble|oracular|plucky|questing|resolute)|^$/;

/** The user that a bare image is certain to have under this ID or name; `undefined` where there is none, or it is not known. */
export function userOfBareImage(image: string, uidOrName: string): string | undefined {
  if (!isDebian(image)) return undefined;
  if (uidOrName === 'ubuntu' || Number(uidOrName) === 1000) return hasUbuntuUser(image) ? 'ubuntu' : undefined;
  return DEBIAN_USERS.find(
    ([name, id]) => id !== undefined && (name === uidOrName || (uidOrName !== '' && Number(id) === Number(uidOrName))),
  )?.[0];
}

/** The same of groups. */
export function groupOfBareImage(image: string, gid: string): string | undefined {
  if (!isDebian(image) || gid === '') return undefined;
  if (Number(gid) === 1000) return hasUbuntuUser(image) ? 'ubuntu' : undefined;
  return Object.entries(DEBIAN_GROUPS).find(([, id]) => id === Number(gid))?.[0];
}

function isDebian(image: string): boolean {
  return isBareImage(image) && !image.includes('alpine');
}

function hasUbuntuUser(image: string): boolean {
  const [name = '', tag = ''] = image.replace(/@.*$/, '').split(/:(?=[^/]*$)/);
  const isUbuntu = name.endsWith('ubuntu') || (name.endsWith('buildpack-deps') && tag !== '');
  return isUbuntu && !(image.includes('@') && tag === '') && UBUNTU_WITH_USER.test(tag);
}
