import { KdeployError } from '../../../../src/errors.js';

export { rejection as refusal } from '../../../support/rejection.js';

/** All that a user may get to see of an error, with --verbose too: messages, hints and stacks down the chain. */
export function everythingIn(error: unknown): string {
  const parts: string[] = [];
  for (let current = error; current instanceof Error; current = current.cause) {
    parts.push(current.message, current.stack ?? '', JSON.stringify(current));
    if (current instanceof KdeployError) parts.push(current.hint ?? '', ...current.output);
  }
  return parts.join('\n');
}
