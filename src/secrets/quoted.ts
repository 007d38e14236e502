import { redactAddresses } from './address.js';

/** `name@sha256:…` is an image; nothing before that @ is a password. */
const DIGEST = /^@sha\d+:[0-9a-f]+$/i;

/**
 * A user's text as a message may repeat it: in quotes, of a sane length, without what may be a password. Whatever comes
 * before an @ is left out (`"…@host"`), since a text that was refused need not have the form of an address. Cut last: the
 * first half of an address is not known as one any more.
 */
export function quoted(text: string, longest = 100): string {
  const at = text.lastIndexOf('@');
  const safe = redactAddresses(at === -1 || DIGEST.test(text.slice(at)) ? text : `…${text.slice(at)}`);
  return JSON.stringify(safe.length > longest ? `${safe.slice(0, longest)}…` : safe);
}
