import type { Declaration } from './declaration.js';
import { endOfPrefix } from './pep440.js';
import { rangeOf, overlap, type VersionRange } from './version-range.js';

/** What the versions of a package need of others: its own metadata on PyPI, `requires_dist` and `requires_python`. */
export interface Needs {
  readonly package: string;
  /** The versions that need it. */
  readonly versions: string;
  /** By package; `python` is the interpreter. */
  readonly needs: Readonly<Record<string, string>>;
  /** What the metadata does not say: pip installs them with others, and every run fails. */
  readonly runs?: RunNeeds;
}

interface RunNeeds {
  readonly with: Readonly<Record<string, string>>;
  readonly because: string;
  readonly remedy: string;
}

/**
 * Kedro 1.2 replaced the run parameter `pipeline_name` by `pipeline_names` (kedro/framework/session/session.py); the
 * hook of kedro-mlflow reads either since 2.0.2 (kedro_mlflow/framework/hooks/mlflow_hook.py). Runs with 1.0.2 and
 * Kedro 1.2.0, and with 2.0.1 and 1.7.0, end with `KeyError: 'pipeline_name'`.
 */
const PIPELINE_NAME: RunNeeds = {
  with: { kedro: '>=1.0.0,<1.2.0' },
  because: 'kedro-mlflow before 2.0.2 reads a run parameter that Kedro 1.2 renamed',
  remedy: 'require kedro-mlflow>=2.0.2 (which needs MLflow 3), or kedro<1.2',
};

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
    runs: PIPELINE_NAME,
  },
  {
    package: 'kedro-mlflow',
    versions: '>=2.0.0,<2.0.2',
    needs: { kedro: '>=1.0.0,<2.0.0', mlflow: '>=3.0.0,<4.0.0', python: '>=3.10' },
    runs: PIPELINE_NAME,
  },
  {
    package: 'kedro-mlflow',
    versions: '>=2.0.2,<3.0.0',
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

/** Two packages, or more, that cannot be installed together, or not be run together, whatever else is chosen. */
export interface Conflict {
  /** The package whose needs are not met. */
  readonly declaration: Declaration;
  /** `kedro >=1.0.0,<2.0.0`; empty when each row fails for another reason. */
  readonly needs: readonly { readonly name: string; readonly specifier: string }[];
  /** What is asked for instead. */
  readonly asked: readonly { readonly name: string; readonly specifier: string }[];
  /** False when a version that is not in the table could fit, or one that pip will not choose. */
  readonly isCertain: boolean;
  /** Where they can be installed together, why they cannot be run. */
  readonly runs?: RunNeeds;
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
  const asked = askedFor(installed, pythonVersion, table);
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
    const installable = possible.filter((_, index) => unmet[index]?.length === 0);
    if (installable.length > 0) {
      const conflict = runConflict(declaration, installable, asked);
      if (conflict !== undefined)
        found.push({ ...conflict, isCertain: conflict.isCertain && !overlap(afterTable(rows), wanted) });
      continue;
    }
    const involved = [...new Set(unmet.flat().map(([other]) => other))];
    const [only] = new Set(unmet.map((each) => JSON.stringify(each))).size === 1 ? unmet : [];
    found.push({
      declaration,
      needs: (only ?? []).map(([other, specifier]) => ({ name: other, specifier })),
      asked: involved.map((other) => ({ name: other, specifier: asked.get(other) ?? '' })),
      isCertain: !overlap(afterTable(rows), wanted),
    });
  }
  return found;
}

/**
 * The versions of a package that pip can choose from, as the end of the newest row that fits everything else that is asked
 * for: an unpinned kedro-mlflow beside `kedro~=0.18.0` is not the newest, but below 0.12. `undefined`: that end is open.
 */
export function newestAllowed(
  name: string,
  installed: readonly Declaration[],
  pythonVersion: string | undefined,
  table: readonly Needs[] = COMPATIBILITY,
): { readonly below: string } | undefined {
  const asked = askedFor(installed, pythonVersion, table);
  const rows = table.filter((row) => row.package === name);
  const wanted = rangeOf(asked.get(name) ?? '');
  const newest = rows.findLast(
    ({ versions, needs }) =>
      overlap(rangeOf(versions), wanted) &&
      Object.entries(needs).every(([other, specifier]) => isMet(asked.get(other), specifier)),
  );
  const { highest } = rangeOf(newest?.versions ?? '');
  return newest === undefined || newest === rows.at(-1) || highest === undefined
    ? undefined
    : { below: highest.version };
}

/** pip chooses the newest version that is allowed, so limits that only include one that works are no help. */
function runConflict(
  declaration: Declaration,
  rows: readonly Needs[],
  asked: ReadonlyMap<string, string>,
): Conflict | undefined {
  const failing = rows.flatMap(({ runs }) => runs ?? []);
  const [first] = failing;
  if (first === undefined || failing.length < rows.length) return undefined;
  const tooNew = Object.entries(first.with).filter(([name, works]) =>
    overlap(after(works), rangeOf(asked.get(name) ?? '')),
  );
  if (tooNew.length === 0) return undefined;
  return {
    declaration,
    needs: tooNew.map(([name, specifier]) => ({ name, specifier })),
    asked: tooNew.map(([name]) => ({ name, specifier: asked.get(name) ?? '' })),
    isCertain: tooNew.some(([name, works]) => !isMet(asked.get(name), works)),
    runs: first,
  };
}

/** Where the Python is not known, a marker may exclude the line. */
function isCertain({ applies, group, marker }: Declaration, pythonVersion: string | undefined): boolean {
  return applies && group === undefined && (marker === undefined || pythonVersion !== undefined);
}

/** All limits on each package, requirements and constraints together. */
function askedFor(
  installed: readonly Declaration[],
  pythonVersion: string | undefined,
  table: readonly Needs[],
): Map<string, string> {
  const asked = new Map<string, string>();
  for (const declaration of installed) {
    const specifier = declaration.isUpgraded === true ? newestOf(declaration, table) : declaration.specifier;
    if (!isCertain(declaration, pythonVersion) || specifier === '') continue;
    const known = asked.get(declaration.name);
    asked.set(declaration.name, known === undefined ? specifier : `${known},${specifier}`);
  }
  if (pythonVersion !== undefined) {
    const isWhole = pythonVersion.split('.').length === 2;
    asked.set('python', isWhole ? `>=${pythonVersion},<${endOfPrefix(pythonVersion)}` : `==${pythonVersion}`);
  }
  return asked;
}

/** An upgrade takes the newest version that the line allows: at least the newest that the table knows of. */
function newestOf({ name, specifier }: Declaration, table: readonly Needs[]): string {
  const rows = table.filter((row) => row.package === name);
  const row = rows.findLast(({ versions }) => overlap(rangeOf(versions), rangeOf(specifier)));
  const lowest = /^>=[^,]+/.exec(row?.versions ?? '')?.[0];
  if (lowest === undefined || !overlap(rangeOf(lowest), rangeOf(specifier))) return specifier;
  return specifier === '' ? lowest : `${specifier},${lowest}`;
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
  return after(rows.at(-1)?.versions ?? '');
}

function after(specifier: string): VersionRange {
  const { highest } = rangeOf(specifier);
  return highest === undefined ? {} : { lowest: { version: highest.version, isIncluded: true } };
}
