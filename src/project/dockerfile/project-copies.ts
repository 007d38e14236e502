import { parsePattern } from './dockerignore-pattern.js';
import type { ProjectCopy } from './stage.js';

/** Whether one of the copies takes a file or folder of the project along. */
export function copiedBy(copies: readonly Pick<ProjectCopy, 'sources'>[]): (path: string) => boolean {
  const sources = copies.flatMap((copy) => copy.sources);
  const patterns = sources.map((source) => parsePattern(source.replace(/^[#!]/, '[$&]')));
  if (sources.some((source) => /^\.?\/*$/.test(source)) || patterns.includes(undefined)) return () => true;
  return (path) => patterns.some((pattern) => pattern?.matches(path));
}
