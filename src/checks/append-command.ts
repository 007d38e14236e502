import type { ProjectSource } from '../project/sources/source.js';
import { shellWord } from '../shell-words.js';

/**
 * The command that puts a line at the end of a file. One without a line break at its end, as `kedro new` writes
 * requirements.txt, would get the line behind its last one.
 */
export async function appendCommand(file: string, line: string, source: ProjectSource): Promise<string> {
  const bytes = (await source.read(file)) ?? Buffer.alloc(0);
  const endsLine = bytes.length === 0 || bytes.at(-1) === 0x0a;
  return `${endsLine ? `echo '${line}'` : `printf '\\n${line}\\n'`} >> ${shellWord(file)}`;
}

/**
 * The command that keeps a path out of the image. kedro docker writes its .dockerignore only where there is none: a file
 * with this line alone would take its place, and let everything into the image that the template excludes.
 */
export async function excludeCommand(
  path: string,
  ignoreFile: string | undefined,
  source: ProjectSource,
): Promise<string> {
  return ignoreFile === undefined
    ? `kedro docker init && echo '${path}' >> .dockerignore`
    : appendCommand(ignoreFile, path, source);
}
