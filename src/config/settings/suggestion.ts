import { nearName } from '../../near-name.js';

/**
 * The candidate that was probably meant, or `undefined` when none is near: `imge` → `image`, `trackingUri` → `tracking_uri`.
 * Long words may have several slips.
 */
export async function didYouMean(word: string, candidates: readonly string[]): Promise<string | undefined> {
  const near = nearName(word, candidates);
  if (near !== undefined || candidates.length === 0) return near;
  // Loaded here: a configuration without mistakes has no use for it.
  const { closest, distance } = await import('fastest-levenshtein');
  const nearest = closest(word, [...candidates]);
  return distance(word, nearest) <= Math.ceil(Math.min(word.length, nearest.length) / 3) ? nearest : undefined;
}
