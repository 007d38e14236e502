/** Docker Hub's official images with nothing in them but a distribution, or Python (and uv's own). */
const BARE = new Set(['python', 'debian', 'ubuntu', 'buildpack-deps']);

/**
 * Whether an image is known to bring no packages and users of a project: `python:3.11-slim`, also from a mirror. What
 * any other image contains cannot be told without pulling it.
 */
export function isBareImage(image: string): boolean {
  const [name = ''] = image.split(/[:@](?=[^/]*$)/);
  const parts = name.split('/');
  if (parts.slice(-2).join('/') === 'astral-sh/uv') return true;
  if (!BARE.has(parts.at(-1) ?? '')) return false;
  return parts.length === 1 || parts.at(-2) === 'library';
}

/** The users that those images have (/etc/passwd of debian:bookworm). */
export const USERS_OF_BARE_IMAGES: ReadonlySet<string> = new Set(
  (
    'root daemon bin sys sync games man lp mail news uucp proxy www-data backup list irc _apt nobody gnats ubuntu ' +
    'systemd-network systemd-timesync messagebus'
  ).split(' '),
);
