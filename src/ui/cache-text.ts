import type { CacheUsage } from '../cache/usage.js';
import { bytesText, columns } from './columns.js';

/** A line for each kind, and one for all; `undefined` where there is nothing. */
export function usageText({ kinds, entries, bytes }: CacheUsage): string | undefined {
  if (entries === 0) return undefined;
  return columns(
    [...kinds, { kind: 'in all', entries, bytes }].map((each) => [
      each.kind,
      `${bytesText(each.bytes)} in ${each.entries} ${each.entries === 1 ? 'entry' : 'entries'}`,
    ]),
    '  ',
  );
}
