import type { EngineImages } from '../places/engine/images.js';
import { KdeployError, messageOf } from '../errors.js';

export interface TargetTag {
  readonly repository: string;
  readonly tag: string;
}

interface MovedTag extends TargetTag {
  readonly name: string;
  /** The image that it named before. */
  readonly previous: string | undefined;
}

type Images = Pick<EngineImages, 'find' | 'tag' | 'remove'>;

/** Tags that could not be put back where they were. */
export class TagsAstrayError extends KdeployError {
  constructor(
    failure: unknown,
    /** `app:v1 is not known to name sha256:… as before`. */
    readonly state: string,
    hint: string,
  ) {
    const { code, message } =
      failure instanceof KdeployError ? failure : new KdeployError('build-failed', messageOf(failure));
    super(code, `${message}; ${state}`, { cause: failure, hint });
  }
}

/**
 * Moves the tags to an image, one after the other, and reads each back. When one cannot be moved, they all go back to
 * where they were, that one too: an engine may have moved it and lost its connection before it said so.
 * Throws what failed, or TagsAstrayError with what is so where a tag could not be put back.
 */
export async function moveTags(images: Images, id: string, targets: readonly TargetTag[]): Promise<void> {
  const touched: MovedTag[] = [];
  try {
    for (const { repository, tag } of targets) {
      const name = `${repository}:${tag}`;
      touched.unshift({ repository, tag, name, previous: (await images.find(name))?.id });
      await images.tag(id, repository, tag);
      if ((await images.find(name))?.id !== id) throw lostTag(name);
    }
  } catch (error) {
    const astray: MovedTag[] = [];
    for (const moved of touched) if (!(await isPutBack(images, moved))) astray.push(moved);
    if (astray.length === 0) throw error;
    throw new TagsAstrayError(
      error,
      astray.map(stateOf).join('; '),
      `put it back: ${astray.map(commandFor).join('; ')}`,
    );
  }
}

/** Twice, for a connection that was cut says nothing about the next one. */
async function isPutBack(images: Images, moved: MovedTag): Promise<boolean> {
  return (await tryPutBack(images, moved)) || tryPutBack(images, moved);
}

async function tryPutBack(images: Images, { repository, tag, name, previous }: MovedTag): Promise<boolean> {
  try {
    if ((await images.find(name))?.id === previous) return true;
    await (previous === undefined ? images.remove(name) : images.tag(previous, repository, tag));
    return (await images.find(name))?.id === previous;
  } catch {
    return false;
  }
}

function stateOf({ name, previous }: MovedTag): string {
  return previous === undefined
    ? `${name}, which did not exist before, may name the new image`
    : `${name} may no longer name ${previous}, as before`;
}

function commandFor({ name, previous }: MovedTag): string {
  return previous === undefined ? `\`docker rmi ${name}\`` : `\`docker tag ${previous} ${name}\``;
}

function lostTag(name: string): KdeployError {
  return new KdeployError('build-failed', `${name} was tagged, but names another image afterwards`, {
    hint: 'something else moved the tag at the same time; build again',
  });
}
