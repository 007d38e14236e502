import type { HistoryStep } from './manifest.js';

/** By this the step that made kdeploy's layer is known in an image's history. Not to be changed: images have it. */
export const BAKE_COMMENT = 'kdeploy: tracking, authentication and labels';

/** The repository of images that exist only while a build runs. Not to be changed either: see `isBakeStep`. */
export const INTERMEDIATE_REPOSITORY = 'kdeploy-intermediate';

/**
 * Whether a step of an image's history is the one that made kdeploy's layer. Docker keeps what a commit is to be described
 * as; Podman (buildah, config.go: "FROM " and the image's name) puts in its place which image was committed, and nothing but
 * kdeploy commits an intermediate one.
 */
export function isBakeStep({ comment = '' }: Pick<HistoryStep, 'comment'>): boolean {
  return comment === BAKE_COMMENT || /^FROM (?:docker\.io\/library\/|localhost\/)?kdeploy-intermediate:/.test(comment);
}
