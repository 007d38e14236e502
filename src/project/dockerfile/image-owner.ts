/** kedro-docker's own default user (its Dockerfile's ARG KEDRO_UID and KEDRO_GID). */
const KEDRO_DOCKER_UID = 999;
const KEDRO_DOCKER_GID = 0;

/**
 * Who owns the project's files in the image: what was asked for, else the current user, as kedro-docker does it (so
 * that a mounted data/ can be written). As root kedro-docker would pass UID 0, and its Dockerfile then fails at the
 * very end with "useradd: UID 0 is not unique"; kedro-docker's own default user takes root's place.
 */
export function imageOwner(
  asked: { readonly uid: number | null; readonly gid: number | null },
  current: { readonly uid: number; readonly gid: number },
): { uid: number; gid: number } {
  const isRoot = current.uid === 0;
  return {
    uid: asked.uid ?? (isRoot ? KEDRO_DOCKER_UID : current.uid),
    gid: asked.gid ?? (isRoot ? KEDRO_DOCKER_GID : current.gid),
  };
}

/** The current user; Windows has none, and there kedro-docker's default serves. */
export function currentOwner(): { uid: number; gid: number } {
  return { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
}
