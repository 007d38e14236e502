import type { Declaration } from './declaration.js';
import { rangeOf, overlap, type VersionRange } from './version-range.js';

/** What the versions of a package need of others: its own metadata on PyPI, `requires_dist` and `requires_python`. */
export interface Needs {
  readonly package: string;
  /** The versions that need it. */
  readonly versions: string;
  /** By package; `python` is the interpreter. */
  readonly needs: Readonly<Record<string, string>>;
}

/**
 * Read from the metadata of the packages on PyPI (https://pypi.org/project/NAME/VERSION/, "Requires-Dist" and
 * "Requires-Python"), the first and the last version of each row; an integration test reads the metadata again and
 * compares. Where a row's versions do not all need the same, it contains the widest range. Rows of one package follow one
 * another without a gap; of what comes after the last one nothing is known.
 */
export const COMPATIBILITY: readonly Needs[] = [
  {
    package: 'kedro-mlflow',
    versions: '>=0.11.0,<0.11.8',
    needs: { kedro: '>=0.18.1,<0.19.0', mlflow: '>=1.0.0,<2.0.0', python: '>=3.7,<3.11' },
  },
  {
    package: 'kedro-mlflow',
    versions: '>=0.11.8,<0.12.0',
    needs: { kedro: '>=0.18.1,<0.19.0', mlflow: '>=1.0.0,<3.0.0', python: '>=3.7,<3.11' },
  },
  {
    package: 'kedro-mlflow',
    versions: '>=0.12.0,<0.13.0',
    needs: { kedro: '>=0.19.0,<0.20.0', mlflow: '>=1.0.0,<3.0.0', python: '>=3.8,<3.12' },
  },
  {
    package: 'kedro-mlflow',
    versions: '>=0.13.0,<0.13.3',
    needs: { kedro: '>=0.19.0,<0.20.0', mlflow: '>=1.29.0,<3.0.0', python: '>=3.8,<3.12' },
  },
  {
    package: 'kedro-mlflow',
    versions: '>=0.13.3,<0.14.0',
    needs: { kedro: '>=0.19.0,<0.20.0', mlflow: '>=1.29.0,<3.0.0', python: '>=3.9' },
  },
  {
    package: 'kedro-mlflow',
    versions: '>=0.14.0,<1.0.0',
    needs: { kedro: '>=0.19.0,<0.20.0', mlflow: '>=2.7.0,<3.0.0', python: '>=3.9' },
  },
  {
    package: 'kedro-mlflow',
    versions: '>=1.0.0,<2.0.0',
    needs: { kedro: '>=1.0.0,<2.0.0', mlflow: '>=2.7.0,<3.0.0', python: '>=3.10' },
  },
  {
    package: 'kedro-mlflow',
    versions: '>=2.0.0,<3.0.0',
    needs: { kedro: '>=1.0.0,<2.0.0', mlflow: '>=3.0.0,<4.0.0', python: '>=3.10' },
  },
  { package: 'kedro', versions: '>=0.18.14,<0.19.0', needs: { python: '>=3.7' } },
  { package: 'kedro', versions: '>=0.19.0,<1.0.0', needs: { python: '>=3.8' } },
  { package: 'kedro', versions: '>=1.0.0,<1.1.0', needs: { python: '>=3.9' } },
  { package: 'kedro', versions: '>=1.1.0,<2.0.0', needs: { python: '>=3.10' } },
  { package: 'mlflow', versions: '>=2.7.0,<3.0.0', needs: { python: '>=3.8' } },
  { package: 'mlflow', versions: '>=3.0.0,<4.0.0', needs: { python: '>=3.9' } },
  { package: 'kedro-datasets', versions: '>=2.1.0,<5.0.0', needs: { kedro: '>=0.19', python: '>=3.9' } },
  { package: 'kedro-datasets', versions: '>=5.0.0,<8.0.0', needs: { kedro: '>=0.19.7', python: '>=3.10' } },
  { package: 'kedro-datasets', versions: '>=8.0.0,<10.0.0', needs: { kedro: '>=1.0.0rc1,<2.0.0', python: '>=3.10' } },
];

