/**
 * The candidate that was probably meant, or `undefined` when none is near: `imge` → `image`, `trackingUri` → `tracking_uri`.
 */
export async function didYouMean(word: string, candidates: readonly string[]): Promise<string | undefined> {
  const folded = fold(word);
  const same = candidates.find((candidate) => fold(candidate) === folded);
  if (same !== undefined || candidates.length === 0) return same;
  // Loaded here: a configuration without mistakes has no use for it.
  const { closest, distance } = await import('fastest-levenshtein');
  const nearest = closest(word, [...candidates]);
  return distance(word, nearest) <= Math.ceil(Math.min(word.length, nearest.length) / 3) ? nearest : undefined;
}

/** Spelling that people mix up: case, and the sign between words. */
function fold(word: string): string {
  return word.toLowerCase().replaceAll(/[-_.\s]/g, '');
}
