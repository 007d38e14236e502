import { inspect } from 'node:util';

/** All that an error or a value says, to somebody or to a log: messages, stacks, causes, and every other field. */
export function everythingIn(value: unknown): string {
  return inspect(value, { depth: Infinity, showHidden: true, maxStringLength: Infinity, maxArrayLength: Infinity });
}