/** Two packages, or more, that cannot be installed together, whatever else is chosen. */
export interface Conflict {
  /** The package whose needs are not met. */
  readonly declaration: Declaration;
  /** `kedro >=1.0.0,<2.0.0`; more than one where one row is left; empty when each row fails for another reason. */
  readonly needs: readonly { readonly name: string; readonly specifier: string }[];
  /** What is asked for instead. */
  readonly asked: readonly { readonly name: string; readonly specifier: string }[];
  /** False when a version that is not in the table could fit. */
  readonly isCertain: boolean;
}

/**
 * What of the installed packages cannot work together. Only what no version inside the given limits can meet is
 * reported: a package without limits fits everything.
 *
 * @param pythonVersion `3.11` or `3.11.4`; `undefined` fits everything.
 */
export function conflictsAmong(
  installed: readonly Declaration[],
  pythonVersion: string | undefined,
  table: readonly Needs[] = COMPATIBILITY,
): Conflict[] {
  const asked = askedFor(installed, pythonVersion);
  const found: Conflict[] = [];
  for (const name of new Set(table.map((row) => row.package))) {
    const declaration = installed.find(
      (each) => each.name === name && !each.isConstraint && isCertain(each, pythonVersion),
    );
    const wanted = rangeOf(asked.get(name) ?? '');
    if (declaration === undefined) continue;
    const rows = table.filter((row) => row.package === name);
    const possible = rows.filter(({ versions }) => overlap(rangeOf(versions), wanted));
    // Older than the table, or pinned to what is newer: nothing is known of it.
    if (possible.length === 0 || isBefore(rows, wanted)) continue;
    const unmet = possible.map(({ needs }) =>
      Object.entries(needs).filter(([other, specifier]) => !isMet(asked.get(other), specifier)),
    );
    if (unmet.some((each) => each.length === 0)) continue;
    const involved = [...new Set(unmet.flat().map(([other]) => other))];
    const [only] = unmet;
    found.push({
      declaration,
      needs: unmet.length === 1 ? (only ?? []).map(([other, specifier]) => ({ name: other, specifier })) : [],
      asked: involved.map((other) => ({ name: other, specifier: asked.get(other) ?? '' })),
      isCertain: !overlap(afterTable(rows), wanted),
    });
  }
  return found;
}

/** Where the Python is not known, a marker may exclude the line. */
function isCertain({ applies, group, marker }: Declaration, pythonVersion: string | undefined): boolean {
  return applies && group === undefined && (marker === undefined || pythonVersion !== undefined);
}

/** All limits on each package, requirements and constraints together. */
function askedFor(installed: readonly Declaration[], pythonVersion: string | undefined): Map<string, string> {
  const asked = new Map<string, string>();
  for (const declaration of installed) {
    if (!isCertain(declaration, pythonVersion) || declaration.specifier === '') continue;
    const known = asked.get(declaration.name);
    asked.set(declaration.name, known === undefined ? declaration.specifier : `${known},${declaration.specifier}`);
  }
  if (pythonVersion !== undefined) {
    const [major = '', minor, patch] = pythonVersion.split('.');
    const isWhole = minor !== undefined && patch === undefined;
    asked.set('python', isWhole ? `>=${pythonVersion},<${major}.${Number(minor) + 1}` : `==${pythonVersion}`);
  }
  return asked;
}

function isMet(asked: string | undefined, needed: string): boolean {
  return asked === undefined || overlap(rangeOf(asked), rangeOf(needed));
}

function isBefore(rows: readonly Needs[], wanted: VersionRange): boolean {
  const { lowest } = rangeOf(rows[0]?.versions ?? '');
  if (lowest === undefined) return false;
  return overlap({ highest: { version: lowest.version, isIncluded: false } }, wanted);
}

function afterTable(rows: readonly Needs[]): VersionRange {
  const { highest } = rangeOf(rows.at(-1)?.versions ?? '');
  return highest === undefined ? {} : { lowest: { version: highest.version, isIncluded: true } };
}
