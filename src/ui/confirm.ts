import { KdeployError } from '../errors.js';
import type { Readable, Writable } from 'node:stream';

export interface Terminal {
  readonly input: Readable;
  readonly output: Writable;
}

/**
 * Asks, and waits for an answer; anything but a yes, the end of the input as well, is a no. Throws KdeployError
 * `interrupted` for Ctrl-C, which a terminal hands to whoever reads from it instead of sending the signal.
 */
export async function confirm(question: string, { input, output }: Terminal, signal: AbortSignal): Promise<boolean> {
  const { createInterface } = await import('node:readline/promises');
  const lines = createInterface({ input, output });
  // Without this, the end of the input leaves the question open for ever.
  const ended = new Promise<string>((resolve, reject) => {
    lines.once('SIGINT', () => reject(new KdeployError('interrupted', 'interrupted (SIGINT)')));
    lines.once('close', () => resolve(''));
  });
  try {
    const answer = await Promise.race([lines.question(`${question} [y/N] `, { signal }), ended]);
    return /^y(?:es)?$/i.test(answer.trim());
  } finally {
    lines.close();
  }
}
