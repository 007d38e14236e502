import { KdeployError } from '../errors.js';
import type { ProjectSource } from '../project/sources/source.js';
import { isSameText } from '../same-text.js';
import type { FileChange } from './file-change.js';

/** A file that kdeploy writes as a whole, and what becomes of the one that there is. */
export interface WrittenFile {
  readonly file: string;
  readonly state: 'created' | 'changed' | 'unchanged';
  /** `undefined`: it is as it would be written. */
  readonly change: FileChange | undefined;
}

/** Reads the file; writes nothing. Throws KdeployError `configuration` for one that somebody else wrote. */
export async function writtenFile(
  source: ProjectSource,
  { file, text }: { readonly file: string; readonly text: string },
  isOurs: (text: string) => boolean,
): Promise<WrittenFile> {
  const before = await source.read(file);
  const after = Buffer.from(text);
  if (before === undefined) return { file, state: 'created', change: { file, before, after } };
  if (isSameText(before, text)) return { file, state: 'unchanged', change: undefined };
  if (!isOurs(before.toString('utf8'))) {
    throw new KdeployError('configuration', `${file} was not written by kdeploy`, {
      place: { file },
      hint: 'choose another file with --output, or overwrite it with --force',
    });
  }
  return { file, state: 'changed', change: { file, before, after } };
}
