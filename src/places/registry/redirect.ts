import { Misled } from './connection-error.js';
import type { WireAnswer } from './wire.js';

/** A registry sends to its blob store, which may send to another; more is a circle. */
export const MAXIMUM_REDIRECTS = 5;

const STATUSES = new Set([301, 302, 303, 307, 308]);

/**
 * Where an answer sends who reads; `undefined` where it sends nowhere. What was asked for over TLS is not asked for
 * without. Throws Misled.
 */
export function redirectOf({ status, headers }: Pick<WireAnswer, 'status' | 'headers'>, from: URL): URL | undefined {
  const location = STATUSES.has(status) ? headers.get('location') : null;
  if (location === null) return undefined;
  if (!URL.canParse(location, from.href)) throw new Misled('redirected to an invalid address');
  const to = new URL(location, from);
  to.hash = '';
  if (!/^https?:$/.test(to.protocol) || to.username !== '' || to.password !== '')
    throw new Misled('redirected to an invalid address');
  if (to.protocol === 'http:' && from.protocol === 'https:') throw new Misled('redirected from https to http');
  return to;
}

/** To another origin goes nothing that says who asks: a blob store has a signature in its address instead. */
export function headersFor(
  to: URL,
  from: URL,
  headers: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  if (to.origin === from.origin) return headers;
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !/^(?:proxy-)?authorization$|^cookie$/i.test(name)),
  );
}
