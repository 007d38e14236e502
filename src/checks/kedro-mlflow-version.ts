import type { CheckContext } from './context.js';
import { isInstalled, pinnedVersion, specifierOf } from './declarations.js';

/** Which kedro-mlflow the image gets, as far as its keys in mlflow.yml depend on it. */
export interface KedroMlflowVersion {
  /**
   * `0.14.2`; where it is not pinned, the last version that what is required beside it allows: `0.11.9999` with Kedro 0.18;
   * of a range below 0.11, the last version that has the same keys. `undefined`: nothing limits it.
   */
  readonly version: string | undefined;
  /** Up to 0.7, mlflow.yml was flat: no `server`, no `tracking`. */
  readonly isFlat: boolean;
}

export async function kedroMlflowVersion(context: CheckContext): Promise<KedroMlflowVersion> {
  const { installed } = await context.requirements();
  const specifier = specifierOf(installed, 'kedro-mlflow');
  const { value: dockerfile } = await context.dockerfile();
  const { newestAllowed } = await import('../project/python/compatibility.js');
  const below = isInstalled(installed, 'kedro-mlflow')
    ? newestAllowed('kedro-mlflow', installed, dockerfile?.pythonVersion)?.below
    : undefined;
  const newest = below === undefined ? undefined : lastBefore(below);
  if (specifier === '') return { version: newest, isFlat: false };
  const { overlap, rangeOf } = await import('../project/python/version-range.js');
  const isBefore = (version: string): boolean => !overlap(rangeOf(specifier), rangeOf(`>=${version}`));
  return {
    version: pinnedVersion(installed, 'kedro-mlflow') ?? (isBefore('0.11') ? '0.10.0' : newest),
    isFlat: isBefore('0.8'),
  };
}

/** `0.12.0` → `0.11.9999`, `1.0.0` → `0.9999`: what no release reaches. */
function lastBefore(version: string): string {
  const numbers = version.split('.').map(Number);
  const at = numbers.findLastIndex((number) => number > 0);
  return [...numbers.slice(0, at), (numbers[at] ?? 1) - 1, '9999'].join('.');
}
