/** Where a remote repository is hosted: `{host: 'github.com', path: 'acme/spaceflights'}`. */
export interface RemoteLocation {
  readonly host: string;
  readonly path: string;
}

/** `git@github.com:acme/spaceflights.git`; a single letter before the colon is a Windows drive. */
const SCP_LIKE = /^(?:[^@/:]+@)?([\w.-]{2,}):(?!\/\/)(.+)$/;

/**
 * A remote's address as it may be shown and put on an image: without user and password (CI writes its token there), and
 * git's short form of ssh written out. `undefined` for a folder of this machine, which means nothing elsewhere.
 */
export function publicRemoteUrl(remote: string): string | undefined {
  const short = SCP_LIKE.exec(remote);
  const text =
    short !== null && !remote.includes('://')
      ? `ssh://${short[1] ?? ''}/${(short[2] ?? '').replace(/^\//, '')}`
      : remote;
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.hostname === '' || url.protocol === 'file:') return undefined;
  url.username = '';
  url.password = '';
  url.search = '';
  url.hash = '';
  return url.href;
}

export function remoteLocation(remote: string): RemoteLocation | undefined {
  const text = publicRemoteUrl(remote);
  if (text === undefined) return undefined;
  const url = new URL(text);
  const path = url.pathname.replace(/^\/+|\/+$/g, '').replace(/\.git$/, '');
  return path === '' ? undefined : { host: url.hostname.toLowerCase(), path };
}
