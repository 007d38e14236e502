import { KdeployError } from '../../../../src/errors.js';

/** The KdeployError that an action ends with; anything else it does is the test's failure. */
export async function refusal(action: Promise<unknown>): Promise<KdeployError> {
  try {
    await action;
  } catch (error) {
    if (error instanceof KdeployError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

/** All that a user may get to see of an error, with --verbose too: messages, hints and stacks down the chain. */
export function everythingIn(error: unknown): string {
  const parts: string[] = [];
  for (let current = error; current instanceof Error; current = current.cause) {
    parts.push(current.message, current.stack ?? '', JSON.stringify(current));
    if (current instanceof KdeployError) parts.push(current.hint ?? '', ...current.output);
  }
  return parts.join('\n');
}
