import { afterRelease } from '../python/pep440.js';
import { overlap, rangeOf } from '../python/version-range.js';

/**
 * The versions of Kedro that start a project made with `initVersion`, as a specifier: Kedro 1 compares the first number
 * of kedro_init_version with its own, Kedro before 1 the first two (kedro/framework/startup.py: _get_project_metadata).
 * `undefined` for text that is not a version, about which nothing is said.
 */
export function startableVersions(initVersion: string): string | undefined {
  const [, major, minor] = /^(\d+)(?:\.(\d+))?(?:\.|$)/.exec(initVersion) ?? [];
  if (major === undefined) return undefined;
  if (major !== '0') return `>=${major},<${afterRelease([major], 0)}`;
  return minor === undefined ? undefined : `>=0.${minor},<${afterRelease(['0', minor], 1)}`;
}

/** Whether no version of Kedro that `specifier` allows would start the project. `false` where that is not certain. */
export function isRefused(initVersion: string, specifier: string): boolean {
  // `==1.0.0rc1` starts a project of 1.0; `<1` means no 1.0.0rc1.
  const versions = startableVersions(initVersion)?.replace(/^>=[\d.]+/, (from) =>
    /\d(?:a|b|rc|\.?dev)\d/i.test(specifier) ? `${from}.dev0` : from,
  );
  return versions !== undefined && !overlap(rangeOf(specifier), rangeOf(versions));
}
