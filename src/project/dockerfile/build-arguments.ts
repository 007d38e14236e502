import { currentOwner, imageOwner } from './image-owner.js';

export interface BuildArgumentsGiven {
  /** `null`: as kedro docker chooses. */
  readonly uid: number | null;
  readonly gid: number | null;
  readonly baseImage: string | undefined;
  /** The user's own; `null`: from the environment variable of that name. */
  readonly args: Readonly<Record<string, string | null>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * Every `--build-arg` of a build: those that kedro docker passes, then the user's own. The checks read the Dockerfile with
 * the same ones that the build sends, so both see the same base image. A name whose variable is not set is left out;
 * the build refuses it.
 */
export function buildArguments(
  { uid, gid, baseImage, args, environment }: BuildArgumentsGiven,
  current = currentOwner(),
): Record<string, string> {
  const owner = imageOwner({ uid, gid }, current);
  const own = Object.entries(args).map(([name, value]) => [name, value ?? environment[name]] as const);
  return {
    KEDRO_UID: String(owner.uid),
    KEDRO_GID: String(owner.gid),
    ...(baseImage !== undefined && { BASE_IMAGE: baseImage }),
    ...Object.fromEntries(own.filter((entry): entry is readonly [string, string] => entry[1] !== undefined)),
  };
}
