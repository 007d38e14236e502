/**
 * Whether a host, as `URL.hostname` gives it, is the machine (or the container) itself: localhost and its subdomains
 * (RFC 6761), 127.0.0.0/8, ::1, and the unspecified addresses, which connect to the same.
 */
export function isLoopbackHost(host: string): boolean {
  const name = host
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');
  if (name === 'localhost' || name.endsWith('.localhost')) return true;
  if (/^127\.\d+\.\d+\.\d+$/.test(name) || name === '0.0.0.0') return true;
  // `::ffff:127.0.0.1` is written `::ffff:7f00:1` by the URL standard.
  return name === '::1' || name === '::' || /^::ffff:7f[0-9a-f]{2}:/.test(name) || name === '::ffff:0:0';
}
