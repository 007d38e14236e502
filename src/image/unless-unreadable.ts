import { KdeployError } from '../errors.js';

/** `undefined` for what cannot be read; an interruption and a defect stay what they are. Throws those. */
export async function unlessUnreadable<Value>(reading: Promise<Value>): Promise<Value | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof KdeployError && error.code !== 'interrupted') return undefined;
    throw error;
  }
}
