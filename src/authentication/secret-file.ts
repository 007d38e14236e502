import { KdeployError } from '../errors.js';
import { readPlainFile } from '../plain-file.js';
import { trimmedSecret } from './credential-value.js';

/** The text of a file that contains a secret. Throws KdeployError `credentials` that names the file, never what is in it. */
export async function readSecretFile(file: string, what: string): Promise<string> {
  let text: string;
  try {
    text = trimmedSecret((await readPlainFile(file)).toString('utf8'));
  } catch (error) {
    throw new KdeployError('credentials', `${what} ${file} cannot be read on this machine`, {
      cause: error,
      hint: 'it is mounted in the cluster; to test it here, create the file',
    });
  }
  if (/\s/.test(text)) {
    throw new KdeployError('credentials', `${what} ${file} contains more than one word`, {
      hint: 'it must contain only the secret',
    });
  }
  if (text !== '') return text;
  throw new KdeployError('credentials', `${what} ${file} is empty`, { hint: 'check what writes the file' });
}
