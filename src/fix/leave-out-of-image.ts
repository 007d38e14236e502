import { KEDRO_DOCKER_TEMPLATE, readBuildContext } from '../project/dockerfile/dockerignore.js';
import { appendLine, refused } from './append-line.js';
import type { FixStrategy } from './strategy.js';

/**
 * A line for one file. Where there is no .dockerignore, kedro docker would have written its own before the build; a file
 * with a single line would take its place and let everything into the image that the template leaves out. So the
 * template comes first.
 */
export const leaveOutOfImage: FixStrategy<'leave-out-of-image'> = async ({ ignoreFile, path }, { source }) => {
  const before = await source.read(ignoreFile);
  const start = before ?? Buffer.from(`${KEDRO_DOCKER_TEMPLATE.join('\n')}\n`);
  const after = appendLine(ignoreFile, start, patternFor(path, ignoreFile));

  const read = (file: string) => (file === ignoreFile ? Promise.resolve(after) : source.read(file));
  const context = await readBuildContext(
    { ...source, read },
    { dockerfile: ignoreFile.replace(/\.?dockerignore$/, ''), usesBuildKit: ignoreFile !== '.dockerignore' },
  );
  if (context.isIgnored(path)) return { file: ignoreFile, before, after };
  throw refused(
    ignoreFile,
    `a line in ${ignoreFile} would not keep ${path} out of the image`,
    'move the file elsewhere',
  );
};

/** A path as a pattern that matches nothing else (Go's filepath.Match, which Docker uses). */
function patternFor(path: string, ignoreFile: string): string {
  if (/\p{Cc}/u.test(path) || path !== path.trim()) {
    throw refused(
      ignoreFile,
      'the name of a file contains characters that .dockerignore cannot express',
      'rename the file',
    );
  }
  const pattern = path.replaceAll(/[\\*?[\]]/g, '\\$&');
  // Signs of their own at the start of a line, a comment and an exception.
  return /^[!#]/.test(pattern) ? `\\${pattern}` : pattern;
}
