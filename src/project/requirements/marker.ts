import type { EnvironmentMarker, EnvironmentMarkerLeaf, EnvironmentMarkerNode } from 'pip-requirements-js';
import type { Marker } from './requirement.js';

/** What is known of the Python that will run in the image. */
export interface PythonEnvironment {
  /** `3.11` or `3.11.4`; unknown when the base image does not tell. */
  readonly pythonVersion?: string;
  /** `linux/amd64`. */
  readonly platform?: string;
}

/**
 * Whether a requirement with this marker is installed in the image: images are Linux with CPython. What is not known
 * (the Python version of a private base image) counts as met, so that nobody is told of a defect that is none.
 */
export async function markerApplies(marker: Marker | undefined, environment: PythonEnvironment): Promise<boolean> {
  if (marker === undefined) return true;
  const { satisfies, valid } = await import('@renovatebot/pep440');
  const variables = variablesOf(environment);
  return evaluate(marker.tree) ?? true;

  /** Kleene's three values: `undefined` is "not known". */
  function evaluate(tree: EnvironmentMarker): boolean | undefined {
    if (!isNode(tree)) return evaluateLeaf(tree);
    const left = evaluate(tree.left);
    const right = evaluate(tree.right);
    const decisive = tree.operator === 'or';
    if (left === decisive || right === decisive) return decisive;
    return left === undefined || right === undefined ? undefined : !decisive;
  }

  function evaluateLeaf({ left, operator, right }: EnvironmentMarkerLeaf): boolean | undefined {
    const [a, b] = [valueOf(left), valueOf(right)];
    if (a === undefined || b === undefined) return undefined;
    const words: string = operator.replace(/\s+/g, ' ');
    if (words === 'in') return b.includes(a);
    if (words === 'not in') return !b.includes(a);
    return compare(a, words, b);
  }

  /** PEP 508: a version comparison where the right side makes a specifier, else a comparison of text. */
  function compare(a: string, operator: string, b: string): boolean | undefined {
    if (valid(a) !== null && (valid(b) !== null || /^\d+(\.\d+)*\.\*$/.test(b))) {
      return satisfies(a, `${operator}${b}`, { prereleases: true });
    }
    switch (operator) {
      case '==':
      case '===':
        return a === b;
      case '!=':
        return a !== b;
      case '<':
        return a < b;
      case '<=':
        return a <= b;
      case '>':
        return a > b;
      case '>=':
        return a >= b;
      default:
        return undefined;
    }
  }

  function valueOf(operand: string): string | undefined {
    const quoted = /^(["'])(.*)\1$/s.exec(operand);
    return quoted ? quoted[2] : variables[operand];
  }
}

function isNode(tree: EnvironmentMarker): tree is EnvironmentMarkerNode {
  return tree.operator === 'and' || tree.operator === 'or';
}

const MACHINES: Readonly<Record<string, string>> = {
  amd64: 'x86_64',
  arm64: 'aarch64',
  '386': 'i686',
  ppc64le: 'ppc64le',
  s390x: 's390x',
};

function variablesOf({ pythonVersion, platform }: PythonEnvironment): Readonly<Record<string, string | undefined>> {
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
    extra: '',
  };
}
