import { readFile } from 'node:fs/promises';
import { KdeployError } from '../errors.js';

/** The text of a file that contains a secret. Throws KdeployError `credentials` that names the file, never what is in it. */
export async function readSecretFile(file: string, what: string): Promise<string> {
  let text: string;
  try {
    text = (await readFile(file, 'utf8')).trim();
  } catch (error) {
    throw new KdeployError('credentials', `${what} ${file} cannot be read on this machine`, {
      cause: error,
      hint: 'in the cluster it is mounted; to try it here, put one there',
    });
  }
  if (/\s/.test(text)) {
    throw new KdeployError('credentials', `${what} ${file} has more than one word in it`, {
      hint: 'it shall hold the secret and nothing else',
    });
  }
  if (text !== '') return text;
  throw new KdeployError('credentials', `${what} ${file} is empty`, { hint: 'see what should write it' });
}
