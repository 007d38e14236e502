import { proxyFor } from '../../../network/proxy.js';
import { HttpWire } from '../../../places/registry/http-wire.js';
import type { Wire } from '../../../places/registry/wire.js';

/**
 * How files of indexes are asked for: through the proxies that pip would use (uv reads the same variables, ALL_PROXY among
 * them), trusting SSL_CERT_FILE, and with any certificate from the hosts that uv is told not to check.
 */
export function indexWire(environment: NodeJS.ProcessEnv): Wire {
  const insecure = (environment.UV_INSECURE_HOST ?? '').split(/[\s,]+/).filter((host) => host !== '');
  return new HttpWire(environment, undefined, {
    proxyFor,
    isInsecure: (url) => insecure.some((host) => isNamed(url, host)),
  });
}

/** `pypi.acme.io`, `pypi.acme.io:8443` and `https://pypi.acme.io`, as uv's `--allow-insecure-host` takes them. */
function isNamed(url: URL, name: string): boolean {
  const text = name.includes('://') ? name : `${url.protocol}//${name}`;
  if (!URL.canParse(text)) return false;
  const named = new URL(text);
  const hasPort = /:\d+\/?$/.test(name);
  return named.protocol === url.protocol && named.hostname === url.hostname && (!hasPort || named.port === url.port);
}
