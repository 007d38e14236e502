import { KdeployError } from '../../src/errors.js';

/** The KdeployError that a promise is rejected with; any other outcome fails the test. */
export async function rejection(promise: Promise<unknown>): Promise<KdeployError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof KdeployError) return error;
    throw error;
  }
  throw new Error('the promise was not rejected');
}
