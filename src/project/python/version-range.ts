import { compareVersions, endOfPrefix, isVersion } from './pep440.js';

/** The versions between two ends; an end that is `undefined` is open. */
export interface VersionRange {
  readonly lowest?: VersionEnd;
  readonly highest?: VersionEnd;
}

interface VersionEnd {
  readonly version: string;
  readonly isIncluded: boolean;
}

/** `>=1.0,<2`, as far as it has ends: `!=` and `===` with nonsense change nothing, so a range contains what pip allows or more. */
export function rangeOf(specifier: string): VersionRange {
  return specifier
    .split(',')
    .map((clause) => rangeOfClause(clause.trim()))
    .reduce((all, next) => intersection(all, next), {});
}

/** Whether a version can lie in both. `false` is certain; `true` may be too hopeful. */
export function overlap(a: VersionRange, b: VersionRange): boolean {
  const { lowest, highest } = intersection(a, b);
  if (lowest === undefined || highest === undefined) return true;
  const order = compareVersions(lowest.version, highest.version);
  return order < 0 || (order === 0 && lowest.isIncluded && highest.isIncluded);
}

function intersection(a: VersionRange, b: VersionRange): VersionRange {
  const lowest = stricter(a.lowest, b.lowest, 1);
  const highest = stricter(a.highest, b.highest, -1);
  return { ...(lowest === undefined ? {} : { lowest }), ...(highest === undefined ? {} : { highest }) };
}

/** The later of two lower ends (`direction` 1), the earlier of two upper ends (-1). */
function stricter(a: VersionEnd | undefined, b: VersionEnd | undefined, direction: 1 | -1): VersionEnd | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  const order = compareVersions(a.version, b.version) * direction;
  if (order === 0) return a.isIncluded ? b : a;
  return order > 0 ? a : b;
}

function rangeOfClause(clause: string): VersionRange {
  const [, operator = '', written = ''] = /^(===|==|~=|<=|>=|<|>)\s*(.*)$/.exec(clause) ?? [];
  const isPrefix = operator === '==' && written.endsWith('.*');
  const version = isPrefix ? written.slice(0, -2) : written;
  if (!isVersion(version)) return {};
  switch (operator) {
    case '>=':
      return { lowest: { version, isIncluded: true } };
    case '>':
      return { lowest: { version: lastOf(version), isIncluded: false } };
    case '<=':
      return { highest: { version: lastOf(version), isIncluded: true } };
    case '<':
      return { highest: { version, isIncluded: false } };
    case '~=':
      return {
        lowest: { version, isIncluded: true },
        highest: { version: endOfPrefix(version, 1), isIncluded: false },
      };
    default:
      if (isPrefix)
        return {
          lowest: { version: `${version}.dev0`, isIncluded: true },
          highest: { version: endOfPrefix(version), isIncluded: false },
        };
      return {
        lowest: { version, isIncluded: true },
        highest: { version: lastOf(version), isIncluded: true },
      };
  }
}

/** `<=1.0` and `==1.0` allow 1.0+local, which comes after 1.0, and `>1.0` does not; in local versions numbers come last. */
function lastOf(version: string): string {
  return version.includes('+') ? version : `${version}+999999999999`;
}
