import type { EngineImage, EngineImages } from '../places/engine/images.js';
import { KdeployError } from '../errors.js';
import type { Finding } from '../finding.js';
import type { ImageReference } from '../image/reference.js';
import type { Progress } from '../progress.js';
import type { Publisher } from './publisher.js';
import { refuseSecrets, refuseUntracked, type Allowances } from './refusals.js';

export interface PushRequest extends Allowances {
  /** What to push, each with its tag. */
  readonly references: readonly ImageReference[];
  /** The image that every reference must point to; `undefined` where the user named them. */
  readonly expectedId: string | undefined;
}

export interface PushParts {
  readonly images: Pick<EngineImages, 'find'>;
  readonly publisher: Publisher;
  /** What is known to be in the image that nobody should read (src/scan/known-secrets.ts). */
  readonly secretsIn: (image: EngineImage) => Promise<readonly Finding[]>;
}

export interface PushedImage {
  /** `registry/name:tag`. */
  readonly tag: string;
  /** `sha256:…`. */
  readonly digest: string;
  /** `registry/name@sha256:…`: what a deployment should name. */
  readonly reference: string;
}

/**
 * Pushes images under their tags, one after the other. Everything is looked at before anything is sent: an image that
 * is not there, not baked, or no longer the one that was built stops the push while the registry is still untouched.
 * An engine pushes by name, so it is made sure of each tag before and after that it names the image that was checked.
 */
export async function pushImages(
  parts: PushParts,
  request: PushRequest,
  progress: Progress,
  signal: AbortSignal,
): Promise<PushedImage[]> {
  const references = eachOnce(request.references);
  const checked: { readonly reference: ImageReference; readonly id: string }[] = [];
  for (const reference of references) {
    const image = await requirePushable(parts, reference, request, progress);
    // One image under several tags has its secrets once.
    if (!checked.some(({ id }) => id === image.id))
      refuseSecrets(await parts.secretsIn(image), reference, request, progress);
    checked.push({ reference, id: image.id });
  }
  const pushed: PushedImage[] = [];
  const digests = new Map<string, string>();
  for (const { reference, id } of checked) {
    const tag = reference.toFamiliarString();
    const digest = await progress.step(`push ${tag}`, async (step) => {
      await requireUnmoved(parts, reference, id);
      const found = await parts.publisher.publish(reference, step, signal);
      await requirePushed(parts, reference, id, found);
      step.result(found);
      return found;
    });
    const sameImage = `${id} ${reference.withoutTag().toString()}`;
    requireOneDigest(reference, digest, digests.get(sameImage) ?? digest);
    digests.set(sameImage, digest);
    pushed.push({ tag, digest, reference: reference.withDigest(digest).toFamiliarString() });
  }
  return pushed;
}

/** What to print: tags of one image have one digest, and so one reference. */
export function referencesOf(pushed: readonly PushedImage[]): string[] {
  return [...new Set(pushed.map(({ reference }) => reference))];
}

/** `app:v1` and `docker.io/library/app:v1` are the same. */
function eachOnce(references: readonly ImageReference[]): ImageReference[] {
  return [...new Map(references.map((reference) => [reference.toString(), reference])).values()];
}

/** Another tag may have taken minutes to push. */
async function requireUnmoved({ images }: PushParts, reference: ImageReference, id: string): Promise<void> {
  const name = reference.toFamiliarString();
  if ((await images.find(name))?.id === id) return;
  throw new KdeployError('push-refused', `the tag ${name} was moved to another image after it was checked`, {
    hint: `it was not pushed; make sure that nothing else moves it, and push again: \`kdeploy push ${name}\``,
  });
}

/** The engine keeps with an image the digests under which it was pushed. */
async function requirePushed(
  { images }: PushParts,
  reference: ImageReference,
  id: string,
  digest: string,
): Promise<void> {
  const name = reference.toFamiliarString();
  const image = await images.find(name);
  const repository = `${reference.withoutTag().toFamiliarString()}@`;
  const known = image?.repoDigests.filter((each) => each.startsWith(repository)) ?? [];
  // Where IDs are digests themselves, an engine may push one platform of an image that has several.
  const isAnother = known.length > 0 && ![digest, id].some((each) => known.includes(`${repository}${each}`));
  if (image?.id === id && !isAnother) return;
  throw new KdeployError('push-failed', `the tag ${name} was moved to another image while it was pushed`, {
    cause: new Error(`the registry has ${digest} under it, which need not be the image that was checked`),
    hint: `push again, which puts the right image under the tag: \`kdeploy push ${name}\``,
  });
}

function requireOneDigest(reference: ImageReference, digest: string, before: string): void {
  if (digest === before) return;
  throw new KdeployError(
    'push-failed',
    `${reference.toFamiliarString()} has the digest ${digest}, and another tag of the same image ${before}`,
    { hint: 'one of them is not the image that was checked: push again' },
  );
}

async function requirePushable(
  { images }: PushParts,
  reference: ImageReference,
  request: PushRequest,
  progress: Progress,
): Promise<EngineImage> {
  const { expectedId } = request;
  const name = reference.toFamiliarString();
  const image = await images.find(name);
  if (image === undefined) {
    throw new KdeployError('image-not-found', `the image ${name} is not on the local Docker Engine`, {
      hint:
        expectedId === undefined
          ? 'build it with `kdeploy build`, or correct the name; to copy an image that is in a registry or in a file, use --to'
          : 'build it with `kdeploy build`',
    });
  }
  if (expectedId !== undefined && image.id !== expectedId) {
    throw new KdeployError('push-refused', `the tag ${name} has moved to another image since \`kdeploy build\``, {
      hint: `build again, or push the current image by name: \`kdeploy push ${name}\``,
    });
  }
  refuseUntracked(image.configuration, reference, request, progress);
  return image;
}
