import { randomBytes } from 'node:crypto';

/** The repository of images that exist only while a build runs. It is not a registry's name, so none can be pushed. */
export const INTERMEDIATE_REPOSITORY = 'kdeploy-intermediate';

/** A name nobody else has: two builds at once never see each other's images and containers. */
export function uniqueName(purpose: string): string {
  return `kdeploy-${purpose}-${randomBytes(6).toString('hex')}`;
}

/** A private tag for an image under construction. */
export function intermediateTag(): string {
  return `${INTERMEDIATE_REPOSITORY}:${randomBytes(8).toString('hex')}`;
}
