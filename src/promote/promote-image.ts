import type { ReferrerSink } from '../image/sink.js';
import type { ImageSource } from '../image/source.js';
import { readTree } from '../image/tree.js';
import type { Progress } from '../progress.js';
import type { PushedImage } from '../publish/push-images.js';
import type { Allowances } from '../publish/refusals.js';
import { copyReferrers, referrersIn } from './copy-referrers.js';
import { publishTree, type PublishParts, type Target } from './publish-tree.js';

export interface PromoteParts extends Pick<PublishParts, 'secretsIn'> {
  readonly source: ImageSource;
  readonly sink: ReferrerSink;
}

export interface PromoteRequest extends Allowances {
  readonly target: Target;
  /** Whether what belongs to the image in its registry (signatures, SBOMs) comes along. */
  readonly referrers: boolean;
  /** Whether it is a failure that the other registry does not take one of them. */
  readonly requireSbom: boolean;
}

/**
 * Copies an image by its digest to a repository of a registry: all platforms of it, with what describes them and what belongs
 * to it. Throws what `publishTree` and `copyReferrers` throw.
 */
export async function promoteImage(
  { source, sink, secretsIn }: PromoteParts,
  { target, referrers, requireSbom, ...allowances }: PromoteRequest,
  progress: Progress,
): Promise<PushedImage> {
  const tree = await readTree(source);
  const found = referrers ? await referrersIn(tree, source) : [];
  const options = { isRequired: requireSbom, note: (text: string) => progress.note(text) };
  const bringAlong = async () => {
    const count = await copyReferrers(found, source, sink, options);
    return count === 0 ? undefined : `${count} ${count === 1 ? 'referrer' : 'referrers'}`;
  };
  const parts = { sink, secretsIn, ...(found.length > 0 && { bringAlong }) };
  const [pushed] = await publishTree(tree, source.name, parts, [target], allowances, progress);
  if (pushed === undefined) throw new Error('nothing was pushed');
  return pushed;
}
