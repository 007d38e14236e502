import type { CheckContext } from './context.js';
import { pinnedVersion, specifierOf } from './declarations.js';

/** Which kedro-mlflow the image gets, as far as its keys in mlflow.yml depend on it. */
export interface KedroMlflowVersion {
  /** `0.14.2`; of a range below 0.11, the last version that has the same keys; `undefined`: not known. */
  readonly version: string | undefined;
  /** Up to 0.7, mlflow.yml was flat: no `server`, no `tracking`. */
  readonly isFlat: boolean;
}

export async function kedroMlflowVersion(context: CheckContext): Promise<KedroMlflowVersion> {
  const { installed } = await context.requirements();
  const specifier = specifierOf(installed, 'kedro-mlflow');
  if (specifier === '') return { version: undefined, isFlat: false };
  const { overlap, rangeOf } = await import('../project/python/version-range.js');
  const isBefore = (version: string): boolean => !overlap(rangeOf(specifier), rangeOf(`>=${version}`));
  return {
    version: pinnedVersion(installed, 'kedro-mlflow') ?? (isBefore('0.11') ? '0.10.0' : undefined),
    isFlat: isBefore('0.8'),
  };
}
