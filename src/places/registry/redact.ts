/**
 * The query keys of the registry protocol. An allowlist: any other key probably comes from a redirect to a blob store
 * and may be a signature that opens it to everyone.
 */
const PROTOCOL_KEYS = new Set(['scope', 'service', 'account', 'mount', 'from', 'digest', 'n', 'last', 'client_id']);

const HIDDEN = '***';

/** An address that is safe in a message: no user, no password, no fragment, and only the protocol's own query values. */
export function redactUrl(address: string | URL): string {
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    return '(an invalid URL)';
  }
  url.username = '';
  url.password = '';
  url.hash = '';
  for (const key of [...url.searchParams.keys()]) if (!PROTOCOL_KEYS.has(key)) url.searchParams.set(key, HIDDEN);
  // Scopes are for reading: `repository:app:pull`, not `repository%3Aapp%3Apull`.
  return url.href.replaceAll('%3A', ':').replaceAll('%2F', '/').replaceAll('%2C', ',');
}
