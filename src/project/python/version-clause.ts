const RELEASE = String.raw`\s*v?(?:[0-9]+!)?[0-9]+`;
const PRE = String.raw`(?:[-_.]?(?:alpha|beta|preview|pre|a|b|c|rc)[-_.]?[0-9]*)?`;
const POST = String.raw`(?:-[0-9]+|[-_.]?(?:post|rev|r)[-_.]?[0-9]*)?`;
const DEVELOPMENT = String.raw`(?:[-_.]?dev[-_.]?[0-9]*)?`;
const LOCAL = String.raw`(?:\+[a-z0-9]+(?:[-_.][a-z0-9]+)*)?`;

/** One comparison with a version: PEP 440, as packaging/specifiers.py has it; which suffixes are allowed depends on the operator. */
export const VERSION_CLAUSE = new RegExp(
  [
    String.raw`===\s*[^\s;)]*`,
    String.raw`(?:==|!=)${RELEASE}(?:\.[0-9]+)*(?:\.\*|${PRE}${POST}${DEVELOPMENT}${LOCAL})`,
    String.raw`~=${RELEASE}(?:\.[0-9]+)+${PRE}${POST}${DEVELOPMENT}`,
    String.raw`(?:<=|>=|<|>)${RELEASE}(?:\.[0-9]+)*${PRE}${POST}${DEVELOPMENT}`,
  ].join('|'),
  'iy',
);

/** `>=1.0`, `==2.*`; one comparison with a version of PEP 440. */
export function isVersionClause(text: string): boolean {
  VERSION_CLAUSE.lastIndex = 0;
  return VERSION_CLAUSE.exec(text)?.[0].length === text.trimEnd().length;
}
