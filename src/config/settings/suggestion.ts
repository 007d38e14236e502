/**
 * The candidate that was probably meant, or `undefined` when none is near: `imge` → `image`, `trackingUri` → `tracking_uri`.
 */
export async function didYouMean(word: string, candidates: readonly string[]): Promise<string | undefined> {
  const folded = fold(word);
  const same = candidates.find((candidate) => fold(candidate) === folded);
  if (same !== undefined || candidates.length === 0) return same;
  // Loaded here: a configuration without mistakes has no use for it.
  const { closest, distance } = await import('fastest-levenshtein');
  const swapped = candidates.find((candidate) => isSwapped(word, candidate));
  if (swapped !== undefined) return swapped;
  const nearest = closest(word, [...candidates]);
  return distance(word, nearest) <= Math.ceil(Math.min(word.length, nearest.length) / 3) ? nearest : undefined;
}

/** `tga` for `tag`: the commonest slip, which the distance counts twice. */
function isSwapped(word: string, candidate: string): boolean {
  let at = 0;
  while (at < word.length && word[at] === candidate[at]) at++;
  const swapped = word.slice(0, at) + word.slice(at + 1, at + 2) + word.slice(at, at + 1) + word.slice(at + 2);
  return swapped === candidate;
}

/** Spelling that people mix up: case, and the sign between words. */
function fold(word: string): string {
  return word.toLowerCase().replaceAll(/[-_.\s]/g, '');
}
