import { isIPv4 } from 'node:net';
import { KdeployError } from '../errors.js';
import { redactAddresses } from '../secrets/address.js';

/**
 * The proxy that Python's requests would go through (requests/utils.py: select_proxy, should_bypass_proxies), which is
 * what a container does. Of each variable the lower-case form wins. Throws KdeployError `configuration` for one that
 * cannot be used.
 */
export function proxyFor(url: URL, environment: NodeJS.ProcessEnv): URL | undefined {
  const scheme = url.protocol.slice(0, -1);
  const found = [`${scheme}_proxy`, 'all_proxy']
    .map((name) => variable(name, environment))
    .find(({ value }) => value !== '');
  const noProxy = [environment.no_proxy, environment.NO_PROXY].find((value) => value !== undefined && value !== '');
  if (found === undefined || isBypassed(url, noProxy ?? '')) return undefined;
  return proxyIn(found);
}

/** The proxy that a variable names. Throws KdeployError `configuration`. */
export function proxyIn({ name, value }: Variable): URL {
  const text = value.includes('://') ? value : `http://${value}`;
  const proxy = URL.canParse(text) ? new URL(text) : undefined;
  if (proxy !== undefined && /^https?:$/.test(proxy.protocol) && proxy.hostname !== '') return proxy;
  const shown = redactAddresses(text);
  throw new KdeployError('configuration', `${name} names ${shown}, which is not an HTTP proxy`, {
    hint: `set ${name} to http://HOST:PORT, or unset it`,
  });
}

interface Variable {
  readonly name: string;
  readonly value: string;
}

function variable(name: string, environment: NodeJS.ProcessEnv): Variable {
  const upper = name.toUpperCase();
  const lower = environment[name];
  // An empty one in lower case switches the other off.
  return lower === undefined ? { name: upper, value: environment[upper] ?? '' } : { name, value: lower };
}

function isBypassed({ hostname, port }: URL, noProxy: string): boolean {
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const entries = noProxy
    .replaceAll(' ', '')
    .split(',')
    .filter((entry) => entry !== '');
  if (entries.length === 1 && entries[0] === '*') return true;
  if (isIPv4(host) && entries.some((entry) => isInNetwork(host, entry))) return true;
  const names = port === '' || isIPv4(host) ? [host] : [host, `${host}:${port}`];
  return entries
    .map((entry) => entry.replace(/^\.+/, '').toLowerCase())
    .some((entry) => names.some((name) => name === entry || name.endsWith(`.${entry}`)));
}

/** `10.0.0.0/8` */
function isInNetwork(host: string, entry: string): boolean {
  const [network = '', bits = ''] = entry.split('/');
  if (!isIPv4(network) || !/^\d{1,2}$/.test(bits) || Number(bits) < 1 || Number(bits) > 32) return false;
  const size = 2 ** (32 - Number(bits));
  return Math.floor(numberOf(host) / size) === Math.floor(numberOf(network) / size);
}

function numberOf(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}
