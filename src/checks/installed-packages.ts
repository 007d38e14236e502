import type { ProjectRequirements } from '../project/python/project-requirements.js';
import { isInstalled } from './declarations.js';

/** What Kedro itself needs; only a list that pip, uv or poetry resolved names all of them. */
const BENEATH_KEDRO = ['omegaconf', 'pluggy', 'dynaconf', 'fsspec'];

/**
 * Whether a package is certain not to be in the image. A list that people write never is: what it names may bring the
 * package along. A resolved one (`pip freeze`, pip-compile) is complete: everything pinned, Kedro's own needs among it.
 */
export function certainlyLacks({ installed, opaque, problems }: ProjectRequirements, name: string): boolean {
  const packages = installed.filter(
    ({ isConstraint, applies, group }) => !isConstraint && applies && group === undefined,
  );
  const isResolved =
    opaque.length === 0 &&
    problems.length === 0 &&
    packages.every(({ specifier }) => /^={2,3}[^*,]+$/.test(specifier)) &&
    BENEATH_KEDRO.every((each) => isInstalled(installed, each));
  return isResolved && !installed.some((declaration) => declaration.name === name);
}
