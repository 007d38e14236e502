/** Longer ones are not worth the time: BuildKit's patterns in `${NAME%pattern}` are a handful of characters. */
const MAXIMUM_LENGTH = 256;

/**
 * Where a match of the pattern (`*`, `?`, `\` before a literal) that begins at `start` may end, in order; `undefined`
 * when text or pattern is too long to try. All ends are followed side by side, so that no pattern is slow.
 */
export function matchEnds(pattern: string, text: string, start: number): number[] | undefined {
  if (pattern.length > MAXIMUM_LENGTH || text.length > MAXIMUM_LENGTH) return undefined;
  let ends = [start];
  for (let at = 0; at < pattern.length; at++) {
    const [first] = ends;
    if (first === undefined) return [];
    if (pattern[at] === '*') {
      ends = Array.from({ length: text.length - first + 1 }, (_, index) => first + index);
      continue;
    }
    const isAny = pattern[at] === '?';
    if (pattern[at] === '\\') at++;
    const literal = pattern[at];
    ends = ends.filter((end) => end < text.length && (isAny || text[end] === literal)).map((end) => end + 1);
  }
  return ends;
}
