import type { BaseDistribution, BaseFacts } from './base-facts.js';
import type { VenvOptions } from './venv.js';

/** What becomes of the packages that the base brings, in an image with an environment of its own. */
export interface BasePackages {
  /** Those that the project cannot import any more, and that are not in the lock. */
  readonly hidden: readonly BaseDistribution[];
  /** Those of which the lock has a version, too: the lock's is imported. */
  readonly replaced: readonly BaseDistribution[];
}

/** More names than these say no more. */
const NAMES = 10;

/** `locked`: normalised names (PEP 503). Tools that install packages do not count: nobody misses them. */
export function basePackages(
  { distributions }: Pick<BaseFacts, 'distributions'>,
  locked: ReadonlySet<string>,
  { hasSystemPackages }: VenvOptions,
): BasePackages {
  const packages = distributions.filter(({ isTool }) => !isTool);
  return {
    hidden: packages.filter(({ name, isSystem }) => !locked.has(name) && !(hasSystemPackages && isSystem)),
    replaced: packages.filter(({ name }) => locked.has(name)),
  };
}

/** A sentence for either, where there is something to say. */
export function basePackageNotes({ hidden, replaced }: BasePackages): string[] {
  return [
    ...(hidden.length === 0 ? [] : [`packages of the base image that the project will not find: ${listed(hidden)}`]),
    ...(replaced.length === 0
      ? []
      : [`packages of the base image that the project's own versions replace: ${listed(replaced)}`]),
  ];
}

function listed(distributions: readonly BaseDistribution[]): string {
  const names = distributions.slice(0, NAMES).map(({ name, version }) => `${name} ${version}`);
  const rest = distributions.length - names.length;
  return rest === 0 ? names.join(', ') : `${names.join(', ')} and ${rest} more`;
}
