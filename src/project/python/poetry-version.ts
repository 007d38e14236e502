import { afterRelease } from './pep440.js';

/**
 * Poetry's version syntax as PEP 440 has it: `^1.2` is `>=1.2,<2`, `~1.2` is `>=1.2,<1.3`
 * (python-poetry.org/docs/dependency-specification). Empty, any version, for what PEP 440 cannot say, such as `||`.
 */
export function fromPoetryVersion(text: string): string {
  if (text.includes('|')) return '';
  const clauses = text.match(/[^\s,]+/g) ?? [];
  // `>= 1.0`: the comparison and its version are one.
  const joined = clauses
    .join(' ')
    .replace(/([<>=!~^]) /g, '$1')
    .split(' ');
  const found = joined.filter((clause) => clause !== '').map(fromClause);
  return found.some((clause) => clause === undefined) ? '' : found.filter((clause) => clause !== '').join(',');
}

/** `undefined` for what is not known. */
function fromClause(clause: string): string | undefined {
  if (clause === '*') return '';
  if (/^(?:===|==|!=|<=|>=|<|>|~=)/.test(clause)) return clause;
  const [, operator = '', version = '', numbers = ''] =
    /^([~^]?)v?((\d+(?:\.\d+)*)[\w.+-]*(?:\.\*)?)$/.exec(clause) ?? [];
  if (version === '') return undefined;
  const release = numbers.split('.');
  switch (operator) {
    case '^':
      return `>=${version},<${afterRelease(release, firstThatCounts(release))}`;
    case '~':
      return `>=${version},<${afterRelease(release, Math.min(1, release.length - 1))}`;
    default:
      return `==${version}`;
  }
}

/** The first number that is not zero: `^0.2.3` allows no 0.3. */
function firstThatCounts(release: readonly string[]): number {
  const index = release.findIndex((number) => !/^0*$/.test(number));
  return index < 0 ? release.length - 1 : index;
}
