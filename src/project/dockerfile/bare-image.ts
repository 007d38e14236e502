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

/** The users that those images have. */
export const USERS_OF_BARE_IMAGES: ReadonlySet<string> = new Set([...DEBIAN_USERS.map(([name]) => name), 'ubuntu']);

/** Ubuntu's images since 23.04 have a user of the ID that most people have. */
const UBUNTU_WITH_USER =
  /^(?:2[4-9]\.|23\.(?:04|10)|latest|rolling|devel|lunar|mantic|noble|oracular|plucky|questing|resolute)|^$/;

/** The user that a bare image is certain to have under this ID; `undefined` where there is none, or it is not known. */
export function userOfBareImage(image: string, uid: string): string | undefined {
  if (!isBareImage(image) || image.includes('alpine')) return undefined;
  const [name = '', tag = ''] = image.replace(/@.*$/, '').split(/:(?=[^/]*$)/);
  const isUbuntu = name.endsWith('ubuntu') || (name.endsWith('buildpack-deps') && tag !== '');
  if (Number(uid) === 1000) {
    const isWithout = image.includes('@') && tag === '';
    return isUbuntu && !isWithout && UBUNTU_WITH_USER.test(tag) ? 'ubuntu' : undefined;
  }
  return DEBIAN_USERS.find(([, id]) => id !== undefined && Number(id) === Number(uid))?.[0];
}
