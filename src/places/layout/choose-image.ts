import { KdeployError } from '../../errors.js';
import { isDigest, type Digest } from '../../image/digest.js';
import { parseReference, type ImageReference } from '../../image/reference.js';

/** One of the images in a file. */
export interface NamedImage {
  readonly digest: Digest;
  /** Tags, or whole names: each tool writes what it likes. */
  readonly names: readonly string[];
}

const MAXIMUM_SHOWN = 10;

/**
 * The image that was asked for: by its digest (`undefined` where none has it), by a name as it is written, by the same name
 * written otherwise (`app:v1` for `docker.io/library/app:v1`), or by the tag of a name. Without a name it is the only one.
 * Throws KdeployError `usage` where there are several, `image-not-found` where there is none.
 */
export function chooseImage<Entry extends NamedImage>(
  images: readonly Entry[],
  wanted: string | undefined,
  { what, path }: { readonly what: string; readonly path: string },
): Entry | undefined {
  if (wanted === undefined) {
    const [first] = images;
    if (first === undefined) throw new KdeployError('image-not-found', `${what} has no image in it`);
    if (images.every(({ digest }) => digest === first.digest)) return first;
    throw new KdeployError('usage', `${what} has several images in it: ${listed(images)}`, {
      hint: 'say which one, by its name after a colon, or by its digest after an @',
    });
  }
  if (isDigest(wanted)) return images.find(({ digest }) => digest === wanted);
  const reference = referenceOf(wanted)?.withDefaultTag().toString();
  const ways: readonly ((name: string) => boolean)[] = [
    (name) => name === wanted,
    (name) => reference !== undefined && referenceOf(name)?.withDefaultTag().toString() === reference,
    (name) => referenceOf(name)?.tag === wanted,
  ];
  for (const isMeant of ways) {
    const [found, ...others] = images.filter(({ names }) => names.some(isMeant));
    if (found === undefined) continue;
    if (others.every(({ digest }) => digest === found.digest)) return found;
    throw new KdeployError('usage', `${what} stands for several images: ${listed([found, ...others], true)}`, {
      hint: 'say which one by its digest, after an @',
    });
  }
  throw new KdeployError(
    'image-not-found',
    `there is no ${what}; ${path} has ${images.length === 0 ? 'no image in it' : listed(images)}`,
    { hint: 'name one that is in it' },
  );
}

function listed(images: readonly NamedImage[], byDigest = false): string {
  const all = [...new Set(images.flatMap(({ digest, names }) => (byDigest || names.length === 0 ? [digest] : names)))];
  const shown = all.slice(0, MAXIMUM_SHOWN).map((name) => name.slice(0, 300));
  return shown.join(', ') + (all.length > MAXIMUM_SHOWN ? ` and ${all.length - MAXIMUM_SHOWN} more` : '');
}

/** Undefined for a name that is no reference: layouts may call an image anything. */
function referenceOf(name: string): ImageReference | undefined {
  try {
    return parseReference(name);
  } catch (error) {
    if (error instanceof KdeployError) return undefined;
    throw error;
  }
}
