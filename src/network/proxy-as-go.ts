import { BlockList, isIP } from 'node:net';
import { isLoopbackHost } from '../loopback-host.js';
import { proxyIn } from './proxy.js';

/**
 * The proxy that docker, crane and other programs in Go would go through (golang.org/x/net/http/httpproxy): of each
 * variable the upper-case form wins, ALL_PROXY is not read, and this machine is never asked for through one. Throws
 * KdeployError `configuration` for a proxy that cannot be used.
 */
export function proxyAsGo(url: URL, environment: NodeJS.ProcessEnv): URL | undefined {
  const scheme = url.protocol.slice(0, -1);
  const name = given(`${scheme}_proxy`, environment);
  if (name === undefined || isLoopbackHost(url.hostname)) return undefined;
  const exceptions = environment[given('no_proxy', environment) ?? ''] ?? '';
  return isExcepted(url, exceptions) ? undefined : proxyIn({ name, value: environment[name] ?? '' });
}

function given(name: string, environment: NodeJS.ProcessEnv): string | undefined {
  return [name.toUpperCase(), name].find((each) => (environment[each] ?? '') !== '');
}

function isExcepted({ hostname, port, protocol }: URL, exceptions: string): boolean {
  const host = hostname.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  const asked = port === '' ? (protocol === 'https:' ? '443' : '80') : port;
  return exceptions
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .filter((entry) => entry !== '')
    .some((entry) => entry === '*' || isInNetwork(host, entry) || isNamed(host, asked, entry));
}

/** `10.0.0.0/8` */
function isInNetwork(host: string, entry: string): boolean {
  const [network = '', bits = ''] = entry.split('/');
  const [family, other] = [isIP(host), isIP(network)];
  if (family === 0 || family !== other || !/^\d{1,3}$/.test(bits) || Number(bits) > (family === 4 ? 32 : 128))
    return false;
  const type = family === 4 ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  list.addSubnet(network, Number(bits), type);
  return list.check(host, type);
}

/** `acme.io` with what is below it, `.acme.io` and `*.acme.io` only what is; each with a port, or any. */
function isNamed(host: string, askedPort: string, entry: string): boolean {
  const [, bracketed, plain, port] =
    /^(?:\[(.+)\]|(.*?))(?::(\d+))?$/.exec(isIP(entry) === 6 ? `[${entry}]` : entry) ?? [];
  const name = (bracketed ?? plain ?? '').replace(/^\*(?=\.)/, '');
  if (name === '' || (port !== undefined && port !== askedPort)) return false;
  if (isIP(host) !== 0) return isIP(name) !== 0 && new URL(addressOf(name)).host === new URL(addressOf(host)).host;
  return name.startsWith('.') ? host.endsWith(name) : host === name || host.endsWith(`.${name}`);
}

/** As a URL writes it, in which each address has one form. */
function addressOf(ip: string): string {
  return isIP(ip) === 6 ? `http://[${ip}]` : `http://${ip}`;
}
