import { VERSION_VARIABLES, type MarkerComparison, type MarkerOperand, type MarkerTree } from './marker-parser.js';
import { normaliseName } from './name.js';
import type { Marker } from './requirement.js';
import { isVersionClause } from './version-clause.js';

/** What is known of the Python that will run in the image. */
export interface PythonEnvironment {
  /** `3.11` or `3.11.4`; unknown when the base image does not tell. */
  readonly pythonVersion?: string;
  /** `linux/amd64`. */
  readonly platform?: string;
  /** `requires-python` of the project, which limits what a Python that is not known can be. */
  readonly requiresPython?: string;
}

/** The Pythons that versions of Kedro and kedro-mlflow exist for, with room for the next one. */
const POSSIBLE_PYTHONS = Array.from({ length: 10 }, (_, index) => `3.${index + 6}`);

/** What the lock files of uv, Poetry and PDM ask beside it: which extras and dependency groups are installed. */
export interface Selection {
  readonly extras?: readonly string[];
  readonly groups?: readonly string[];
}

/**
 * Whether a requirement with this marker is installed in the image: images are Linux with CPython. Where the Python of the
 * base image is not known, it is asked for each that is possible: what none of them meets is not installed. Everything
 * else that is not known counts as met, so that nobody is told of a defect that is none.
 */
export async function markerApplies(
  marker: Marker | undefined,
  environment: PythonEnvironment,
  selection: Selection = {},
): Promise<boolean> {
  if (marker === undefined) return true;
  const { satisfies } = await import('./pep440.js');
  return possibleEnvironments().some((possible) => evaluate(marker.tree, variablesOf(possible)) ?? true);

  function possibleEnvironments(): PythonEnvironment[] {
    if (environment.pythonVersion !== undefined) return [environment];
    const { requiresPython } = environment;
    const allowed = POSSIBLE_PYTHONS.filter(
      (version) => requiresPython === undefined || satisfies(`${version}.99`, requiresPython),
    );
    return (allowed.length === 0 ? POSSIBLE_PYTHONS : allowed).map((pythonVersion) => ({
      ...environment,
      pythonVersion,
    }));
  }

  /** Kleene's three values: `undefined` is "not known". */
  function evaluate(tree: MarkerTree, variables: Variables): boolean | undefined {
    if (tree.kind === 'comparison') return evaluateComparison(tree, variables);
    const decisive = tree.kind === 'or';
    let result: boolean | undefined = !decisive;
    for (const part of tree.parts) {
      const value = evaluate(part, variables);
      if (value === decisive) return decisive;
      if (value === undefined) result = undefined;
    }
    return result;
  }

  function evaluateComparison({ left, operator, right }: MarkerComparison, variables: Variables): boolean | undefined {
    const variable = left.kind === 'variable' ? left.value : right.value;
    if (variable === 'extra') return evaluateExtra(left.kind === 'text' ? left : right, operator);
    if (variable === 'extras') return isMember(selection.extras, left.value, operator);
    if (variable === 'dependency_groups') return isMember(selection.groups, left.value, operator);
    // A variable on the right of a variable counts as the text of its name (packaging/markers.py).
    const a = left.kind === 'variable' ? variables[left.value] : left.value;
    const b = left.kind === 'variable' ? right.value : variables[right.value];
    if (a === undefined || b === undefined) return undefined;
    if (operator === 'in') return b.includes(a);
    if (operator === 'not in') return !b.includes(a);
    return VERSION_VARIABLES.has(variable) ? compareVersions(a, operator, b) : compareTexts(a, operator, b);
  }

  /** In a requirements file it is empty; Poetry's lock asks `extra == "x"` of those that were asked for. */
  function evaluateExtra({ value }: MarkerOperand, operator: string): boolean | undefined {
    const extras = selection.extras ?? [];
    if (extras.length === 0) return compareTexts('', operator, normaliseName(value));
    return operator === '!=' ? !isMember(extras, value, 'in') : isMember(extras, value, 'in');
  }

  function compareVersions(a: string, operator: string, b: string): boolean | undefined {
    if (operator === '===') return a.toLowerCase() === b.trim().toLowerCase();
    if (!isVersionClause(`${operator}${b}`)) return compareTexts(a, operator, b);
    // A text that is not a version fits no comparison of versions, not even `!=`.
    return satisfies(a, `${operator}${b}`, { prereleases: true });
  }
}

function compareTexts(a: string, operator: string, b: string): boolean | undefined {
  switch (operator) {
    case '==':
    case '===':
    case '<=':
    case '>=':
      return a === b;
    case '!=':
      return a !== b;
    case '<':
    case '>':
      return false;
    case 'in':
      return b.includes(a);
    case 'not in':
      return !b.includes(a);
    default:
      return undefined;
  }
}

function isMember(names: readonly string[] | undefined, name: string, operator: string): boolean | undefined {
  if (names === undefined) return undefined;
  const isIn = names.map(normaliseName).includes(normaliseName(name));
  return operator === 'not in' ? !isIn : isIn;
}

const MACHINES: Readonly<Record<string, string>> = {
  amd64: 'x86_64',
  arm64: 'aarch64',
  '386': 'i686',
  ppc64le: 'ppc64le',
  s390x: 's390x',
};

type Variables = Readonly<Record<string, string | undefined>>;

function variablesOf({ pythonVersion, platform }: PythonEnvironment): Variables {
  const [major, minor, patch] = (pythonVersion ?? '').split('.');
  const short = major !== undefined && minor !== undefined ? `${major}.${minor}` : undefined;
  const full = short !== undefined && patch !== undefined ? pythonVersion : undefined;
  const machine = MACHINES[(platform ?? '').split('/')[1] ?? ''];
  return {
    python_version: short,
    // Of `python:3.11-slim` the patch is not known; .99 answers every question but one about a single patch release.
    python_full_version: full ?? (short === undefined ? undefined : `${short}.99`),
    os_name: 'posix',
    sys_platform: 'linux',
    platform_system: 'Linux',
    platform_machine: machine,
    platform_python_implementation: 'CPython',
    implementation_name: 'cpython',
    implementation_version: full,
    platform_release: undefined,
    platform_version: undefined,
  };
}
