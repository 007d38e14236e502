import * as library from '@renovatebot/pep440';

/**
 * Versions of PEP 440, through the one library that reads them. It takes numbers as floating point, and cannot read
 * what it makes of one with 21 digits (`1e+21`) again: so numbers that are too long are given as shorter ones in the same order.
 */
const EXACT_DIGITS = 14;
const FIRST_LONG_NUMBER = 10n ** BigInt(EXACT_DIGITS);

/** Whether a text is a version. */
export function isVersion(text: string): boolean {
  return library.valid(text) !== null;
}

/** Negative, zero or positive, as the first of two versions is before, equal to or after the second. */
export function compareVersions(a: string, b: string): number {
  const shorten = shortened(a, b);
  return library.compare(shorten(a), shorten(b));
}

/** Whether `>=1.0,<2` allows a version. No specifier allows a text that is not a version; what is not a specifier allows none. */
export function satisfies(version: string, specifier: string, options?: { readonly prereleases?: boolean }): boolean {
  if (!isVersion(version)) return false;
  const shorten = shortened(version, specifier);
  return library.satisfies(shorten(version), shorten(specifier), options);
}

/** Whether a text is a specifier such as `>=1.0,<2`. */
export function isSpecifier(text: string): boolean {
  return library.validRange(shortened(text)(text));
}

/** Where the versions that begin like this one end: `1.5` for `1.4`; with `dropped` 1, `1.5` for `1.4.2`, as `~=` counts. */
export function endOfPrefix(version: string, dropped = 0): string {
  const [, epoch = '', release = '0'] = /^v?(\d+!)?(\d+(?:\.\d+)*)/i.exec(version) ?? [];
  const numbers = release.split('.');
  return epoch + afterRelease(numbers, numbers.length - dropped - 1);
}

/** `1.3` for the numbers 1, 2, 3 and the place 1: the first version in which the number at this place is another one. */
export function afterRelease(numbers: readonly string[], place: number): string {
  return [...numbers.slice(0, place), BigInt(numbers[place] ?? 0) + 1n].join('.');
}

/** Gives numbers that are too long their rank instead, the same one in each of the texts. */
function shortened(...texts: readonly string[]): (text: string) => string {
  const found = new Set<string>();
  for (const text of texts) replaceLongNumbers(text, (digits) => (found.add(digits), digits));
  const ranked = [...found].sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  const ranks = new Map(ranked.map((digits, index) => [digits, String(FIRST_LONG_NUMBER + BigInt(index))]));
  return (text) => replaceLongNumbers(text, (digits) => ranks.get(digits) ?? digits);
}

function replaceLongNumbers(text: string, replacement: (digits: string) => string): string {
  const replace = (written: string) => {
    const digits = written.replace(/^0+(?=\d)/, '');
    return digits.length > EXACT_DIGITS ? replacement(digits) : digits;
  };
  // In a local version, digits beside a letter (`+g20240101`) are no number.
  return text.replace(/(\+[^,\s]*)|\d{15,}/g, (found, local: string | undefined) =>
    local === undefined ? replace(found) : local.replace(/(?<=[+._-])\d{15,}(?=$|[._-])/g, replace),
  );
}
