import type { ShippedPackage } from './shipped-package.js';

/** The files of PyPI. */
const PUBLIC_HOSTS = ['files.pythonhosted.org'];

/** Of what others can reach: a `file:` names a folder of this machine. */
const SCHEMES = /^(?:git\+)?(?:https?|ssh):$/;

/**
 * A URL that everybody who has the image may read: without user, password, query and fragment, in which indexes and signed
 * links keep tokens. `undefined` for a place on this machine, and for anything but a URL.
 */
export function publicUrl(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (!SCHEMES.test(url.protocol) || url.hostname === '') return undefined;
  url.username = '';
  url.password = '';
  url.search = '';
  url.hash = '';
  return url.href;
}

/**
 * Where a package may be downloaded from. Of indexes only PyPI is named: some private ones have a token in the path of
 * each file (Cloudsmith's entitlements, Gemfury), where it looks like any other part of it.
 */
export function downloadUrl({ url, isDirect = false }: ShippedPackage): string | undefined {
  const shown = url === undefined ? undefined : publicUrl(url);
  return shown !== undefined && (isDirect || PUBLIC_HOSTS.includes(new URL(shown).hostname)) ? shown : undefined;
}
