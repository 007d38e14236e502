import { bakedRuntime } from '../bake/baked-tracking.js';
import type { GitRepository } from '../git/repository.js';
import { planBake, type BakedTracking, type BakePlan } from '../image/bake-plan.js';
import type { RunConfiguration } from '../image/run-configuration.js';
import type { BuildProjectOptions } from './build-project.js';
import { originOf } from './origin.js';

/** What of an image that was built its bake depends on. */
export interface BuiltParts {
  readonly image: RunConfiguration;
  readonly tracking: BakedTracking | undefined;
  readonly repository: GitRepository | undefined;
  readonly imageName: string | undefined;
  readonly isSelfTested: boolean;
  readonly baseName: string | undefined;
  readonly baseDigest: string | undefined;
  /** RFC 3339. */
  readonly created: string;
}

/** The bake of an image that was built now, by whatever builder. Throws what `planBake` throws. */
export async function planOfBuild(
  options: Pick<BuildProjectOptions, 'model' | 'env' | 'isDefaultEnv' | 'confSource' | 'kdeployVersion'>,
  { image, tracking, repository, imageName, isSelfTested, baseName, baseDigest, created }: BuiltParts,
): Promise<BakePlan> {
  const { model, env, isDefaultEnv, confSource, kdeployVersion } = options;
  return planBake({
    ...{ image, kdeployVersion, env, tracking, imageName, isSelfTested },
    ...(isDefaultEnv === undefined ? {} : { isDefaultEnv }),
    ...(confSource === undefined ? {} : { confSource }),
    ...(tracking === undefined && { untracked: await bakedRuntime(kdeployVersion) }),
    origin: originOf({ project: model.project, repository, baseName, baseDigest, created }),
  });
}
