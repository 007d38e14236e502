import { existsSync } from 'node:fs';

/** Debian's own list of certificate authorities, to which `update-ca-certificates` adds the ones of the machine's owner. */
const systemBundle = '/etc/ssl/certs/ca-certificates.crt';

/** The certificate authorities this machine trusts: the way to PyPI may lead through a proxy with a certificate of its own. */
export function certificateBundle(host: NodeJS.ProcessEnv = process.env): string | undefined {
  const candidates = [host.SSL_CERT_FILE, host.PIP_CERT, host.REQUESTS_CA_BUNDLE, systemBundle];
  return candidates.find((file) => file !== undefined && file !== '' && existsSync(file));
}

/**
 * Which index the machine's owner set for pip, and which proxy leads there, told to pip and to uv, which reads other names.
 * Left out is what names a file or folder of this machine, since a container has none of them.
 */
export function packageIndexVariables(host: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const variables: Record<string, string> = {};
  const carry = (from: string, ...to: string[]): void => {
    const value = host[from];
    if (value === undefined || value === '') return;
    for (const name of to) variables[name] ??= value;
  };
  carry('UV_DEFAULT_INDEX', 'UV_DEFAULT_INDEX');
  carry('UV_INDEX', 'UV_INDEX');
  carry('PIP_INDEX_URL', 'PIP_INDEX_URL', 'UV_DEFAULT_INDEX');
  carry('PIP_EXTRA_INDEX_URL', 'PIP_EXTRA_INDEX_URL', 'UV_INDEX');
  carry('PIP_TRUSTED_HOST', 'PIP_TRUSTED_HOST', 'UV_INSECURE_HOST');
  carry('PIP_DEFAULT_TIMEOUT', 'PIP_DEFAULT_TIMEOUT', 'UV_HTTP_TIMEOUT');
  for (const name of ['http_proxy', 'https_proxy', 'all_proxy', 'no_proxy']) {
    carry(name, name, name.toUpperCase());
    carry(name.toUpperCase(), name, name.toUpperCase());
  }
  return variables;
}

/** Python tools look for certificate authorities under three names. */
export function certificateVariables(bundle: string): Record<string, string> {
  return { PIP_CERT: bundle, SSL_CERT_FILE: bundle, REQUESTS_CA_BUNDLE: bundle };
}

/** Adds an address to the ones that are reached without the proxy, where there is one. */
export function withoutProxyFor(address: string, variables: Readonly<Record<string, string>>): Record<string, string> {
  if (variables.http_proxy === undefined && variables.https_proxy === undefined) return { ...variables };
  const exceptions = [variables.no_proxy, 'localhost', '127.0.0.1', address].filter(Boolean).join(',');
  return { ...variables, no_proxy: exceptions, NO_PROXY: exceptions };
}
